/** How many there are to be of some services, as somebody said by hand: a small file in the project's state folder. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { LoadOptions } from '../config/load.ts';
import { RouseError } from '../model/errors.ts';

/** Numbers by service, each with the number that the definition said when it was set. */
export type Scale = NonNullable<LoadOptions['scale']>;

/** What the file says; nothing when there is none, or when it cannot be read as what it is. */
export function readScale(path: string): Scale {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isScale(value) ? value : {};
  } catch {
    // Not there, or not ours: then there are as many as the definition says, which is what everybody can see.
    return {};
  }
}

/** Replaces the file as a whole. Errors: RSE3008. */
export function writeScale(path: string, scale: Scale): void {
  try {
    writeFileSync(`${path}.new`, JSON.stringify(scale), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new RouseError('RSE3008', `cannot write "${path}": ${why}`, { cause, hint: 'make room, or mend its folder' });
  }
}

function isScale(value: unknown): value is Scale {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every(
    (entry: unknown) =>
      typeof entry === 'object' &&
      entry !== null &&
      'count' in entry &&
      'over' in entry &&
      Number.isInteger(entry.count) &&
      Number.isInteger(entry.over),
  );
}
