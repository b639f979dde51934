/** Reports out of place: for the present run, of any kind, as a late or doubled one would be. */
import { WORDS } from './liveliness.ts';
import { whole } from './scenario.ts';
import type { Happening } from '../model/event.ts';
import type { Service } from '../model/service.ts';
import type { HookName } from '../model/spec.ts';
import type { Random } from '../ports/random.ts';

/** One of the reports that every runtime makes; null for a service that never ran. */
export function strayOf(service: Service, random: Random): Happening | null {
  if (service.run === 0) return null;
  const { spec, run, phase, spawned } = service;
  const base = { service: spec.name, run };
  const fault = { code: 'command-failed', message: 'late', program: null, hint: null } as const;
  const strays: Happening[] = [
    { ...base, type: 'probe', question: 'health', answer: 'fail', message: 'late' },
    { ...base, type: 'probe', question: 'liveness', answer: 'pass', message: 'late' },
  ];
  const quiet = isQuiet(service);
  if (spawned === 'yes' || quiet)
    strays.push({ ...base, type: 'started', pid: 1 }, { ...base, type: 'start-failed', fault });
  if (quiet) strays.push({ ...base, type: 'exited', exitCode: 0, signal: null });
  if (phase !== 'unknown') strays.push({ ...base, type: 'recovered', found: 'alive', pid: 1 });
  return strays[whole(random, strays.length)] ?? null;
}

/** One about a hook, a word or a process that is still there. Shapes: never the end of a hook whose turn is or comes. */
export function lifeStray(service: Service, random: Random): Happening {
  const base = { service: service.spec.name, run: service.run };
  const chance = random.draw();
  if (chance < 0.3) return { ...base, type: 'lingering', pids: [1], text: 'state D' };
  if (chance < 0.6) {
    const word = WORDS[whole(random, WORDS.length)] ?? 'status';
    return { ...base, type: 'notified', word, text: 'late', ms: 500, pid: null };
  }
  const hooks = pastHooks(service);
  const hook = hooks[whole(random, hooks.length)] ?? 'afterReady';
  return { ...base, type: 'hook-ended', hook, result: random.draw() < 0.5 ? 'ok' : 'failed', message: 'late' };
}

function pastHooks(service: Service): readonly HookName[] {
  if (isQuiet(service)) return ['beforeStart', 'afterReady', 'beforeStop', 'afterStop'];
  if (service.step === 'before-start' || service.phase === 'unknown') return ['afterReady'];
  return ['beforeStart', 'afterReady'];
}

function isQuiet({ phase }: Service): boolean {
  return (
    phase === 'waiting' || phase === 'backoff' || phase === 'stopped' || phase === 'failed' || phase === 'completed'
  );
}
