/** What must hold of the steps inside phases, of hooks and of their limits, whatever happens. */
import { find } from '../core/system.ts';
import type { Engine } from '../engine/engine.ts';
import type { Phase, Service, Step } from '../model/service.ts';
import { isResting } from '../model/service.ts';
import type { HookName, Spec } from '../model/spec.ts';
import type { FakeProcesses } from './fake-runtime.ts';
import { hasRivals } from './standing.ts';

/** What is looked at. */
export interface LifeSight {
  readonly engine: Engine;
  readonly processes: FakeProcesses;
  /** Services whose definition has changed: a run may have been judged by another than it began with. */
  readonly redefined: ReadonlySet<string>;
  /** `service run` of every run that a later daemon took over. */
  readonly recovered: ReadonlySet<string>;
}

/** The phases in which a step may be; a step that is not named here belongs to a stop. */
const HOMES: Readonly<Partial<Record<Step, readonly Phase[]>>> = {
  'before-start': ['starting', 'stopping'],
  reloading: ['ready'],
  damped: ['backoff'],
  ending: ['starting', 'ready', 'stopping'],
};

/** Checked after every turn. */
export function checkLife(sight: LifeSight): readonly string[] {
  const timers = sight.engine.timers();
  return sight.engine.system.services.flatMap((service) =>
    service.phase === 'unknown' ? [] : checkSteps(sight, service, timers.get(service.spec.name) ?? []),
  );
}

/** Checked when a run is asked to end: whatever goes before that is over. */
export function checkAsked({ engine, processes, recovered }: LifeSight, name: string, run: number): readonly string[] {
  const service = find(engine.system, name);
  if (service === undefined || service.run !== run || service.phase !== 'stopping') return [];
  const faults: string[] = [];
  if (service.step === 'draining') faults.push(`${name} was asked to end while it drains`);
  if (service.step === 'before-stop') faults.push(`${name} was asked to end before its hook had its turn`);
  const { limitAt, reason, readyAt, since, due } = service;
  const spec = service.runSpec ?? service.spec;
  // Who gave no sign of life, or is to have no grace, or was being stopped by an earlier daemon, is not spared for long.
  const whole = readyAt !== null && reason.code !== 'watchdog' && due !== 'kill' && !recovered.has(`${name} ${run}`);
  if (whole && engine.world.clock.monotonic() < since + spec.stop.drainMs)
    faults.push(`${name} was asked to end before its drain was over`);
  if (whole && spec.hooks.beforeStop !== null && processes.hooks.count(name, run, 'beforeStop').all === 0)
    faults.push(`${name} was asked to end without its before_stop hook`);
  if (service.step === 'ending' && limitAt === null) faults.push(`${name} was asked to end without a limit`);
  const hooks = processes.hooks.running(name).filter((each) => each.run === run && each.hook === 'beforeStop');
  if (hooks.length > 0) faults.push(`${name} was asked to end while its before_stop hook runs`);
  return faults;
}

/** Checked when a hook begins: it is its turn, and none other of the service goes on. */
export function checkHook(
  { processes }: LifeSight,
  { name }: Spec,
  { run, hook }: { run: number; hook: HookName },
): readonly string[] {
  const faults: string[] = [];
  const living = processes.living(name);
  if (hook === 'beforeStart' && living.length > 0) faults.push(`${name} prepares run ${run} while a run lives`);
  if (hook === 'afterStop' && living.some((each) => each.run === run))
    faults.push(`the after_stop hook of ${name} runs while its run lives`);
  if (processes.hooks.count(name, run, hook).most > 1) faults.push(`${name} run ${run} had its hook ${hook} twice`);
  return faults;
}

/** Checked when all were asked for and nothing goes wrong: whoever has no rival is ready, or done. */
export function checkUp({ engine }: LifeSight): readonly string[] {
  const { system } = engine;
  return system.services.flatMap((service) => {
    const { phase, spec } = service;
    const isUp = phase === (spec.kind === 'task' ? 'completed' : 'ready');
    return isUp || hasRivals(system, service) ? [] : [`${spec.name} is ${phase}`];
  });
}

function checkSteps(
  { processes, redefined }: LifeSight,
  service: Service,
  timers: readonly string[],
): readonly string[] {
  const { phase, step, run, spec } = service;
  const { name } = spec;
  const faults: string[] = [];
  if (step !== 'none' && !(HOMES[step] ?? ['stopping']).includes(phase)) faults.push(`${name} is ${phase} and ${step}`);
  if (phase === 'stopping' && step === 'none') faults.push(`${name} is stopping and at no step of it`);
  if ((step === 'stuck') !== (service.stuck !== null)) faults.push(`${name} is ${step} with ${service.stuck?.text}`);
  if (service.ending !== null && step !== 'after-stop') faults.push(`${name} keeps an end in step ${step}`);
  if (step === 'draining' && !timers.includes('drain')) faults.push(`${name} drains without a limit`);
  if (step === 'reloading' && !timers.includes('startup')) faults.push(`${name} reloads without a limit`);
  const quiet = isResting(phase) || phase === 'waiting' || phase === 'backoff';
  if (!quiet) return faults;
  if (processes.hooks.running(name).length > 0) faults.push(`${name} is ${phase} and a hook of it runs`);
  const last = processes.last(name, run);
  if (last === undefined || last.state !== 'gone' || last.spec.hooks.afterStop === null) return faults;
  if (redefined.has(name)) return faults;
  if (processes.hooks.count(name, run, 'afterStop').all === 0)
    faults.push(`${name} is ${phase}, and run ${run} went without its after_stop hook`);
  return faults;
}
