/** Services that are processes: spawned, signalled and watched by Rouse itself. */
import type { KindRuntime } from './dispatch.ts';
import assert from 'node:assert/strict';
import type { ServiceName } from '../model/spec.ts';
import type { RuntimeReport } from '../ports/runtime.ts';
import type { RuntimeParts } from './parts.ts';
import { isAlive, isGroupEmpty } from './process-group.ts';
import { ProcessRun } from './process-run.ts';
import { runFolder } from './run-folder.ts';
import { inTurns } from './turns.ts';

/** Time for spawns in one turn of the event loop; half of what may hold the loop up (performance.md, W1). Units: ms. */
const SPAWNING_MS_PER_TURN = 8;

/**
 * The runtime of `command = …`.
 *
 * A run is the process and its process group, in a session of its own: a descendant that makes itself a new session
 * (`setsid`) leaves it and is neither killed nor waited for. Output goes to the log store's file, which the process
 * holds open itself. Faults before the spawn are `start-failed`: `not-found`, `not-executable`, `bad-directory`,
 * `refused`. A run stopped before its turn to be spawned came is `refused` and never existed.
 * `adopt` finds a run `alive` only by process id, start time and boot; `exited` with nulls is only said when process and
 * group are verified to be gone; of a run without a note nothing is known, and nothing is ever signalled for it.
 */
export function createProcessRuntime(parts: RuntimeParts): KindRuntime {
  const runs = new Map<string, ProcessRun>();
  const spawnInTurn = inTurns(parts.clock, SPAWNING_MS_PER_TURN);
  const key = (service: ServiceName, run: number): string => `${service} ${run}`;
  const at = (service: ServiceName, run: number): ProcessRun | undefined => runs.get(key(service, run));
  const later = (report: RuntimeReport): void => queueMicrotask(() => parts.report(report));
  return {
    start(spec, run) {
      assert(spec.execution.type === 'process', `"${spec.name}" is no process`);
      if (at(spec.name, run) !== undefined) return;
      const { command } = spec.execution;
      const one = new ProcessRun(parts, spec, run);
      runs.set(key(spec.name, run), one);
      spawnInTurn(() => one.start(command));
    },
    stop: (spec, run) => at(spec.name, run)?.stop(spec),
    signal: (service, run, name) => at(service, run)?.signal(name),
    kill: (service, run) => at(service, run)?.kill(),
    adopt(spec, run) {
      if (at(spec.name, run) !== undefined) return;
      const service = spec.name;
      const record = runFolder(parts.runDirectory, service, run).record();
      if (record === null) return later({ type: 'recovered', service, run, found: 'unverified', pid: null });
      const { identity } = record;
      const alive = record.boot === 'same' && isAlive(identity);
      if (!alive && (record.boot === 'other' || isGroupEmpty(identity))) {
        return later({ type: 'exited', service, run, exitCode: null, signal: null });
      }
      const one = new ProcessRun(parts, spec, run);
      runs.set(key(service, run), one);
      one.adopt(identity);
      later({
        type: 'recovered',
        service,
        run,
        found: alive ? 'alive' : 'unverified',
        pid: alive ? identity.pid : null,
      });
    },
    release(service, run) {
      const one = at(service, run);
      if (one?.isOver() === false) return;
      runs.delete(key(service, run));
      parts.notify.forget(service, run);
      runFolder(parts.runDirectory, service, run).remove();
    },
  };
}
