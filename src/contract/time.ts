/** How times are written in every JSON document: RFC 3339, UTC, milliseconds. */

/** The text of a moment. Units: `ms` is epoch ms, any fraction is cut off. */
export function timeOf(ms: number): string {
  return new Date(Math.trunc(ms)).toISOString();
}

/** As `timeOf`, and null where nothing happened yet. */
export function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : timeOf(ms);
}
