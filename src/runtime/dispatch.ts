/** One runtime made of the kinds: each call goes to the kind that the service's definition names. */
import type { Execution, ServiceName, Spec } from '../model/spec.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { Hooks } from './hooks.ts';

/** How one kind of execution runs; hooks are the same for all. */
export type KindRuntime = Omit<Runtime, 'hook'>;

/** A runtime for every kind of execution. A new kind is one more file, and one more line where this is filled in. */
export type Kinds = Readonly<Record<Execution['type'], KindRuntime>>;

/**
 * The runtime that stands for all of them. A run stays with the kind it was started by, whatever its definition says
 * later, until it is released; a signal or a kill for a run that nobody started is ignored.
 */
export function dispatchRuntime(kinds: Kinds, hooks: Hooks): Runtime {
  const owners = new Map<string, KindRuntime>();
  const key = (service: ServiceName, run: number): string => `${service} ${run}`;
  const own = (spec: Spec, run: number): KindRuntime => {
    const owner = owners.get(key(spec.name, run)) ?? kinds[spec.execution.type];
    owners.set(key(spec.name, run), owner);
    return owner;
  };
  return {
    start: (spec, run) => own(spec, run).start(spec, run),
    adopt: (spec, run) => own(spec, run).adopt(spec, run),
    stop: (spec, run) => owners.get(key(spec.name, run))?.stop(spec, run),
    signal: (service, run, name, scope) => owners.get(key(service, run))?.signal(service, run, name, scope),
    hook: (spec, run, hook) => hooks.run(spec, run, hook),
    kill(service, run) {
      hooks.kill(service, run);
      owners.get(key(service, run))?.kill(service, run);
    },
    release(service, run) {
      // What its hooks have not done by then, they do no more: whatever rests has nothing left running.
      hooks.kill(service, run);
      owners.get(key(service, run))?.release(service, run);
      owners.delete(key(service, run));
    },
  };
}
