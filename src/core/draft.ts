/**
 * One step in the making: moves are applied to the system, their consequences for the neighbours are counted, and
 * whoever may be affected is put on the agenda. Nothing is performed here.
 */
import assert from 'node:assert/strict';
import type { Effect } from '../model/effect.ts';
import type { Service } from '../model/service.ts';
import { desiredOf } from '../model/service.ts';
import { isBroken, isMet, isReached } from './edge.ts';
import type { Move } from './move.ts';
import { note } from './move.ts';
import { onReplace, onRelease, onWake } from './transition.ts';
import type { WorkingSystem } from './system.ts';
import { add, at, isHolding, isLeaving, isSpawning, pulls } from './system.ts';

/** A service before and after something worth recording: its phase, reason, verdict, demand, request or process changed. */
export interface Transition {
  readonly before: Service;
  readonly after: Service;
}

/** The step's results so far. */
export class Draft {
  readonly system: WorkingSystem;
  readonly effects: Effect[] = [];
  readonly transitions: Transition[] = [];
  readonly now: number;
  readonly #agenda: number[] = [];
  readonly #onAgenda = new Set<number>();
  readonly #pulls: { readonly index: number; readonly wanted: boolean }[] = [];

  constructor(system: WorkingSystem, now: number) {
    this.system = system;
    this.now = now;
  }

  /** Puts a service on the agenda: whether it may start or stop is to be asked again. */
  consider(index: number): void {
    if (this.#onAgenda.has(index)) return;
    this.#onAgenda.add(index);
    this.#agenda.push(index);
  }

  /** Takes everyone off the agenda, in turn, also those who come on while this goes on. */
  *agenda(): Generator<number> {
    for (let place = 0; place < this.#agenda.length; place += 1) {
      const index = this.#agenda[place] ?? 0;
      this.#onAgenda.delete(index);
      yield index;
    }
    this.#agenda.length = 0;
  }

  /** Makes a move and counts what it means to the neighbours, and to theirs. */
  apply(index: number, move: Move): void {
    this.#move(index, move);
    // A queue, not recursion: a chain may be longer than the stack is deep.
    for (let pull = this.#pulls.shift(); pull !== undefined; pull = this.#pulls.shift()) this.#pull(pull);
  }

  #move(index: number, move: Move): void {
    const before = at(this.system, index);
    const after = move.next;
    this.effects.push(...move.effects);
    if (after === before) return;
    this.system.services[index] = after;
    if (isNotable(before, after)) this.transitions.push({ before, after });
    this.#countSpawning(before, after);
    if (before.phase !== after.phase || before.demand !== after.demand || before.due !== after.due)
      this.consider(index);
    this.#countHolders(index, { before, after });
    if (looksDifferent(before, after)) this.#tellDependents(index, before, after);
    if (pulls(before) !== pulls(after)) this.#pulls.push({ index, wanted: pulls(after) });
  }

  #countSpawning(before: Service, after: Service): void {
    if (isSpawning(before) === isSpawning(after)) return;
    this.system.spawning += isSpawning(after) ? 1 : -1;
  }

