/**
 * `step(system, event, limits)`: the whole of what Rouse decides.
 *
 * One event is applied to the service it concerns; what follows for its neighbours is settled until nothing changes;
 * then the effects go to the shell in one list. A report of a run that is not the present one changes nothing.
 */
import assert from 'node:assert/strict';
import type { Effect } from '../model/effect.ts';
import type { Event } from '../model/event.ts';
import type { Service } from '../model/service.ts';
import type { ServiceName, Spec } from '../model/spec.ts';
import { takeToken } from './damper.ts';
import type { Transition } from './draft.ts';
import { Draft } from './draft.ts';
import type { Move } from './move.ts';
import { holdBack } from './move.ts';
import { onNotified } from './notice.ts';
import { heldBack } from './held.ts';
import { applyPin } from './pin.ts';
import { applySpecs, dropLeft } from './redefine.ts';
import type { Limits } from './schedule.ts';
import { settle } from './schedule.ts';
import { onLingering } from './stop.ts';
import type { System, WorkingSystem } from './system.ts';
import { at } from './system.ts';
import { onEnded, onHookEnded, onWithdrawn, onProbe, onRecovered, onStarted, onTimer } from './transition.ts';
import { applyWant } from './want.ts';

/** What a step came to. Shapes: `transitions` in the order in which they happened; `removed` left the system. */
export interface StepResult {
  readonly system: System;
  readonly effects: readonly Effect[];
  readonly transitions: readonly Transition[];
  readonly removed: readonly ServiceName[];
}

/**
 * The next state and what to do.
 * Shapes: `system` came from `createSystem`, `rebuild` or an earlier step and is used up: go on with the result's.
 * Errors: none for anything the world does; pure but for the system it is given.
 */
export function step(system: System, event: Event, limits: Limits): StepResult {
  assert(limits.startsAtOnce >= 0, 'a limit is not negative');
  assert(event.draw >= 0 && event.draw < 1, 'a draw is in 0..1');
  const working = asWorking(system);
  const draft = event.type === 'spec-changed' ? applySpecs(working, event) : new Draft(working, event.at);
  applyEvent(draft, event, limits);
  settle(draft, limits);
  const left = dropLeft(draft.system);
  return { system: left.system, effects: draft.effects, transitions: draft.transitions, removed: left.removed };
}

/**
 * The system as a new definition would make it, for whoever decides before it does; nothing has moved in it yet.
 * Shapes: the system is not used up; what is returned is to be looked at only. Errors: the specs are sound, which is asserted.
 */
export function systemUnder(system: System, specs: readonly Spec[], now: number): System {
  return applySpecs(asWorking(system), { type: 'spec-changed', specs, at: now, draw: 0 }).system;
}

function applyEvent(draft: Draft, event: Event, limits: Limits): void {
  if (event.type === 'want') return applyWant(draft, event);
  if (event.type === 'pinned') return applyPin(draft, event);
  if (event.type === 'spec-changed') return undefined;
  const index = draft.system.graph.indexOf.get(event.service);
  if (index === undefined) return undefined;
  const service = at(draft.system, index);
  if (service.run !== event.run) return undefined;
  switch (event.type) {
    case 'started':
      return draft.apply(index, onStarted(service, event));
    case 'start-failed':
    case 'exited':
      return draft.apply(index, heldBack(draft.system, index, onEnded(service, event), event.at));
    case 'probe':
      return draft.apply(index, onProbe(service, event));
    case 'timer':
      return draft.apply(index, dampened(draft, service, { event, limits }) ?? onTimer(service, event));
    case 'hook-ended':
      return draft.apply(
        index,
        heldBack(draft.system, index, withdrawn(draft.system, index, event) ?? onHookEnded(service, event), event.at),
      );
    case 'notified':
      return draft.apply(index, onNotified(service, event));
    case 'lingering':
      return draft.apply(index, onLingering(service, event));
    case 'recovered':
      return draft.apply(index, onRecovered(service, event));
    default:
      return event satisfies never;
  }
}

/** An automatic restart that is due but has to wait for its token; null when it may go, or when nothing of this is due. */
function dampened(
  draft: Draft,
  service: Service,
  { event, limits }: { readonly event: Extract<Event, { type: 'timer' }>; readonly limits: Limits },
): Move | null {
  if (event.timer !== 'backoff' || service.phase !== 'backoff') return null;
  const place = service.step === 'damped' ? 'first' : 'new';
  const again = takeToken(draft.system, event.at, { budget: limits.restarts, place });
  return again === null ? null : holdBack(service, event.at, again);
}

/** A start whose needs were lost while its `before_start` hook ran: it waits for them again; null when it may go on. */
function withdrawn(
  system: WorkingSystem,
  index: number,
  { at: now, draw, hook }: Extract<Event, { type: 'hook-ended' }>,
): Move | null {
  const service = at(system, index);
  if (hook !== 'beforeStart' || service.phase !== 'starting' || service.step !== 'before-start') return null;
  if (service.demand === 'alone' || (system.counts.unmet[index] ?? 0) === 0) return null;
  return onWithdrawn(service, { at: now, draw });
}

function asWorking(system: System): WorkingSystem {
  assert(isWorking(system), 'a system is made by core');
  return system;
}

function isWorking(system: System): system is WorkingSystem {
  return 'counts' in system && 'queue' in system;
}
