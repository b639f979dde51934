/** Why the operating system refused to execute a program that was there a moment ago, in words. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { StartFault } from '../model/reason.ts';
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
  ERR_INVALID_ARG_VALUE: ['an argument or variable holds a NUL', null],
};

/**
 * The fault behind an error of a spawn. Looks again at what was looked at before, because between the look and the spawn
 * anything may have gone; an error that then is still unexplained names its number, never alone.
 */
export function spawnFault(cause: unknown, launch: Launch, directory: string): StartFault {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown';
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

/** The file is there, so what is missing is what it names to be run by. */
function withoutInterpreter(file: string): StartFault {
  const line = firstLine(file);
  const interpreter = /^#!\s*(\S+)/.exec(line)?.[1];
  return interpreter === undefined
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

function firstLine(file: string): string {
  try {
    const fd = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(256);
      const [line = ''] = bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0)).split('\n');
      return line;
    } finally {
      closeSync(fd);
    }
  } catch {
    // It may be executed but not read.
    return '';
  }
}
