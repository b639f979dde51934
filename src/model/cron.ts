/**
 * When a cron text falls due, as pure arithmetic: a text to its fields, and an instant to the next one.
 *
 * Five fields (minute, hour, day of the month, month, day of the week) or six (a second first); names such as `@daily`.
 * If both kinds of day are restricted, a day that fits either is due, as crontab(5) has it. Summer time, after Vixie cron:
 * an hour that begins with `*` goes by elapsed time, so it falls due in both passes of a repeated hour and never in a
 * skipped one; any other hour falls due once, in the first pass, and right after the gap when its time is skipped.
 */

/** A cron text, read. Shapes: values ascending, unique, within their ranges. */
export interface Cron {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  /** 0 is Sunday. */
  readonly weekdays: readonly number[];
  /** `either`: a day of the month or of the week is enough. */
  readonly dayRule: 'both' | 'either';
  readonly pace: 'elapsed' | 'fixed';
}

/** Why a text is no schedule, in words that follow its quoted text. */
export interface CronFault {
  readonly fault: string;
}

interface Range {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const SECOND: Range = { name: 'second', from: 0, to: 59, names: [] };
const MINUTE: Range = { name: 'minute', from: 0, to: 59, names: [] };
const HOUR: Range = { name: 'hour', from: 0, to: 23, names: [] };
const DAY: Range = { name: 'day of the month', from: 1, to: 31, names: [] };
const MONTH: Range = { name: 'month', from: 1, to: 12, names: MONTHS };
const WEEKDAY: Range = { name: 'day of the week', from: 0, to: 7, names: WEEKDAYS };

/** Names for whole texts. */
const CRON_NAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const DAY_MS = 86_400_000;
/** The 29th of February may be eight years away, over a year such as 2100. */
const HORIZON_DAYS = 366 * 9;

/** The schedule of a text, or why it is none. Errors: none; pure. Source: crontab(5). */
export function parseCron(text: string): Cron | CronFault {
  const trimmed = text.trim().toLowerCase();
  if (trimmed.startsWith('@') && CRON_NAMES[trimmed] === undefined)
    return { fault: `is not one of ${Object.keys(CRON_NAMES).join(', ')}` };
  const fields = (CRON_NAMES[trimmed] ?? trimmed).split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) return { fault: `has ${fields.length} fields, not five or six` };
  const [second = '0', minute = '', hour = '', day = '', month = '', weekday = ''] =
    fields.length === 6 ? fields : ['0', ...fields];
  const read = [
    valuesOf(second, SECOND),
    valuesOf(minute, MINUTE),
    valuesOf(hour, HOUR),
    valuesOf(day, DAY),
    valuesOf(month, MONTH),
    valuesOf(weekday, WEEKDAY),
  ];
  const fault = read.find((part) => 'fault' in part);
  if (fault !== undefined && 'fault' in fault) return fault;
  const [seconds = [], minutes = [], hours = [], days = [], months = [], weekdays = []] = read.map((part) =>
    'values' in part ? part.values : [],
  );
  const cron: Cron = {
    seconds,
    minutes,
    hours,
    days,
    months,
    weekdays: [...new Set(weekdays.map((value) => value % 7))].toSorted((left, right) => left - right),
    dayRule: isOpen(day) || isOpen(weekday) ? 'both' : 'either',
    pace: hour.startsWith('*') ? 'elapsed' : 'fixed',
  };
  return nextAfter(cron, 'UTC', 0) === null ? { fault: 'names a day that never comes' } : cron;
}

/** Whether the machine knows a time zone of that name (IANA). */
export function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).format(0) !== '';
  } catch {
    // A RangeError is how the runtime says that it does not know the name.
    return false;
  }
}

/**
 * The first instant after `after` at which the schedule falls due; null when there is none within nine years.
 * Units: epoch ms. `timezone` is an IANA name, or null for the machine's. Errors: none for a known zone; pure.
 */
export function nextAfter(cron: Cron, timezone: string | null, after: number): number | null {
  const firstDay = Math.floor((after + offsetAt(after, timezone)) / DAY_MS) * DAY_MS;
  for (let count = 0; count < HORIZON_DAYS; count += 1) {
    const day = firstDay + count * DAY_MS;
    if (!isDue(cron, new Date(day))) continue;
    const found = firstOf(cron, { timezone, day, after });
    if (found !== null) return found;
  }
  return null;
}

