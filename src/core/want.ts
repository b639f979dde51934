/**
 * What a request means for each service.
 *
 * start: the targets are asked for; what they need is woken, failed needs are tried again. stop: the targets and, in
 * scope `closure`, everything that depends on them are let go, dependents first. restart: live targets (and live
 * dependents) are replaced, the rest is started. In scope `alone` nobody but the targets is touched. What is pinned
 * stays where it is pinned; the request counts for it when the pin is taken away.
 */
import type { Event } from '../model/event.ts';
import type { Service } from '../model/service.ts';
import { desiredOf, isLive } from '../model/service.ts';
import type { Draft } from './draft.ts';
import { closure, inOrder, pulledBy } from './graph.ts';
import type { System } from './system.ts';
import { onHurry } from './stop.ts';
import { at, pulls } from './system.ts';
import { onReplace, onRelease, onStopOrder, onWake } from './transition.ts';

type Want = Extract<Event, { type: 'want' }>;

/** Applies a request. Shapes: its names are known, which the engine sees to; unknown ones are passed over. */
export function applyWant(draft: Draft, want: Want): void {
  // Who has left the definition can only end.
  const here = want.action === 'stop' ? want.services : want.services.filter((name) => !draft.system.leaving.has(name));
  const targets = new Set(numbersOf(draft.system, here));
  switch (want.action) {
    case 'start':
      return applyStart(draft, { ...want, services: here }, targets);
    case 'stop':
      return applyStop(draft, want, targets);
    case 'restart':
      return applyRestart(draft, { ...want, services: here }, targets);
    default:
      return want.action satisfies never;
  }
}

/** The services that a request touches, in the order in which it is applied. */
export function touchedBy(system: System, want: Pick<Want, 'action' | 'scope' | 'services'>): number[] {
  const targets = numbersOf(system, want.services);
  const { graph } = system;
  if (want.scope === 'alone') {
    const marks = new Uint8Array(graph.size);
    for (const target of targets) marks[target] = 1;
    return want.action === 'stop' ? inOrder(graph, marks).toReversed() : inOrder(graph, marks);
  }
  if (want.action === 'start') return inOrder(graph, needsOfAll(system, targets));
  return inOrder(graph, closure(graph, targets, 'dependents')).toReversed();
}

/** The targets and what they need, as marks. What is pinned down is not woken, so what it needs is not needed for it. */
function needsOfAll({ graph, services }: System, targets: readonly number[]): Uint8Array {
  const down = new Set(services.flatMap(({ pin }, index) => (pin === 'down' ? [index] : [])));
  if (down.size === 0) return closure(graph, targets, 'needs');
  const marks = new Uint8Array(graph.size);
  const reached = new Set(targets);
  for (const each of reached) {
    marks[each] = 1;
    if (!down.has(each)) for (const to of pulledBy(graph, each)) reached.add(to);
  }
  return marks;
}

function applyStart(draft: Draft, want: Want, targets: ReadonlySet<number>): void {
  for (const index of touchedBy(draft.system, want)) {
    const target = targets.has(index);
    const demand = !target ? 'needed' : want.scope === 'alone' ? 'alone' : 'asked';
    const completed = target ? want.completed : 'keep';
    draft.apply(index, onWake(at(draft.system, index), { demand, completed, intent: want.intent, at: want.at }));
  }
  if (draft.system.graph.conflicts.length > 0) releaseUnneeded(draft, want);
}

/** Of two that conflict and are asked for at once the first gives way, and what was woken for it is not needed. */
function releaseUnneeded(draft: Draft, want: Want): void {
  for (const index of touchedBy(draft.system, want).toReversed()) {
    const service = at(draft.system, index);
    if (service.demand === 'needed' && draft.system.counts.demanders[index] === 0)
      draft.apply(index, onRelease(service, 'released', want.at));
  }
}

function applyStop(draft: Draft, want: Want, targets: ReadonlySet<number>): void {
  for (const index of touchedBy(draft.system, want)) {
    draft.apply(index, onRelease(intended(draft, index, want), 'none', want.at));
    if (desiredOf(at(draft.system, index)) === 'up') continue;
    if (want.grace === 'none') draft.apply(index, onHurry(at(draft.system, index)));
    if (want.scope === 'alone' && targets.has(index)) draft.apply(index, onStopOrder(at(draft.system, index), want.at));
  }
}

function applyRestart(draft: Draft, want: Want, targets: ReadonlySet<number>): void {
  for (const index of touchedBy(draft.system, want)) {
    const service = at(draft.system, index);
    const target = targets.has(index);
    if (!target && !(isLive(service.phase) && desiredOf(service) === 'up')) continue;
    const when = want.scope === 'alone' ? 'now' : 'free';
    draft.apply(index, onReplace(intended(draft, index, want), { reason: { code: 'restart' }, at: want.at, when }));
    if (want.grace === 'none') draft.apply(index, onHurry(at(draft.system, index)));
  }
  const wake = { demand: 'asked', completed: 'again', intent: want.intent, at: want.at } as const;
  for (const index of targets) {
    const service = at(draft.system, index);
    if (desiredOf(service) === 'down' || !isLive(service.phase)) draft.apply(index, onWake(service, wake));
  }
  const pulling = [...targets].filter((index) => pulls(at(draft.system, index)));
  // Dependents first: what nobody pulls by then, because its dependent runs alone, is left in peace.
  for (const index of inOrder(draft.system.graph, closure(draft.system.graph, pulling, 'needs')).toReversed()) {
    if (targets.has(index) || draft.system.counts.demanders[index] === 0) continue;
    draft.apply(index, onWake(at(draft.system, index), { ...wake, demand: 'needed', completed: 'keep' }));
  }
}

function intended(draft: Draft, index: number, want: Want): Service {
  const service = at(draft.system, index);
  return { ...service, intent: Math.max(service.intent, want.intent) };
}

function numbersOf(system: System, names: readonly string[]): number[] {
  return names.flatMap((name) => system.graph.indexOf.get(name) ?? []);
}
