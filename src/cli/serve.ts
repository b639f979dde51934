/** What `rouse up` starts in the background: this program as a project's daemon. Not for people; its order is on stdin. */
import { systemClock } from '../clock/system.ts';
import { systemRandom } from '../clock/random.ts';
import { runDaemon } from '../daemon/entry.ts';
import { pathsOf } from '../model/paths.ts';
import { createSupervisor, daemonPath } from '../supervisor/create.ts';
import { check } from '../supervisor/offline.ts';
import { groundOf } from '../supervisor/ground.ts';
import { evaluate } from '../supervisor/script.ts';
import { escapeLine } from './render/escape.ts';
import { rouseVersion } from './version.ts';

/** Runs the daemon until it has ended, and ends the program with its exit code: what it has started may run on. */
export async function serve(): Promise<never> {
  const clock = systemClock();
  const path = daemonPath(process.env, process.getuid?.() ?? 0);
  const say = (line: string): void => {
    process.stderr.write(`${new Date(clock.now()).toISOString()} ${logText(line)}\n`);
  };
  const code = await runDaemon({
    environment: process.env,
    input: process.stdin,
    version: rouseVersion(),
    path,
    clock,
    random: systemRandom(),
    say,
    check,
    evaluate,
    ground: groundOf(process.env),
    createSupervisor: ({ folders, project }, definition) => {
      const { logs, runs, store } = pathsOf(folders, project);
      const functions = (): undefined => undefined;
      const world = { path, environment: process.env, functions, keepAlive: 'no' } as const;
      const program = { version: rouseVersion(), pid: process.pid };
      return createSupervisor({ definition, folders: { logs, runs, store }, program, say, ...world });
    },
  });
  // Not by itself: it would wait for the services that it has left running.
  process.exit(code);
}

/** One event, one line: what a name or an error brings along begins no line of its own, and hides none. */
function logText(text: string): string {
  return escapeLine(text.replaceAll('\n', ' | '));
}
