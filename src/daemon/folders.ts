/** Folders that nobody else can look into or put something in place of. */
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  type Stats,
} from 'node:fs';
import { ConnectionError } from '../model/errors.ts';

const OTHERS_WRITE = 0o022;
const PASS = 0o011;
/** What people read in place of the names that the system has for it; errno(3). */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EMFILE: 'too many files are open',
  ENOENT: 'the folder that it lies in is not there',
  ENOSPC: 'the file system is full',
  ENOTDIR: 'what it lies in is not a folder',
  EPERM: 'the owner of it is another',
  EROFS: 'the file system is read-only',
};

/**
 * Makes the folder that holds all projects, with its parents, or checks the one that is there: it must be a folder, belong
 * to the user or to root, and be writable by nobody else. Others may pass through: the project's own folder is closed.
 * Errors: RSE3006.
 */
export function ensureBase(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw broken(path, cause);
  }
  const stat = folderStat(path);
  if (stat.uid !== ownUid() && stat.uid !== 0) throw notPrivate(path, `it belongs to user ${stat.uid}`);
  if ((stat.mode & OTHERS_WRITE) !== 0) throw notPrivate(path, 'others can write into it');
}

/**
 * Makes a project's folder with mode 0700, or closes the one that is there. Never follows a link, and looks at what it
 * opened, not at what the path says a moment later.
 * Errors: RSE3006 it is a link, no folder, or another user's.
 */
export function ensurePrivate(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (cause) {
    if (!isCode(cause, 'EEXIST')) throw broken(path, cause);
  }
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (cause) {
    if (isCode(cause, 'ENOTDIR') || isCode(cause, 'ELOOP')) throw notPrivate(path, 'it is not a folder');
    throw broken(path, cause);
  }
  try {
    const { uid } = fstatSync(fd);
    if (uid !== ownUid()) throw notPrivate(path, `it belongs to user ${uid}`);
    fchmodSync(fd, 0o700);
  } catch (cause) {
    if (cause instanceof ConnectionError) throw cause;
    throw broken(path, cause);
  } finally {
    closeSync(fd);
  }
}

/**
 * Lets others pass through a folder of ours to what is theirs in it, such as the socket of a group. They cannot list it;
 * what else is in it has to be closed by itself. Shapes: of this user, made by `ensurePrivate` or `ensureBase`.
 * Errors: RSE3006 it is another user's.
 */
export function letPass(path: string): void {
  try {
    const stat = folderStat(path);
    if ((stat.mode & PASS) === PASS) return;
    chmodSync(path, (stat.mode & 0o777) | PASS);
  } catch (cause) {
    if (cause instanceof ConnectionError) throw cause;
    throw broken(path, cause);
  }
}

/** The user that this program runs as; 0 where the platform has no users. */
export function ownUid(): number {
  return process.getuid?.() ?? 0;
}

function folderStat(path: string): Stats {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) throw notPrivate(path, 'it is not a folder');
  return stat;
}

function notPrivate(path: string, why: string): ConnectionError {
  return new ConnectionError('RSE3006', `cannot use folder "${path}": ${why}`, {
    hint: 'remove it, or set ROUSE_RUNTIME_DIR and ROUSE_STATE_DIR to folders of your own',
  });
}

function broken(path: string, cause: unknown): ConnectionError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : null;
  const words = code === null ? undefined : WORDS[code];
  const why = words === undefined ? (code ?? String(cause)) : `${words} (${code})`;
  return new ConnectionError('RSE3006', `cannot use folder "${path}": ${why}`, {
    hint: 'mend it, or set ROUSE_RUNTIME_DIR and ROUSE_STATE_DIR to folders that you may write',
    cause,
  });
}

function isCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
