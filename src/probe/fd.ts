/**
 * Whether the run has said that it is ready: a newline written to the descriptor that `ROUSE_READY_FD` names.
 *
 * The descriptor leads to a regular file of the run, see `model/ready-file.ts`, so nothing is lost while nobody reads.
 * Source: s6's readiness notification, https://skarnet.org/software/s6/notifywhenup.html.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { readyFilePath } from '../model/ready-file.ts';
import { causeOf } from './causes.ts';
import { type Answer, type ProbeKind, fail, pass } from './kind.ts';
import { watchPath } from './watch-path.ts';

/** The newline must come this early; s6 asks for no more than one. */
const READ_BYTES = 4096;
const NEWLINE = 10;

/** A kind that passes once the newline is there. Units: `runDirectory` is the absolute folder of the project's runs. */
export function fdKind(runDirectory: string): ProbeKind {
  return {
    price: 'cheap',
    key: ({ service, run }) => `${service} ${run}`,
    open: ({ service, run }, wake) => {
      const path = readyFilePath(runDirectory, service, run);
      const watching = watchPath(path, wake);
      return {
        ask: () => Promise.resolve(askReadyFile(path)),
        isWatching: () => watching.isWatching(),
        [Symbol.dispose]: () => watching[Symbol.dispose](),
      };
    },
  };
}

/** Reads at once: the file is short and lies in our own folder, mostly in memory. */
function askReadyFile(path: string): Answer {
  try {
    // The service may put what it likes there: neither a link nor a pipe is followed or waited for.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const bytes = Buffer.allocUnsafe(READ_BYTES);
      const length = readSync(fd, bytes, 0, READ_BYTES, 0);
      return bytes.subarray(0, length).includes(NEWLINE)
        ? pass('it said that it is ready')
        : fail('it has not said yet that it is ready');
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return fail(isMissing ? 'it has not said yet that it is ready' : causeOf(error));
  }
}
