/** Transitions to records: what is kept and told of a step. */
import { describeTransition } from '../core/describe.ts';
import type { Transition } from '../core/draft.ts';
import { find } from '../core/system.ts';
import type { System } from '../core/system.ts';
import type { Event } from '../model/event.ts';
import type { RecordBody } from '../model/record.ts';
import type { Service } from '../model/service.ts';
import { isLive } from '../model/service.ts';

/** The records of one transition, in the order in which they are told; empty when only a request was noted. */
export function recordsOf({ before, after }: Transition): readonly RecordBody[] {
  const service = after.spec.name;
  const { run, pid } = after;
  const bodies: RecordBody[] = [];
  const ended = isOver(after) && !isOver(before) && isLive(before.phase) && hasRun({ before, after });
  if (ended) bodies.push({ type: 'service.exit', service, run, exitCode: after.exitCode, signal: after.exitSignal });
  if (before.pin !== after.pin) bodies.push({ type: 'service.pinned', service, pin: after.pin });
  // A step is told where it is one inside a phase: the first one is told by the phase.
  const stepped = before.step !== after.step || before.stuck !== after.stuck;
  if (before.phase !== after.phase || before.reason !== after.reason || (stepped && isLive(after.phase))) {
    const text = describeTransition(before, after);
    const elapsedMs = after.since - before.since;
    const { phase: to, reason } = after;
    bodies.push({ type: 'service.phase', service, from: before.phase, to, run, reason, text, elapsedMs, pid });
  }
  if (before.health.verdict !== after.health.verdict && isLive(after.phase)) {
    const { verdict, message } = after.health;
    bodies.push({ type: 'service.health', service, run, from: before.health.verdict, to: verdict, message });
  }
  if (after.phase === 'backoff' && before.phase !== 'backoff') {
    const delayMs = (after.retryAt ?? after.since) - after.since;
    bodies.push({ type: 'service.restart', service, run, delayMs, restarts: after.restarts });
  }
  return bodies;
}

/** The record of a hook of the present run that ended badly; null for every other event. */
export function hookFailure(system: System, event: Event): RecordBody | null {
  if (event.type !== 'hook-ended' || event.result === 'ok') return null;
  const { service, run, hook, message } = event;
  return find(system, service)?.run === run ? { type: 'service.hook', service, run, hook, message } : null;
}

/**
 * Whether nothing of a run is left; a hook that tidies up after it may still be at work. One whose end is known stays
 * over while a later daemon doubts it because of that hook: its end was told by the one before.
 */
function isOver({ phase, step, ending }: Service): boolean {
  return !isLive(phase) || step === 'after-stop' || ending !== null;
}

/** Whether there was a run to end: its runtime said so, or its end was observed after a daemon that heard nothing of it. */
function hasRun({ before, after }: Transition): boolean {
  return before.spawned === 'yes' || after.exitCode !== null || after.exitSignal !== null;
}
