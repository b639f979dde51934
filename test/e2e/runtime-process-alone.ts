// A program that starts some processes and says what became of each; a test runs it under limits of its own, or kills it.
// With `ALONE_STAYS` it does not end by itself. `ALONE_COUNT` below 0: so many descriptors are opened first, up to the limit.
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { systemRandom } from '../../src/clock/random.ts';
import { systemClock } from '../../src/clock/system.ts';
import { createLogStore } from '../../src/log/log-store.ts';
import type { RuntimeReport } from '../../src/ports/runtime.ts';
import { createConfining } from '../../src/runtime/confining.ts';
import { createCredentials } from '../../src/runtime/credentials.ts';
import { FIXED_PATH, describeHost } from '../../src/runtime/host.ts';
import { createNotifying } from '../../src/runtime/notify.ts';
import { createProcessRuntime } from '../../src/runtime/process.ts';
import { createTrees } from '../../src/runtime/trees.ts';
import { command, given } from '../runtime/given.ts';

const folder = process.env['ALONE_FOLDER'] ?? '';
const count = Number(process.env['ALONE_COUNT']);
const runDirectory = join(folder, 'run');
const clock = systemClock();
let answered = 0;
const report = (said: RuntimeReport): void => {
  if (said.type === 'started') process.stdout.write(`started ${said.pid}\n`);
  else if (said.type === 'start-failed') process.stdout.write(`failed ${said.fault.code} ${said.fault.message}\n`);
  else return;
  answered += 1;
  if (answered === Math.max(1, count) && process.env['ALONE_STAYS'] === undefined) process.exit(0);
};
const runtime = createProcessRuntime({
  clock,
  random: systemRandom(),
  logs: createLogStore({ folder: join(folder, 'logs'), clock, keepBytes: () => 1_000_000 }),
  report,
  host: describeHost(FIXED_PATH, {}),
  guard: () => () => null,
  confining: createConfining(),
  credentials: createCredentials(join(runDirectory, '..', 'credentials'), () => ({})),
  runDirectory,
  trees: createTrees({ clock, runDirectory }),
  notify: createNotifying({ clock, report, runDirectory, path: FIXED_PATH }),
  settings: () => ({ nuPath: null, provisioningPath: null }),
});
if (count < 0) {
  try {
    for (;;) openSync('/dev/null', 'r');
  } catch {
    // That was the last.
  }
}
for (let index = 0; index < Math.max(1, count); index += 1) {
  const execution = { type: 'process', command: command('sleep', '1000') } as const;
  runtime.start(given(`s${index}`, { execution, cwd: '/' }), 1);
}
