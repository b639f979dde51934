/**
 * The tree of one run, held by its control group where it has one.
 *
 * The group is believed as long as the main process is in it: one that is not (its shell could not write, or somebody
 * moved it) is held by its own signs from then on, and what the group holds is a part of the tree as before.
 */
import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';
import { join } from 'node:path';
import type { HeldBy } from '../model/held.ts';
import type { Ending } from '../model/reason.ts';
import type { Clock } from '../ports/clock.ts';
import type { Chores } from './chores.ts';
import { withCause } from './cgroup-limits.ts';
import { isPopulated, killGroup, processesIn, read, removeGroup } from './cgroup.ts';
import type { Delivery, Identity, ProcessStat, Signals } from './process-group.ts';
import { isAlive, isExecuting, isGroupEmpty, signalGroup, signalProcess, statOf } from './process-group.ts';
import { type Found, type Looks, TreeScan, ticksNow, waitOf } from './tree-scan.ts';
import { signalAll } from './tree-signal.ts';
import type { Leaders, Member, Tree, TreeOrder } from './tree.ts';

/** What a tree works with. */
export interface RunTreeParts {
  readonly clock: Clock;
  readonly looks: Looks;
  /** Where its removal waits. */
  readonly chores: Pick<Chores, 'add'>;
  /** Its control group of version 2; null = none. It is there, or was. */
  readonly group: string | null;
  /** Its groups of version 1. */
  readonly separate: readonly string[];
  readonly held: HeldBy;
  /** Whether its processes are still to begin, or began under an earlier daemon. */
  readonly began: 'later' | 'earlier';
  /** Called once, when its groups are gone or given up. */
  readonly removed: () => void;
}

/** Rounds of one kill of a tree that grows. */
const ROUNDS = 20;
/** So many looks that find nobody are enough, sure or not. */
const UNSURE_LOOKS = 10;
/** Pauses between two looks; ms. With a group the kernel tells, and the looks are only for safety. */
const LOOK_AGAIN_MS = { session: { first: 1, longest: 250 }, cgroup: { first: 50, longest: 5000 } };
/** A pause is at least so many times as long as the look before it took. */
const LOOKS_SHARE = 4;
/** A group is busy for some milliseconds after its last process. Units: ms; 10 tries are five seconds. */
const REMOVE_AGAIN = { first: 5, tries: 10 };
/** Start times are cut to 10 ms, so one that began just now may seem to have begun before. Ticks. */
const SLACK = 2;

/** The tree of one run. */
export class RunTree implements Tree {
  readonly place: readonly string[];
  readonly #order: TreeOrder;
  readonly #parts: RunTreeParts;
  readonly #scan = new TreeScan();
  #leaders: Leaders = { main: null, shim: null };
  #since: number;
  /** Why the group is not believed; null while it is. */
  #fallen: string | null = null;
  /** Looks in a row that found nobody and were not sure. */
  #unsure = 0;
  /** Who got SIGKILL last time; null before the first. */
  #signalled: Set<string> | null = null;
  #killed: 'no' | 'alive' = 'no';
  #stage: 'kept' | 'removing' | 'removed' = 'kept';

  constructor(order: TreeOrder, parts: RunTreeParts) {
    this.#order = order;
    this.#parts = parts;
    this.#since = parts.began === 'later' ? Math.max(0, ticksNow() - SLACK) : 0;
    this.place = [...(parts.group === null ? [] : [parts.group]), ...parts.separate];
  }

