/** A tree that nothing but its own signs holds together; `tree-scan.ts` says which. */
import type { Ending } from '../model/reason.ts';
import type { ResourceLimits } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import { type Delivery, type Identity, type ProcessStat, signalGroup, signalProcess, statOf } from './process-group.ts';
import { type Wanted, TreeScan, lookAround, ticksNow, waitOf } from './tree-scan.ts';
import type { HeldBy, Leaders, LimitHeld, Member, Tree, TreeOrder } from './tree.ts';

/** Signals that a shim outlives (it traps them), so that they may be sent to a group which it is in. */
const OUTLIVED: readonly NodeJS.Signals[] = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'];
/** Rounds of one kill. Each ends all that it finds; more are only needed while new ones are made meanwhile. */
const ROUNDS = 20;
/** Pauses between two looks; ms. */
const LOOK_AGAIN_MS = { first: 1, longest: 250 };
/** Start times are cut to 10 ms, so one that began just now may seem to have begun before. Ticks. */
const SLACK = 2;

/** Without a control group. */
export class CookieTree implements Tree {
  readonly place: readonly string[] = [];
  readonly #order: TreeOrder;
  readonly #clock: Clock;
  readonly #removed: () => void;
  readonly #scan = new TreeScan();
  #leaders: Leaders = { main: null, shim: null };
  #since: number;

  constructor(order: TreeOrder, clock: Clock, removed: () => void) {
    this.#order = order;
    this.#clock = clock;
    this.#removed = removed;
    this.#since = Math.max(0, ticksNow() - SLACK);
  }

  held(): HeldBy {
    return { tree: 'cookie', why: 'there is no control group', limits: unavailable(this.#order.limits) };
  }

  know(leaders: Leaders): void {
    this.#leaders = leaders;
    for (const one of [leaders.shim, leaders.main]) {
      if (one?.startTime != null) this.#since = Math.min(this.#since, Number(one.startTime));
    }
  }

  isEmpty(): boolean {
    return this.#look().length === 0;
  }

  members(): readonly Member[] {
    return describe(this.#look());
  }

  signal(name: NodeJS.Signals, scope: 'main' | 'tree'): Delivery {
    const { main, shim } = this.#leaders;
    if (scope === 'main') return main === null ? 'gone' : signalProcess(main, name);
    const members = this.#look();
    const group = main === null ? null : (statOf(main.pid)?.group ?? null);
    // A whole group at once, where that is possible: a process that forks meanwhile cannot slip through.
    const leader = [main, shim].find((one) => one !== null && one.pid === group) ?? null;
    const isSafe = leader !== null && (leader === main || OUTLIVED.includes(name));
    const whole = isSafe && leader !== null ? signalGroup(leader, name) : 'gone';
    const rest = isSafe ? members.filter((one) => one.group !== group) : members;
    return together([whole, ...rest.map((one) => signalProcess(one, name))]);
  }

  ask(name: NodeJS.Signals, scope: 'main' | 'tree'): Delivery {
    const said = this.signal(name, scope);
    this.signal('SIGCONT', scope);
    return said;
  }

  kill(): void {
    for (let round = 0; round < ROUNDS; round += 1) {
      const members = this.#look();
      if (members.length === 0) return;
      const sent = members.map((one) => signalProcess(one, 'SIGKILL'));
      // Only those are left that may not be signalled, or are on their way out already.
      if (!sent.includes('sent')) return;
    }
  }

  watch(empty: () => void): Disposable {
    let timer: Disposable | null = null;
    const look = (delayMs: number): void => {
      if (this.isEmpty()) return empty();
      timer = this.#clock.after(delayMs, () => look(Math.min(delayMs * 2, LOOK_AGAIN_MS.longest)));
    };
    timer = this.#clock.after(0, () => look(LOOK_AGAIN_MS.first));
    return { [Symbol.dispose]: () => timer?.[Symbol.dispose]() };
  }

  causeOf(ending: Ending): Ending {
    return ending;
  }

  remove(): void {
    this.#removed();
  }

  #look(): readonly ProcessStat[] {
    const { main, shim } = this.#leaders;
    const wanted: Wanted = {
      cookie: this.#order.instance,
      leaders: [main, shim].filter((one): one is Identity => one !== null),
      outside: shim === null ? [] : [shim],
      since: this.#since,
    };
    return this.#scan.members(wanted, lookAround());
  }
}

/** Processes in words, lowest id first. */
export function describe(members: readonly ProcessStat[]): readonly Member[] {
  return members
    .map(({ pid, name, state }) => ({ pid, name, state, waits: waitOf(pid) }))
    .toSorted((a, b) => a.pid - b.pid);
}

/** What became of several: `sent` if one was, `refused` if one was not permitted, else there was nobody. */
export function together(deliveries: readonly Delivery[]): Delivery {
  return deliveries.includes('sent') ? 'sent' : deliveries.includes('refused') ? 'refused' : 'gone';
}

/** Limits that nothing holds a run to. */
export function unavailable(limits: ResourceLimits): HeldBy['limits'] {
  const of = (limit: number | null): LimitHeld =>
    limit === null ? 'none' : { unavailable: 'there is no control group to hold it to' };
  return { memoryBytes: of(limits.memoryBytes), cpus: of(limits.cpus), processes: of(limits.processes) };
}
