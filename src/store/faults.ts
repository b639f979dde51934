/** What SQLite's and the file system's refusals mean to a person. */
import { RouseError } from '../model/errors.ts';

// Primary result codes, https://sqlite.org/rescode.html; extended codes carry them in the low byte.
const CORRUPT = 11;
const NOT_A_DATABASE = 26;
const SQLITE_CAUSES: Readonly<Record<number, string>> = {
  3: 'no permission',
  5: 'another program holds it',
  6: 'another program holds it',
  8: 'it may only be read',
  10: 'the disk reports an error',
  [CORRUPT]: 'the file is damaged',
  13: 'the disk is full',
  14: 'it cannot be opened',
  [NOT_A_DATABASE]: 'it is not a database',
};
const SYSTEM_CAUSES: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the file system may only be read',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  ENOTDIR: 'a part of the path is not a folder',
  // Thrown by a recursive mkdir alone: the store never insists on making the file itself.
  EEXIST: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a symbolic link',
  EMFILE: 'too many files are open',
};

/** A RouseError RSE3008 `cannot <verb> "<path>": <cause>`; an error that is one already is given back as it is. */
export function storeError(verb: 'open' | 'read' | 'write', path: string, cause: unknown): RouseError {
  if (cause instanceof RouseError) return cause;
  const words = causeOf(cause);
  return new RouseError('RSE3008', `cannot ${verb} "${path}": ${words}`, {
    hint: 'make room and permission for that file, or set ROUSE_STATE_DIR to another folder',
    cause,
  });
}

/** Whether the content of the file is at fault, so that nothing in it can be relied on. */
export function isDamage(cause: unknown): boolean {
  const code = sqliteCode(cause);
  return code === CORRUPT || code === NOT_A_DATABASE;
}

function causeOf(cause: unknown): string {
  const sqlite = SQLITE_CAUSES[sqliteCode(cause) ?? -1];
  if (sqlite !== undefined) return sqlite;
  if (!(cause instanceof Error)) return String(cause);
  return ('code' in cause ? SYSTEM_CAUSES[String(cause.code)] : undefined) ?? cause.message;
}

function sqliteCode(cause: unknown): number | undefined {
  return cause instanceof Error && 'errcode' in cause && typeof cause.errcode === 'number'
    ? cause.errcode & 0xff
    : undefined;
}
