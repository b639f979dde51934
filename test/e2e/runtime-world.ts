// Real folders, a real clock and a recorder of reports, for tests of runtimes with real processes.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '../../src/clock/random.ts';
import { systemClock } from '../../src/clock/system.ts';
import { createLogStore } from '../../src/log/log-store.ts';
import type { Command, Execution, Spec, StopRule } from '../../src/model/spec.ts';
import type { LogStore } from '../../src/ports/log-store.ts';
import type { RuntimeReport } from '../../src/ports/runtime.ts';
import { createConfining } from '../../src/runtime/confining.ts';
import { createCredentials } from '../../src/runtime/credentials.ts';
import { FIXED_PATH, describeHost } from '../../src/runtime/host.ts';
import { createNotifying } from '../../src/runtime/notify.ts';
import type { RuntimeParts } from '../../src/runtime/parts.ts';
import { createTrees } from '../../src/runtime/trees.ts';
import { command, given } from '../runtime/given.ts';

/** What a test holds. `folder` is also the working directory of its services. */
export interface RuntimeWorld extends Disposable {
  readonly folder: string;
  readonly logs: LogStore;
  readonly reports: readonly RuntimeReport[];
  /** Parts for a runtime, with what the test wants different. */
  parts(different?: Partial<RuntimeParts>): RuntimeParts;
  /** The first report of that type about the service's run, now or when it comes. */
  report<T extends RuntimeReport['type']>(
    type: T,
    service: string,
    run?: number,
  ): Promise<Extract<RuntimeReport, { type: T }>>;
  /** A process of that command that the service runs. */
  spec(name: string, what: Command | Execution, different?: Partial<Spec>): Spec;
  /** The output of the run as text. */
  output(service: string, run?: number): string;
  /** Resolves when the file is there and not empty, with its text. */
  file(name: string): Promise<string>;
}

export const exec = command;
export const shell = (line: string): Command => ({ argv: [line], via: 'shell', source: line, origin: null });
export const nushell = (...argv: readonly string[]): Command => ({ ...exec(...argv), via: 'nushell' });

export function runtimeWorld(): RuntimeWorld {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'runtime-')));
  const clock = systemClock();
  const logs = createLogStore({ folder: join(folder, 'logs'), clock, keepBytes: () => 1_000_000 });
  const reports: RuntimeReport[] = [];
  const waiting = new Set<(report: RuntimeReport) => void>();
  mkdirSync(join(folder, 'run'));
  const report = (said: RuntimeReport): void => {
    reports.push(said);
    for (const look of waiting) look(said);
  };
  const parts: RuntimeParts = {
    clock,
    random: systemRandom(),
    logs,
    host: describeHost(FIXED_PATH, process.env),
    guard: () => () => null,
    confining: createConfining(),
    credentials: createCredentials(join(folder, 'credentials'), () => ({})),
    runDirectory: join(folder, 'run'),
    trees: createTrees({ clock, runDirectory: join(folder, 'run') }),
    settings: () => ({ nuPath: null, provisioningPath: null }),
    notify: createNotifying({ clock, report, runDirectory: join(folder, 'run'), path: FIXED_PATH }),
    report,
  };
  return {
    folder,
    logs,
    reports,
    parts: (different = {}) => ({ ...parts, ...different }),
    report: (type, service, run = 1) =>
      new Promise((resolve) => {
        const look = (report: RuntimeReport): void => {
          if (!isOf(report, type) || report.service !== service || report.run !== run) return;
          waiting.delete(look);
          resolve(report);
        };
        waiting.add(look);
        for (const report of reports) look(report);
      }),
    spec: (name, what, different = {}) => specOf(name, folder, { what, different }),
    output: (service, run = 1) => readFileSync(join(folder, 'logs', service, `${run}.log`), 'utf8'),
    file: async (name) => {
      const path = join(folder, name);
      while (!existsSync(path) || readFileSync(path, 'utf8') === '') await pause(5);
      return readFileSync(path, 'utf8');
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Waits a moment of real time. */
export const pause = async (ms: number): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ms);
  await promise;
};

/** Whether a process executes: an ended one that nobody has reaped does not. */
export function lives(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** Resolves when the process executes no more. */
export async function gone(pid: number): Promise<void> {
  while (lives(pid)) await pause(5);
}

const isOf = <T extends RuntimeReport['type']>(
  report: RuntimeReport,
  type: T,
): report is Extract<RuntimeReport, { type: T }> => report.type === type;

function specOf(name: string, folder: string, of: { what: Command | Execution; different: Partial<Spec> }): Spec {
  const execution: Execution = 'argv' in of.what ? { type: 'process', command: of.what } : of.what;
  return given(name, { execution, cwd: folder, ...of.different });
}

/** A stop rule that differs from the default: SIGTERM to the tree, no command, 10 s. */
export const stopRule = (different: Partial<StopRule>): StopRule => ({ ...given('any').stop, ...different });
