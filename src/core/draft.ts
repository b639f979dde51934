/**
 * One step in the making: moves are applied to the system, their consequences for the neighbours are counted, and
 * whoever may be affected is put on the agenda. Nothing is performed here.
 */
import assert from 'node:assert/strict';
import type { Effect } from '../model/effect.ts';
import type { Service } from '../model/service.ts';
import { desiredOf, isLive } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import { isUpwards } from './conflict.ts';
import type { Transition } from './difference.ts';
import { flipOf, isLost, isNotable, looksDifferent, wishOf } from './difference.ts';
import { isBroken, isMet, isReached } from './edge.ts';
import { STRENGTH, conflictsOf, needsOf } from './graph.ts';
import type { Move } from './move.ts';
import { note } from './move.ts';
import { conflicting, goingWith, isFirm, isStoodOff, isStronger } from './rival.ts';
import { onReplace, onRelease, onWake } from './transition.ts';
import type { WorkingSystem } from './system.ts';
import { add, at, isDamped, isSpawning, isStopping, pulls } from './system.ts';

export type { Transition } from './difference.ts';

/** The step's results so far. */
export class Draft {
  readonly system: WorkingSystem;
  readonly effects: Effect[] = [];
  readonly transitions: Transition[] = [];
  readonly now: number;
  readonly #agenda: number[] = [];
  readonly #onAgenda = new Set<number>();
  readonly #pulls: { readonly index: number; readonly wanted: boolean }[] = [];
  readonly #risen: number[] = [];

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
    this.#settleRisen();
  }

  /** Puts everybody who has a rival on the agenda: what stands in whose way may have changed far from them. */
  considerRivals(): void {
    for (const index of new Set(this.system.graph.conflicts)) this.consider(index);
  }

  /** Of two that conflict and are both on their way up, which a new definition may bring about, the stronger stays. */
  settleQuarrels(): void {
    const { graph } = this.system;
    if (graph.conflicts.length === 0) return;
    for (let index = 0; index < graph.size; index += 1) {
      if (!isUpwards(at(this.system, index))) continue;
      this.#settleQuarrel(index);
      this.#settleRisen();
    }
  }

  #settleQuarrel(index: number): void {
    const service = at(this.system, index);
    const stronger = conflicting(this.system, index, (other) => isUpwards(other) && isStronger(other, service));
    this.#risen.push(this.system.graph.indexOf.get(stronger?.spec.name ?? '') ?? index);
  }

  /** Queues, not recursion: a chain may be longer than the stack is deep. */
  #settleRisen(): void {
    while (this.#pulls.length > 0 || this.#risen.length > 0) {
      for (let pull = this.#pulls.shift(); pull !== undefined; pull = this.#pulls.shift()) this.#pull(pull);
      const risen = this.#risen.shift();
      if (risen !== undefined && isUpwards(at(this.system, risen))) this.#makeWay(risen);
    }
  }

  #move(index: number, move: Move): void {
    const before = at(this.system, index);
    const after = move.next;
    this.effects.push(...move.effects);
    if (after === before) return;
    this.system.services[index] = after;
    if (isNotable(before, after)) this.transitions.push({ before, after });
    this.#countSpawning(before, after);
    if (before.phase !== after.phase || before.due !== after.due || wishOf(before) !== wishOf(after))
      this.consider(index);
    this.#countHolders(index, { before, after });
    this.#countStopping(index, Number(isStopping(after)) - Number(isStopping(before)));
    this.#countConflicts(index, Number(isLive(after.phase)) - Number(isLive(before.phase)));
    if (looksDifferent(before, after)) this.#tellDependents(index, before, after);
    if (before.phase === 'unknown') this.#recheckLosses(index);
    if (pulls(before) !== pulls(after)) this.#pulls.push({ index, wanted: pulls(after) });
    if (!isUpwards(before) && isUpwards(after)) this.#risen.push(index);
    if (isUpwards(after) && (isFirm(before) || isStoodOff(before)) && !isFirm(after) && !isStoodOff(after))
      this.#settleQuarrel(index);
    if (isFirm(before) !== isFirm(after)) this.#tellRivals(index, isFirm(before) ? 'freed' : 'barred');
  }

  #countSpawning(before: Service, after: Service): void {
    this.system.spawning += Number(isSpawning(after)) - Number(isSpawning(before));
    this.system.damped += Number(isDamped(after)) - Number(isDamped(before));
    this.system.pinnedUp += Number(after.pin === 'up') - Number(before.pin === 'up');
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
      if (flip.holding === 0 && flip.leaving === 0 && flip.both === 0) continue;
      for (let edge = graph.needStart[flip.index] ?? 0; edge < (graph.needStart[flip.index + 1] ?? 0); edge += 1) {
        const to = graph.needs[edge] ?? 0;
        const was = counts.leavingDependents[to] ?? 0;
        add(counts.liveDependents, to, graph.strength[edge] === STRENGTH.required ? flip.holding : flip.both);
        add(counts.leavingDependents, to, flip.leaving);
        const is = was + flip.leaving;
        if (counts.liveDependents[to] === 0 || is === 0) this.consider(to);
        const service = at(this.system, to);
        flips.push({ index: to, ...flipOf({ before: service, after: service }, was, is) });
      }
    }
  }

  /** Between a stop and a start the stop goes first: who is stopping holds the start of what it depends on. */
  #countStopping(index: number, change: number): void {
    const { graph, counts } = this.system;
    if (change === 0) return;
    for (const to of needsOf(graph, index)) {
      add(counts.stoppingDependents, to, change);
      if (counts.stoppingDependents[to] === 0) this.consider(to);
    }
  }

  /** While a rival is pinned up, one that waits for that has not had it out with its other rivals. */
  #tellRivals(index: number, are: 'freed' | 'barred'): void {
    for (const other of conflictsOf(this.system.graph, index)) {
      this.consider(other);
      if (are === 'freed' && isUpwards(at(this.system, other))) this.#settleQuarrel(other);
    }
  }

  #countConflicts(index: number, change: number): void {
    const { graph, counts } = this.system;
    if (change === 0) return;
    for (const other of conflictsOf(graph, index)) {
      add(counts.liveConflicts, other, change);
      if (counts.liveConflicts[other] === 0) this.consider(other);
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
      if (met !== 0 || broken !== 0 || before.pin !== after.pin) this.consider(from);
      if (edge.onLoss !== 'ignore' && edge.need !== 'order') this.#follow(from, edge.onLoss, { before, after });
    }
  }

  /**
   * A dependent that follows its dependency is replaced: at the loss (`stop`), or when the dependency is back (`restart`):
   * its next run is ready, or it is healthy again. What is lost makes no difference: it ended, is about to, or is unhealthy.
   */
  #follow(index: number, onLoss: 'restart' | 'stop', { before, after }: Transition): void {
    const was = isReached('ready', before);
    const is = isReached('ready', after);
    const lost = (was || before.phase === 'unknown') && isLost(after);
    const { startedAt } = at(this.system, index);
    const begunBefore = startedAt !== null && after.startedAt !== null && startedAt < after.startedAt;
    const healed = before.phase === 'ready' && before.health.verdict === 'unhealthy';
    const back = !was && is && (begunBefore || healed);
    if (onLoss === 'stop' ? lost : back) this.#replace(index, after.spec.name);
  }

  /** A loss that nobody saw because the daemon was away is made up for when the dependent's run is found. */
  #recheckLosses(index: number): void {
    const { spec, demand } = at(this.system, index);
    const needs = needsOf(this.system.graph, index);
    const edge = spec.dependencies.find(
      ({ onLoss, need }, place) => onLoss === 'stop' && need !== 'order' && isLost(at(this.system, needs[place] ?? 0)),
    );
    if (edge !== undefined && demand !== 'alone') this.#replace(index, edge.name);
  }

  #replace(index: number, lost: ServiceName): void {
    const dependent = at(this.system, index);
    if (dependent.phase !== 'starting' && dependent.phase !== 'ready') return;
    const reason = { code: 'dependency-lost', service: lost } as const;
    this.#move(index, onReplace(dependent, { reason, at: this.now, when: 'now' }));
  }

  /** Lets go of whoever may not be up together with it, and of all that requires those; dependents first. */
  #makeWay(index: number): void {
    const { spec, phase, pin } = at(this.system, index);
    const firm = conflicting(this.system, index, isFirm);
    // What runs would stand in the way of who is pinned up: it gives way itself. What waits goes on waiting.
    if (firm !== null && pin !== 'up') return isLive(phase) ? this.#letGo(index, firm.spec.name) : undefined;
    for (const rival of conflictsOf(this.system.graph, index)) {
      if (isUpwards(at(this.system, rival))) this.#letGo(rival, spec.name);
    }
  }

  #letGo(index: number, wayFor: ServiceName): void {
    const reason = { code: 'conflict', service: wayFor } as const;
    for (const each of goingWith(this.system, index))
      this.#move(each, onRelease(at(this.system, each), 'none', this.now, reason));
  }

  /** Takes hold of, or lets go, everything that the service needs. */
  #pull({ index, wanted }: { readonly index: number; readonly wanted: boolean }): void {
    const { graph, counts } = this.system;
    const { intent, demand } = at(this.system, index);
    for (let edge = graph.needStart[index] ?? 0; edge < (graph.needStart[index + 1] ?? 0); edge += 1) {
      const to = graph.needs[edge] ?? 0;
      if (graph.strength[edge] === STRENGTH.order) continue;
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