  held(): HeldBy {
    const { held } = this.#parts;
    if (this.#fallen === null) return held;
    return { tree: 'session', why: this.#fallen, limits: held.limits };
  }

  know(leaders: Leaders): void {
    this.#leaders = leaders;
    for (const one of [leaders.shim, leaders.main]) {
      if (one !== null && one.startTime !== null && one.startTime !== '')
        this.#since = Math.min(this.#since, Number(one.startTime));
    }
    this.#believe();
  }

  fallBack(why: string): void {
    this.#fallen ??= why;
  }

  isEmpty(): boolean {
    const group = this.#group();
    const populated = group === null ? null : isPopulated(group);
    if (populated === true) return false;
    // An empty group while the process lives is not the one that it is in; the order of the two looks is what counts.
    if (populated === false && this.#believe() !== null) return true;
    const leader = this.#blindLeader();
    if (leader !== null) return isGroupEmpty(leader);
    const { members, certainty } = this.#look('recent');
    this.#unsure = members.length === 0 && certainty === 'unsure' ? this.#unsure + 1 : 0;
    // Where strangers come and go all the time no look is sure; nobody slips through so many.
    return members.length === 0 && (certainty === 'sure' || this.#unsure >= UNSURE_LOOKS);
  }

  members(): readonly Member[] {
    return this.#look('recent')
      .members.map(({ pid, name, state }) => ({ pid, name, state, waits: waitOf(pid) }))
      .toSorted((a, b) => a.pid - b.pid);
  }

  signal(name: NodeJS.Signals, scope: 'main' | 'tree'): Delivery {
    return this.#signal(scope, [name]);
  }

  ask(name: NodeJS.Signals, scope: 'main' | 'tree'): Delivery {
    return this.#signal(scope, [name, 'SIGCONT']);
  }

  #signal(scope: 'main' | 'tree', names: Signals): Delivery {
    const { main } = this.#leaders;
    if (scope === 'main') return main === null ? 'gone' : signalProcess(main, ...names);
    const leader = this.#blindLeader();
    if (leader !== null) return signalGroup(leader, ...names);
    return signalAll(this.#addressed(names), this.#leaders, names);
  }

  #addressed(names: Signals): readonly ProcessStat[] {
    const { members } = this.#look('recent');
    const { keepers = [] } = this.#leaders;
    if (keepers.length === 0 || names.includes('SIGKILL')) return members;
    return members.filter(
      (one) => !keepers.some(({ pid, startTime }) => pid === one.pid && startTime === one.startTime),
    );
  }

  kill(): void {
    if (this.#leaders.main !== null && isAlive(this.#leaders.main)) this.#killed = 'alive';
    this.#believe();
    const { group } = this.#parts;
    if (group !== null && killGroup(group) === 'sent' && this.#fallen === null) return;
    const leader = this.#blindLeader();
    if (leader !== null) signalGroup(leader, 'SIGKILL');
    // Many trees that are killed at once share the first look. More rounds cost a look each, and are only made against
    // a tree that is seen to grow: the last kill did not know all that are there now.
    const isFirst = this.#signalled === null;
    let grown = this.#killNew(this.#look('recent').members) && !isFirst;
    for (let round = 0; grown && round < ROUNDS; round += 1) grown = this.#killNew(this.#look('fresh').members);
  }

  /** SIGKILL to all; whether there was somebody who had not got one before. */
  #killNew(members: readonly ProcessStat[]): boolean {
    const before = this.#signalled ?? new Set<string>();
    this.#signalled = new Set(members.map(({ pid, startTime }) => `${pid} ${startTime}`));
    const isGrown = [...this.#signalled].some((one) => !before.has(one));
    for (const one of members) signalProcess(one, 'SIGKILL');
    return isGrown;
  }

  watch(empty: () => void): Disposable {
    const held = new DisposableStack();
    const group = this.#group();
    const pauses = LOOK_AGAIN_MS[group === null ? 'session' : 'cgroup'];
    let timer: Disposable | null = null;
    held.defer(() => timer?.[Symbol.dispose]());
    const look = (againMs: number): void => {
      if (held.disposed) return;
      timer?.[Symbol.dispose]();
      const begun = this.#parts.clock.monotonic();
      if (this.isEmpty()) {
        held.dispose();
        return empty();
      }
      // On a machine with thousands of processes, or a busy one, looking may not become all that this program does.
      const restMs = LOOKS_SHARE * (this.#parts.clock.monotonic() - begun);
      timer = this.#parts.clock.after(Math.max(againMs, restMs), () => look(Math.min(againMs * 2, pauses.longest)));
    };
    if (group !== null) {
      const watcher = watchEvents(group, () => look(pauses.first));
      held.defer(() => watcher?.close());
    }
    timer = this.#parts.clock.after(0, () => look(pauses.first));
    return held;
  }

  causeOf(ending: Ending): Ending {
    // What was killed by us was not ended for want of memory, whatever became of its children.
    return this.#killed === 'alive' ? ending : withCause(ending, this.place);
  }

  remove(): void {
    if (this.#stage !== 'kept') return;
    this.#stage = 'removing';
    this.#parts.chores.add(() => this.#remove(REMOVE_AGAIN.first, REMOVE_AGAIN.tries));
  }

  #remove(againMs: number, left: number): void {
    const busy = this.place.map(removeGroup).includes('busy');
    if (busy && left > 0) {
      this.#parts.clock.after(againMs, () => this.#remove(againMs * 2, left - 1));
      return;
    }
    // What is still busy after that is in use by others; an empty group that stays behind costs nothing.
    this.#stage = 'removed';
    this.#parts.removed();
  }

  /** The group, as long as the main process is in it while it lives. */
  #believe(): string | null {
    const { main } = this.#leaders;
    const isToBeThere = this.#group() !== null && main !== null && isAlive(main);
    if (isToBeThere && !this.#isInside(main)) this.fallBack('its process is not in its control group');
    return this.#group();
  }

  /** Where there is no /proc nobody can be found, and the group of the main process is all there is. */
  #blindLeader(): Identity | null {
    const { main } = this.#leaders;
    return main !== null && main.startTime === null ? main : null;
  }

  #group(): string | null {
    return this.#fallen === null ? this.#parts.group : null;
  }

  #isInside({ pid }: Identity): boolean {
    const text = read(`/proc/${pid}/cgroup`);
    const name = (this.#parts.group ?? '').split('/').slice(-3).join('/');
    // It has ended already: nothing speaks against the group.
    if (text === null) return true;
    const path = /^0::(.*)$/m.exec(text)?.[1] ?? '';
    return `${path}/`.includes(`/${name}/`);
  }

  #look(age: 'recent' | 'fresh'): Found {
    const inGroup = this.#parts.group === null ? [] : this.#inGroup(this.#parts.group);
    const believed = this.#group();
    if (believed !== null && isPopulated(believed) !== null) return { members: inGroup, certainty: 'sure' };
    const { main, shim } = this.#leaders;
    const { members, certainty } = this.#scan.members(
      {
        cookie: this.#order.instance,
        leaders: [main, shim].filter((one) => one !== null),
        outside: shim === null ? [] : [shim],
        since: this.#since,
      },
      this.#parts.looks[age](),
    );
    const known = new Set(members.map(({ pid }) => pid));
    return { members: [...members, ...inGroup.filter(({ pid }) => !known.has(pid))], certainty };
  }

  #inGroup(group: string): readonly ProcessStat[] {
    return processesIn(group)
      .map(statOf)
      .filter((stat) => stat !== null && isExecuting(stat))
      .filter((stat) => stat !== null);
  }
}

/** Null where the kernel has no watch left: then the looks alone have to do. */
function watchEvents(group: string, changed: () => void): FSWatcher | null {
  try {
    const watcher = watch(join(group, 'cgroup.events'), { persistent: false }, changed);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    // Out of watches, or the group is gone; the first look finds that out.
    return null;
  }
}