const isOpen = (field: string): boolean => field.startsWith('*') || field === '?';

function valuesOf(field: string, range: Range): { readonly values: readonly number[] } | CronFault {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const piece = pieceOf(part, range);
    if ('fault' in piece) return piece;
    for (let value = piece.from; value <= piece.to; value += piece.step) values.add(value);
  }
  return { values: [...values].toSorted((left, right) => left - right) };
}

function pieceOf(part: string, range: Range): { from: number; to: number; step: number } | CronFault {
  const match = /^(?:(\*|\?)|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d{1,4}))?$/.exec(part);
  if (match === null) return { fault: `has "${part}" as its ${range.name}` };
  const [, open, low = '', high, written] = match;
  const step = Number(written ?? '1');
  const from = open === undefined ? numberOf(low, range) : range.from;
  const usual = written === undefined ? from : range.to;
  const to = open === undefined ? (high === undefined ? usual : numberOf(high, range)) : range.to;
  if (from === null || to === null || from > to || step < 1)
    return { fault: `has "${part}" as its ${range.name}, which goes from ${range.from} to ${range.to}` };
  return { from, to, step };
}

function numberOf(word: string, range: Range): number | null {
  const named = range.names.indexOf(word.slice(0, 3));
  if (named >= 0 && word.length === 3) return named + (range === MONTH ? 1 : 0);
  const value = /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
  return value >= range.from && value <= range.to ? value : null;
}

function isDue(cron: Cron, day: Date): boolean {
  if (!cron.months.includes(day.getUTCMonth() + 1)) return false;
  const byDay = cron.days.includes(day.getUTCDate());
  const byWeekday = cron.weekdays.includes(day.getUTCDay());
  return cron.dayRule === 'both' ? byDay && byWeekday : byDay || byWeekday;
}

interface DayOfZone {
  readonly timezone: string | null;
  /** Midnight of the day as if the zone were UTC. */
  readonly day: number;
  readonly after: number;
}

/** The first due instant of a day after `after`, or null. On a day without a change of the clock the first is found at once. */
function firstOf(cron: Cron, place: DayOfZone): number | null {
  const { timezone, day } = place;
  const offsets = [offsetAt(day - DAY_MS, timezone), offsetAt(day + 2 * DAY_MS, timezone)];
  const [before = 0, later = 0] = offsets;
  let least: number | null = null;
  for (const hour of cron.hours)
    for (const minute of cron.minutes)
      for (const second of cron.seconds) {
        const wall = day + ((hour * 60 + minute) * 60 + second) * 1000;
        if (before === later) {
          if (wall - before > place.after) return wall - before;
          continue;
        }
        for (const instant of instantsOf(wall, { ...place, offsets }, cron.pace))
          if (instant > place.after && (least === null || instant < least)) least = instant;
      }
  return least;
}

/** The instants at which a clock of the zone shows `wall`: none in a gap, two in a repeated hour; fixed times have one. */
function instantsOf(
  wall: number,
  place: DayOfZone & { readonly offsets: readonly number[] },
  pace: Cron['pace'],
): readonly number[] {
  const found = place.offsets
    .map((offset) => ({ offset, instant: wall - offset }))
    .filter(({ offset, instant }) => offsetAt(instant, place.timezone) === offset)
    .map(({ instant }) => instant)
    .toSorted((left, right) => left - right);
  if (pace === 'elapsed') return found;
  return found.length === 0 ? [changeNear(wall, place)] : found.slice(0, 1);
}

/** The instant at which the offset of a zone changes around a skipped time. */
function changeNear(
  wall: number,
  { timezone, offsets }: { timezone: string | null; offsets: readonly number[] },
): number {
  let low = wall - Math.max(...offsets) - 1000;
  let high = wall - Math.min(...offsets) + 1000;
  const old = offsetAt(low, timezone);
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (middle <= low) break;
    if (offsetAt(middle, timezone) === old) low = middle;
    else high = middle;
  }
  return Math.ceil(high / 1000) * 1000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far a zone is ahead of UTC at an instant; ms. */
function offsetAt(instant: number, timezone: string | null): number {
  const key = timezone ?? '';
  const known = formats.get(key) ?? formatOf(timezone);
  formats.set(key, known);
  const parts = new Map(known.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return wall - Math.floor(instant / 1000) * 1000;
}

function formatOf(timezone: string | null): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    ...(timezone === null ? {} : { timeZone: timezone }),
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}
