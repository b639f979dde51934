/** Services that another program manages, driven by the guide's start, stop and status commands. */
import type { KindRuntime } from './dispatch.ts';
import assert from 'node:assert/strict';
import type { ServiceName, Spec } from '../model/spec.ts';

import { CommandRun } from './command-run.ts';
import type { CommandParts } from './run-command.ts';

/**
 * The runtime of `start_command = …`.
 *
 * `started` (without a process id) when the start command ended with 0 inside `startTimeoutMs`; else `start-failed` as
 * `command-failed` or `command-timeout`, quoting its last lines. `exited` always with nulls: when the stop command ended with 0 and
 * the status command, where there is one, does not say active any more; or when the status command said inactive
 * twice in a row by itself. A service without a stop command is let go of at once when asked to stop.
 * `kill` gives up on it, see `command-run.ts`. `signal` does nothing: its processes are not ours.
 */
export function createCommandRuntime(parts: CommandParts): KindRuntime {
  const runs = new Map<string, CommandRun>();
  const key = (service: ServiceName, run: number): string => `${service} ${run}`;
  const at = (service: ServiceName, run: number): CommandRun | undefined => runs.get(key(service, run));
  const make = (spec: Spec, run: number): CommandRun | null => {
    assert(spec.execution.type === 'command', `"${spec.name}" is not managed by commands`);
    if (at(spec.name, run) !== undefined) return null;
    const one = new CommandRun(parts, spec, { run, commands: spec.execution });
    runs.set(key(spec.name, run), one);
    return one;
  };
  return {
    start: (spec, run) => void make(spec, run)?.start(),
    stop: (spec, run) => void at(spec.name, run)?.stop(spec),
    signal: () => undefined,
    kill: (service, run) => void at(service, run)?.kill(),
    adopt: (spec, run) => void make(spec, run)?.adopt(),
    release(service, run) {
      if (at(service, run)?.isOver() === false) return;
      runs.delete(key(service, run));
      parts.credentials.remove(service, run);
    },
  };
}