  /**
   * Counts who holds whom. Whoever rests passes on the hold of those above it that are still going: a task that is done
   * stands between a service and its database, and the database still goes last.
   */
  #countHolders(index: number, { before, after }: Transition): void {
    const { graph, counts } = this.system;
    const above = counts.leavingDependents[index] ?? 0;
    const flips = [{ index, ...flipOf({ before, after }, above, above) }];
    for (let flip = flips.pop(); flip !== undefined; flip = flips.pop()) {
      if (flip.holding === 0 && flip.leaving === 0) continue;
      for (let edge = graph.needStart[flip.index] ?? 0; edge < (graph.needStart[flip.index + 1] ?? 0); edge += 1) {
        const to = graph.needs[edge] ?? 0;
        const was = counts.leavingDependents[to] ?? 0;
        add(counts.liveDependents, to, flip.holding);
        add(counts.leavingDependents, to, flip.leaving);
        const is = was + flip.leaving;
        if (counts.liveDependents[to] === 0 || is === 0) this.consider(to);
        const service = at(this.system, to);
        flips.push({ index: to, ...flipOf({ before: service, after: service }, was, is) });
      }
    }
  }

  #tellDependents(index: number, before: Service, after: Service): void {
    const { graph, counts } = this.system;
    for (let place = graph.dependentStart[index] ?? 0; place < (graph.dependentStart[index + 1] ?? 0); place += 1) {
      const from = graph.dependents[place] ?? 0;
      const dependent = at(this.system, from);
      const edge = dependent.spec.dependencies[graph.dependentEdge[place] ?? 0];
      assert(edge !== undefined);
      const met = Number(isMet(edge, after)) - Number(isMet(edge, before));
      const broken = Number(isBroken(edge, after)) - Number(isBroken(edge, before));
      add(counts.unmet, from, -met);
      add(counts.broken, from, broken);
      if (met !== 0 || broken !== 0) this.consider(from);
      if (edge.onLoss !== 'ignore') this.#follow(from, edge.onLoss, { before, after });
    }
  }

  /** A dependent that follows its dependency is replaced: at the loss (`stop`), or when the next run is ready (`restart`). */
  #follow(index: number, onLoss: 'restart' | 'stop', { before, after }: Transition): void {
    const dependent = at(this.system, index);
    if (dependent.phase !== 'starting' && dependent.phase !== 'ready') return;
    const lost = isReached('ready', before) && !isReached('ready', after);
    const back = !isReached('ready', before) && isReached('ready', after);
    const begunBefore =
      dependent.startedAt !== null && after.startedAt !== null && dependent.startedAt < after.startedAt;
    if ((onLoss === 'stop' && lost) || (onLoss === 'restart' && back && begunBefore)) {
      const reason = { code: 'dependency-lost', service: after.spec.name } as const;
      this.#move(index, onReplace(dependent, { reason, at: this.now, when: 'now' }));
    }
  }

  /** Takes hold of, or lets go, everything that the service needs. */
  #pull({ index, wanted }: { readonly index: number; readonly wanted: boolean }): void {
    const { graph, counts } = this.system;
    const { intent, demand } = at(this.system, index);
    for (let edge = graph.needStart[index] ?? 0; edge < (graph.needStart[index + 1] ?? 0); edge += 1) {
      const to = graph.needs[edge] ?? 0;
      add(counts.demanders, to, wanted ? 1 : -1);
      const dependency = at(this.system, to);
      if (wanted && desiredOf(dependency) === 'down') {
        this.#move(to, onWake(dependency, { demand: 'needed', completed: 'keep', intent, at: this.now }));
      } else if (!wanted && dependency.demand === 'needed' && counts.demanders[to] === 0) {
        // Going on alone is no reason to put to rest what was needed until now.
        if (demand === 'alone') this.#move(to, note(dependency, { demand: 'asked' }));
        else this.#move(to, onRelease(dependency, 'released', this.now));
      }
    }
  }
}

/** By how much a service's hold on its needs changes (-1, 0 or 1 each), from how many above it were and are leaving. */
function flipOf(
  { before, after }: Transition,
  was: number,
  is: number,
): { readonly holding: number; readonly leaving: number } {
  return {
    holding: Number(isHolding(after, is)) - Number(isHolding(before, was)),
    leaving: Number(isLeaving(after, is)) - Number(isLeaving(before, was)),
  };
}

function isNotable(before: Service, after: Service): boolean {
  return (
    before.phase !== after.phase ||
    before.reason !== after.reason ||
    before.demand !== after.demand ||
    before.health.verdict !== after.health.verdict ||
    before.intent !== after.intent ||
    before.pid !== after.pid ||
    before.spec !== after.spec
  );
}

/** Whether dependents could see a difference: everything that `core/edge.ts` reads. */
function looksDifferent(before: Service, after: Service): boolean {
  return (
    before.phase !== after.phase ||
    before.due !== after.due ||
    before.spawned !== after.spawned ||
    (before.reason.code === 'dependency') !== (after.reason.code === 'dependency') ||
    desiredOf(before) !== desiredOf(after)
  );
}
