/**
 * One service under a new definition: its run takes over what holds at once, and is asked anew where its check changed.
 * A run that only looks different because its own definition is not known any more stays outdated.
 */
import type { Effect } from '../model/effect.ts';
import type { Question } from '../model/event.ts';
import { keptByRun, sameMeaning, takenOver } from '../model/live.ts';
import type { Health, Service } from '../model/service.ts';
import type { Spec } from '../model/spec.ts';
import { keptUnder, probeOf, questionsOf } from './health.ts';

/** The service with the new spec. Shapes: same phase; of its run, what holds at once. Errors: none; pure. */
export function redefined(service: Service, spec: Spec): Service {
  const { runSpec: run, proven, health } = service;
  if (run === null) return { ...service, spec };
  const isStandIn = run.hash !== service.spec.hash && keptByRun(run, service.spec).length === 0;
  const runSpec = isStandIn && run.hash !== spec.hash ? { ...spec, hash: run.hash } : takenOver(run, spec);
  return {
    ...service,
    spec,
    runSpec,
    proven: proven === run.hash ? runSpec.hash : proven,
    health: asksTheSame(run, runSpec, service) ? health : afresh(health, questionOf(runSpec, service)),
  };
}

/** The orders to ask a run what its changed definition asks; empty when that is what it is asked already. */
export function askedAnew(before: Service, after: Service): readonly Effect[] {
  const { runSpec: old } = before;
  const { runSpec: spec, phase } = after;
  if (old === null || spec === null || before.run !== after.run || asksTheSame(old, spec, after)) return [];
  const order = { service: spec.name, run: after.run };
  const effects: Effect[] = [{ ...order, type: 'stop-probes' }];
  const cadence = phase === 'starting' ? 'starting' : 'running';
  const question = questionOf(spec, after);
  const beat = cadence === 'running' && spec.watchdogMs !== null;
  for (const asked of [question, ...(beat ? (['watchdog'] as const) : [])])
    if (asked !== null) effects.push({ ...order, type: 'start-probe', question: asked, cadence, spec });
  return effects;
}

function afresh(health: Health, question: Question | null): Health {
  return { ...keptUnder(health, question), failures: 0, successes: 0 };
}

function asksTheSame(old: Spec, spec: Spec, service: Service): boolean {
  const [before, after] = [questionOf(old, service), questionOf(spec, service)];
  if (before === null || after === null) return before === after;
  return before === after && sameMeaning(probeOf(old, before), probeOf(spec, after));
}

// Before the run exists, and once it is to end, nothing is asked.
function questionOf(spec: Spec, { phase, step, spawned }: Service): Question | null {
  if (phase === 'ready') return questionsOf(spec).running;
  return phase === 'starting' && step === 'none' && spawned === 'yes' ? questionsOf(spec).starting : null;
}
