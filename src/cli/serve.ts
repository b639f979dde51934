/** What `rouse up` starts in the background: this program as a project's daemon. Not for people; its order is on stdin. */
import { systemClock } from '../clock/system.ts';
import { systemRandom } from '../clock/random.ts';
import { runDaemon } from '../daemon/entry.ts';
import { createSupervisor, evaluate } from '../supervisor/create.ts';
import { check } from '../supervisor/offline.ts';
import { rouseVersion } from './version.ts';

/** Runs the daemon until it has ended; resolves with its exit code. */
export function serve(): Promise<number> {
  const clock = systemClock();
  return runDaemon({
    environment: process.env,
    input: process.stdin,
    version: rouseVersion(),
    path: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    clock,
    random: systemRandom(),
    say: (line) => process.stderr.write(`${new Date(clock.now()).toISOString()} ${line}\n`),
    check,
    evaluate,
    createSupervisor,
  });
}
