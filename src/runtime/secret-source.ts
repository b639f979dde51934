/** Reading a secret from where it is kept. Nothing here ever says what it holds. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { StartFault } from '../model/reason.ts';
import type { Secret } from '../model/confinement.ts';
import { codeOf } from './run-folder.ts';
import { distrust, trustedBy } from './trust.ts';

/** The bytes of a secret, or why there are none. */
export type ReadSecret =
  | { readonly type: 'read'; readonly bytes: Buffer }
  | { readonly type: 'fault'; readonly fault: StartFault };

/** The most that a secret may hold. Units: bytes. Source: systemd.exec(5), LoadCredential=, the same limit. */
const SECRET_BYTES = 1024 * 1024;

const OTHERS = 0o077;
// Not blocking: somebody may have put a pipe there, and opening it would wait for ever.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Reads a secret, as it is now. Looked at is what was opened, so that nothing can be put in its place meanwhile: a
 * regular file of root or of this program's user that nobody else may read, of at most 1 MiB, and no link. For root the
 * folders that lead to it are looked at too. Never throws.
 */
export function readSecret(name: string, { file }: Pick<Secret, 'file'>): ReadSecret {
  const fault = (why: string, hint: string): ReadSecret => ({ type: 'fault', fault: secretFault(name, why, hint) });
  const uid = process.getuid?.() ?? 0;
  let fd: number;
  try {
    fd = openSync(file, FLAGS);
  } catch (cause) {
    return fault(`"${file}" ${wordsOf(codeOf(cause))}`, `write the secret into ${file}, with mode 0600`);
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) return fault(`"${file}" is not a regular file`, 'name a file that holds it');
    if (stats.uid !== 0 && stats.uid !== uid)
      return fault(`"${file}" belongs to user ${stats.uid}`, `chown ${uid} ${file}`);
    if ((stats.mode & OTHERS) !== 0)
      return fault(`"${file}" has mode ${modeText(stats.mode)}: others may use it`, `chmod 600 ${file}`);
    const astray = uid === 0 ? distrust(file, trustedBy({})) : null;
    if (astray !== null) return fault(`"${astray.path}" ${astray.why}`, astray.mend);
    if (stats.size > SECRET_BYTES) return fault(`"${file}" is larger than 1 MiB`, 'keep a key of it there, not all');
    const bytes = Buffer.alloc(SECRET_BYTES + 1);
    const length = readSync(fd, bytes, 0, bytes.length, 0);
    if (length > SECRET_BYTES) return fault(`"${file}" is larger than 1 MiB`, 'keep a key of it there, not all');
    return { type: 'read', bytes: Buffer.from(bytes.subarray(0, length)) };
  } catch (cause) {
    return fault(`"${file}" ${wordsOf(codeOf(cause))}`, 'is its disk in order?');
  } finally {
    closeSync(fd);
  }
}

/**
 * The text of a file in a folder that a service may have changed; empty when it is no plain file of at most 2 MiB. No link is
 * followed, no pipe is waited for. Never throws.
 */
export function readPlainFile(path: string): string {
  let fd: number | null = null;
  try {
    fd = openSync(path, FLAGS);
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > 2 * SECRET_BYTES) return '';
    const bytes = Buffer.alloc(stats.size);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
  } catch {
    // Not there, or not ours to read.
    return '';
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** The fault of a start that lacks a secret. Shapes: `why` begins with what is wrong, and holds nothing of the secret. */
export function secretFault(name: string, why: string, hint: string | null): StartFault {
  return { code: 'secret', message: `cannot hand over secret "${name}": ${why}`, program: null, hint };
}

function modeText(mode: number): string {
  return `0${(mode & 0o7777).toString(8).padStart(3, '0')}`;
}

function wordsOf(code: string | null): string {
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'ELOOP') return 'is a link, and links are not followed';
  if (code === 'EACCES') return 'may not be read by this daemon';
  return `cannot be read (${code ?? 'no reason given'})`;
}
