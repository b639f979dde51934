/**
 * Giving the first blocks of a file back to the file system while somebody goes on writing at its end.
 *
 * Node has no call for it, so util-linux's `fallocate` does it. It gets the open file as descriptor 3, so no path is
 * looked up that a service could have put a link in. Source: fallocate(1), fallocate(2) FALLOC_FL_PUNCH_HOLE.
 */
import { spawn } from 'node:child_process';
import type { Clock } from '../ports/clock.ts';
import type { Punch } from '../ports/log-store.ts';

/** A file system that takes longer than this is not waited for; ms. */
const LIMIT_MS = 10_000;
const UNSUPPORTED = /not supported|Operation not permitted|unrecognized|invalid option/i;

/**
 * The port over the program. `path` is the PATH in which the program is looked for.
 * Errors: as the port says: a missing program, or a file system without holes, is `unsupported`; anything else `failed`.
 */
export function punchHole(clock: Clock, path: string): Punch {
  return (fd, length) =>
    new Promise((resolve) => {
      const child = spawn(
        'fallocate',
        ['--punch-hole', '--offset', '0', '--length', String(length), '/proc/self/fd/3'],
        {
          stdio: ['ignore', 'ignore', 'pipe', fd],
          env: { PATH: path, LC_ALL: 'C' },
        },
      );
      let words = '';
      const limit = clock.after(LIMIT_MS, () => {
        child.kill('SIGKILL');
      });
      child.stderr?.on('data', (bytes: Buffer) => {
        words = `${words}${bytes.toString('utf8')}`.slice(0, 1000);
      });
      child.once('error', (error) => {
        limit[Symbol.dispose]();
        resolve('code' in error && error.code === 'ENOENT' ? 'unsupported' : 'failed');
      });
      child.once('close', (code) => {
        limit[Symbol.dispose]();
        if (code === 0) resolve('done');
        else resolve(UNSUPPORTED.test(words) ? 'unsupported' : 'failed');
      });
    });
}
