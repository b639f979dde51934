/** A command that helps with a service (start, stop, status): it ends by itself, within a limit. */
import { closeSync } from 'node:fs';
import { isRouseError } from '../model/errors.ts';
import type { Ending, StartFault } from '../model/reason.ts';
import type { Command, Spec } from '../model/spec.ts';
import { type Environment, childEnvironment, commandEnvironment } from './environment.ts';
import { launchOf } from './launch.ts';
import type { RuntimeParts } from './parts.ts';
import { type Identity, signalGroup } from './process-group.ts';
import { spawnProgram } from './spawn.ts';

/** What to run, and for whom. */
export interface CommandOrder {
  readonly command: Command;
  readonly spec: Spec;
  readonly run: number;
  /** Units: ms; `Infinity` = no limit. */
  readonly timeoutMs: number;
  /** Whether what it prints goes to the output of the run. */
  readonly output: 'log' | 'nowhere';
  readonly environment: Environment;
}

/** What became of it. `fault`: it was never executed. */
export type CommandOutcome =
  | ({ readonly type: 'ended' } & Ending)
  | { readonly type: 'timeout' }
  | { readonly type: 'fault'; readonly fault: StartFault };

/** A command on its way. */
export interface RunningCommand {
  /** Resolves when its process has ended; never rejects. What it left in the background is not waited for. */
  readonly outcome: Promise<CommandOutcome>;
  /** SIGKILL to its process group, at once. Does nothing when it has ended. */
  kill(): void;
}

/** From SIGTERM at the limit to SIGKILL; ms. Long enough for a client such as systemctl to take its order back. */
const KILL_AFTER_MS = 2000;

/**
 * Runs a command in its own session, with standard input /dev/null and the clean environment of helpers.
 * At the limit its process group gets SIGTERM, and SIGKILL two seconds later; the outcome then is `timeout`, however it ended.
 */
export function runCommand(parts: RuntimeParts, order: CommandOrder): RunningCommand {
  const { promise: outcome, resolve } = Promise.withResolvers<CommandOutcome>();
  const timers = new DisposableStack();
  let timedOut = false;
  const end = (result: CommandOutcome): void => {
    timers.dispose();
    resolve(timedOut ? { type: 'timeout' } : result);
  };
  const identity = begin(parts, order, end);
  const send = (name: NodeJS.Signals): void => {
    if (identity !== null && !timers.disposed) signalGroup(identity, name);
  };
  if (identity !== null && Number.isFinite(order.timeoutMs)) {
    const expire = (): void => {
      timedOut = true;
      send('SIGTERM');
      timers.use(parts.clock.after(KILL_AFTER_MS, () => send('SIGKILL')));
    };
    timers.use(parts.clock.after(order.timeoutMs, expire));
  }
  return { outcome, kill: () => send('SIGKILL') };
}

function begin(parts: RuntimeParts, order: CommandOrder, end: (outcome: CommandOutcome) => void): Identity | null {
  const { spec, run } = order;
  const fail = (fault: StartFault): null => {
    end({ type: 'fault', fault });
    return null;
  };
  const settings = parts.settings();
  const more = { ...commandEnvironment(settings), ...order.environment };
  const environment = childEnvironment(spec, run, parts.host, more);
  const launch = launchOf(order.command, {
    path: parts.host.path,
    directory: spec.cwd,
    umask: spec.umask,
    nuPath: settings.nuPath,
    environment,
  });
  if (launch.type === 'fault') return fail(launch.fault);
  const output = order.output === 'log' ? openOutput(parts, spec, run) : 'nowhere';
  if (typeof output === 'object') return fail(output);
  const { strayDescriptors } = parts.host;
  try {
    return spawnProgram(
      { launch, directory: spec.cwd, environment, output, descriptors: new Map(), strayDescriptors },
      {
        spawned: () => undefined,
        failed: (fault) => end({ type: 'fault', fault }),
        ended: (ending) => end({ type: 'ended', ...ending }),
      },
    );
  } finally {
    if (output !== 'nowhere') closeSync(output);
  }
}

/** The descriptor of the run's output, which the caller closes; or why there is none. */
export function openOutput(parts: RuntimeParts, spec: Spec, run: number): number | StartFault {
  try {
    return parts.logs.open(spec.name, run).fd;
  } catch (cause) {
    if (!isRouseError(cause)) throw cause;
    return { code: 'refused', message: cause.message, program: null, hint: cause.hint };
  }
}
