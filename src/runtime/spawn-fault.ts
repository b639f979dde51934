/** Why the operating system refused to execute a program that was there a moment ago, in words. */
import type { StartFault } from '../model/reason.ts';
import { interpreterFileOf } from './interpreter.ts';
import type { Launch } from './launch.ts';
import { directoryFault, findProgram } from './program.ts';

/** What each refusal means, and what to do. Source: errno(3), clone(2), execve(2), setrlimit(2). */
const REFUSALS: Readonly<Record<string, readonly [cause: string, hint: string | null]>> = {
  EAGAIN: [
    'no more processes are allowed here (EAGAIN)',
    'end some, or raise the limit of processes (ulimit -u, pids.max)',
  ],
  EMFILE: ['the daemon has too many files open (EMFILE)', 'raise its limit of open files (ulimit -n)'],
  ENFILE: ['this machine has too many files open (ENFILE)', 'raise fs.file-max'],
  ENOMEM: ['there is not enough memory (ENOMEM)', null],
  E2BIG: ['its arguments and environment are too long (E2BIG)', 'hand large values over in a file'],
  ENOEXEC: ['it is no program that this machine can execute (ENOEXEC)', 'begin a script with a line such as #!/bin/sh'],
  ETXTBSY: ['it is being written to (ETXTBSY)', null],
  EPERM: ['it is not permitted (EPERM)', null],
  EACCES: ['permission was denied (EACCES)', 'is its file system mounted noexec?'],
  ELIBBAD: ['its library is damaged (ELIBBAD)', null],
  ENOSPC: ['the disk is full (ENOSPC)', 'make room on it'],
  EDQUOT: ['the disk quota is used up (EDQUOT)', 'make room, or raise the quota'],
  EROFS: ['the file system is read-only (EROFS)', null],
  ERR_INVALID_ARG_VALUE: ['an argument or variable holds a NUL', null],
};

/** What shells and `setsid` say of each refusal, as strerror(3) words it in the C locale; dash has two of its own. */
const SAID: Readonly<Record<string, RegExp>> = {
  EAGAIN: /Resource temporarily unavailable|[Cc]annot fork|can't fork/,
  EMFILE: /Too many open files(?! in system)/,
  ENFILE: /Too many open files in system/,
  ENOMEM: /Cannot allocate memory|Out of (memory|space)/,
  E2BIG: /Argument list too long/,
  ENOEXEC: /Exec format error/,
  ETXTBSY: /Text file busy/,
  EPERM: /Operation not permitted/,
  EACCES: /Permission denied/,
  ELIBBAD: /corrupted shared library/,
  ENOSPC: /No space left on device/,
  EDQUOT: /Disk quota exceeded/,
  EROFS: /Read-only file system/,
  ENOENT: /No such file or directory|not found/,
};

/** The longest that one argument or variable may be, its end included; bytes. Source: execve(2), MAX_ARG_STRLEN. */
const LONGEST_WORD = 32 * 4096;

/**
 * The fault behind an error of a spawn. Looks again at what was looked at before, because between the look and the spawn
 * anything may have gone; an error that then is still unexplained names its number, never alone.
 */
export function spawnFault(cause: unknown, launch: Launch, directory: string): StartFault {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown';
  return faultOf(code, launch, directory);
}

/** The fault behind what a shell or `setsid` said when it could not execute the program. */
export function saidFault(words: string, launch: Launch, directory: string): StartFault {
  const code = Object.entries(SAID).find(([, pattern]) => pattern.test(words))?.[0];
  if (code !== undefined) return faultOf(code, launch, directory);
  const { file } = launch;
  const said = words === '' ? 'nothing was said of why' : words;
  return { code: 'refused', message: `cannot execute "${file}": ${said}`, program: file, hint: null };
}

/** What can be seen of a launch before it is tried: words too long or with a NUL, and an interpreter that is not there. */
export function foreseenFault(
  launch: Launch,
  environment: Readonly<Record<string, string | undefined>>,
  directory: string,
): StartFault | null {
  const words = [...launch.args, ...Object.entries(environment).map(([name, value]) => `${name}=${value ?? ''}`)];
  if (words.some((word) => word.includes('\0'))) return faultOf('ERR_INVALID_ARG_VALUE', launch, directory);
  const isTooLong = (word: string): boolean =>
    word.length * 3 >= LONGEST_WORD && Buffer.byteLength(word) >= LONGEST_WORD;
  if (words.some(isTooLong)) return faultOf('E2BIG', launch, directory);
  const interpreter = interpreterFileOf(launch.file);
  if (interpreter === null || !interpreter.startsWith('/')) return null;
  return findProgram(interpreter, { path: '', directory }).type === 'found'
    ? null
    : faultOf('ENOENT', launch, directory);
}

function faultOf(code: string, launch: Launch, directory: string): StartFault {
  if (code === 'ENOENT' || code === 'EACCES') {
    const directoryGone = directoryFault(directory);
    if (directoryGone !== null) return directoryGone;
    const found = findProgram(launch.file, { path: '', directory });
    if (found.type === 'fault') return found.fault;
  }
  if (code === 'ENOENT') return withoutInterpreter(launch.file);
  const [words, hint] = REFUSALS[code] ?? [`the system refused (${code})`, null];
  return { code: 'refused', message: `cannot execute "${launch.file}": ${words}`, program: launch.file, hint };
}

/** What a refusal means and what to do, e.g. of an error while a file was written; null for one without words. */
export function refusalOf(code: string): { readonly words: string; readonly hint: string | null } | null {
  const found = REFUSALS[code];
  return found === undefined ? null : { words: found[0], hint: found[1] };
}

/** The file is there, so what is missing is what it names to be run by. */
function withoutInterpreter(file: string): StartFault {
  const interpreter = interpreterFileOf(file);
  return interpreter === null
    ? {
        code: 'not-found',
        message: `cannot execute "${file}": its loader is not on this machine`,
        program: file,
        hint: 'it was built for another system, e.g. for musl instead of glibc',
      }
    : {
        code: 'not-found',
        message: `"${interpreter}", which "${file}" names in its first line, does not exist`,
        program: interpreter,
        hint: 'install it, or correct the first line',
      };
}
