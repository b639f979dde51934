/** Durations and sizes with their unit in the value: `500ms`, `1m30s`, `256MiB`. */

const DURATION = /^(?:(\d{1,6})h)?(?:(\d{1,6})m(?!s))?(?:(\d{1,9})(?:\.(\d{1,3}))?s)?(?:(\d{1,12})ms)?$/;
const SIZE = /^(\d{1,15})(B|KiB|MiB|GiB|kB|MB|GB)$/;
const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  kB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
};
const PAIRS: readonly (readonly [number, string, number, string])[] = [
  [86_400, 'd', 3600, 'h'],
  [3600, 'h', 60, 'm'],
  [60, 'm', 1, 's'],
];

/**
 * Milliseconds of a duration such as `1h30m`, `1.5s` or `500ms`; null if it is not one.
 * Units: largest first, each at most once. A number without a unit, a sign, a space or an exponent is not a duration.
 */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text);
  if (match === null || text === '') return null;
  const [, hours = '0', minutes = '0', seconds = '0', fraction = '0', ms = '0'] = match;
  const fractionMs = Number(fraction.padEnd(3, '0'));
  return Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000 + fractionMs + Number(ms);
}

/** Bytes of a size such as `50MiB` or `64kB`; null if it is not one or is larger than a safe integer. */
export function parseSize(text: string): number | null {
  const match = SIZE.exec(text);
  if (match === null) return null;
  const bytes = Number(match[1]) * (SIZE_UNITS[match[2] ?? ''] ?? Number.NaN);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** A duration for people: `85ms`, `2.1s`, `1m 30s`, `4h 5m`, `3d 2h`. Units: ms, rounded down to what is shown. */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, Math.floor(ms));
  if (whole < 1000) return `${whole}ms`;
  if (whole < 60_000) return `${(Math.floor(whole / 100) / 10).toFixed(1).replace(/\.0$/, '')}s`;
  const seconds = Math.floor(whole / 1000);
  const [major, majorUnit, minor, minorUnit] = PAIRS.find(([size]) => seconds >= size) ?? [60, 'm', 1, 's'];
  const rest = Math.floor((seconds % major) / minor);
  const head = `${Math.floor(seconds / major)}${majorUnit}`;
  return rest === 0 ? head : `${head} ${rest}${minorUnit}`;
}
