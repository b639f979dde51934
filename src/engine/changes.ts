/**
 * The open and past changes: what was asked, and what became of each service.
 *
 * A task's verdict is core's (`core/verdict.ts`); here it is remembered, told and waited for. A change ends when its
 * last task has a verdict, and its end is told exactly once to everyone who waits.
 */
import { describeFailure } from '../core/failure.ts';
import { holdOf } from '../core/schedule.ts';
import type { System } from '../core/system.ts';
import type { Blame, Case, TaskVerdict } from '../core/verdict.ts';
import { judgeAborted, judgeTask } from '../core/verdict.ts';
import type { Change, ChangeState, Task } from '../model/change.ts';
import { NotFoundError, RouseError } from '../model/errors.ts';
import type { RecordBody } from '../model/record.ts';
import type { ServiceName } from '../model/spec.ts';

import type { Slot } from './slot.ts';
import { isStillToReplace, slotOf } from './slot.ts';

/** Ended changes that are kept at hand. */
const KEPT = 1000;
const SUPERSEDED = 'a later request took its place';
const ABORTED = 'the change was aborted';

/** What a change is made of. */
export type Opening = Pick<Change, 'id' | 'action' | 'services' | 'summary' | 'by' | 'createdAt'> & {
  readonly cases: readonly Case[];
};

/** What judging came to: what is to be told, and which changes ended by it. */
export interface Observed {
  readonly bodies: readonly RecordBody[];
  readonly ended: readonly Change[];
}

/** What restored changes are about: services to be judged, and those among them whose restart was not begun. */
export interface Restored {
  readonly watch: readonly ServiceName[];
  readonly restart: readonly ServiceName[];
}

interface Entry {
  readonly opening: Opening;
  readonly slots: readonly Slot[];
  open: number;
  state: ChangeState;
  endedAt: number | null;
  error: string | null;
  readonly waiters: Set<(fault: RouseError | null) => void>;
}

/** The book of changes. */
export class ChangeBook implements Disposable {
  readonly #entries = new Map<string, Entry>();
  readonly #byService = new Map<ServiceName, Set<{ readonly entry: Entry; readonly slot: Slot }>>();
  readonly #system: () => System;
  #state: 'open' | 'closed' = 'open';

  constructor(system: () => System) {
    this.#system = system;
  }

  /** Writes a new change in, and says what is to be told of it; without tasks it is done at once. */
  open(opening: Opening): readonly RecordBody[] {
    const slots = opening.cases.map((each, place): Slot => {
      const rest = { state: 'waiting', startedAt: null, endedAt: null, error: null, root: null } as const;
      return { case: each, id: `${opening.id}.${place + 1}`, ...rest };
    });
    const entry = this.#enter(opening, slots, 'running');
    if (slots.length === 0) this.#close(entry, opening.createdAt);
    this.#forgetOld();
    const change = this.#snapshot(entry);
    const created: RecordBody = { type: 'change.created', change };
    return change.endedAt === null ? [created] : [created, { type: 'change.done', change }];
  }

  /**
   * Writes in changes that an earlier daemon left open: same ids, same tasks, and those without a verdict are judged
   * from now on. Shapes: in any order; ended ones and those that are known already are passed over.
   */
  restore(changes: readonly Change[]): Restored {
    const watch = new Set<ServiceName>();
    const restart = new Set<ServiceName>();
    for (const change of changes.toSorted((left, right) => Number(left.id) - Number(right.id))) {
      if (change.endedAt !== null || this.#entries.has(change.id)) continue;
      const slots = change.tasks.map(slotOf);
      const cases = slots.map((slot) => slot.case);
      const { id, action, services, summary, by, createdAt } = change;
      const opening: Opening = { id, action, services, summary, by, createdAt, cases };
      const entry = this.#enter(opening, slots, change.state === 'aborting' ? 'aborting' : 'running');
      if (entry.open === 0) this.#close(entry, createdAt);
      for (const { endedAt, case: each } of slots) {
        if (endedAt !== null) continue;
        watch.add(each.service);
        if (isStillToReplace(this.#system(), each)) restart.add(each.service);
      }
    }
    return { watch: [...watch], restart: [...restart] };
  }

  /** Judges the tasks of these services again; `at` is epoch ms. */
  observe(services: Iterable<ServiceName>, at: number): Observed {
    const bodies: RecordBody[] = [];
    const ended: Change[] = [];
    const due = [...services];
    const blame: Blame = new Map();
    for (const service of due) {
      for (const watched of this.#byService.get(service) ?? []) {
        const { entry, slot } = watched;
        const judge = entry.state === 'aborting' ? judgeAborted : judgeTask;
        const verdict = judge(this.#system(), slot.case, blame);
        if (verdict.state === slot.state) continue;
        this.#settleSlot(entry, slot, { verdict, at });
        const total = entry.slots.length;
        const done = total - entry.open;
        bodies.push({ type: 'change.progress', id: entry.opening.id, task: this.#task(slot), done, total });
        if (slot.endedAt === null) continue;
        this.#byService.get(service)?.delete(watched);
        // Who waits for it does not move by this, but has failed as well.
        if (slot.state === 'failed' && slot.root === service)
          due.push(...entry.slots.filter(isWaiting).map((each) => each.case.service));
        if (entry.open > 0) continue;
        this.#close(entry, at);
        ended.push(this.#snapshot(entry));
      }
    }
    bodies.push(...ended.map((change): RecordBody => ({ type: 'change.done', change })));
    return { bodies, ended };
  }

  /** The change as it is now. Errors: RSE4002. */
  get(id: string): Change {
    return this.#snapshot(this.#entry(id));
  }

  /** Newest first. */
  list(): readonly Change[] {
    return [...this.#entries.values()].toReversed().map((entry) => this.#snapshot(entry));
  }

  /** The tasks that have no verdict yet. Errors: RSE4002. */
  openCases(id: string): readonly Case[] {
    return this.#entry(id)
      .slots.filter((slot) => slot.endedAt === null)
      .map((slot) => slot.case);
  }

  /**
   * The oldest change that has not ended and of which one of these tasks would take the place: a start or restart of a
   * stop, or the other way round. Null when there is none.
   */
  contraryTo(cases: readonly Case[]): { readonly id: string; readonly services: readonly ServiceName[] } | null {
    const found = new Map<string, ServiceName[]>();
    for (const { kind, service } of cases) {
      for (const { entry, slot } of this.#byService.get(service) ?? []) {
        if ((slot.case.kind === 'stop') === (kind === 'stop') || entry.state !== 'running') continue;
        const { id } = entry.opening;
        found.set(id, [...(found.get(id) ?? []), service]);
      }
    }
    const [first] = [...found].toSorted(([left], [right]) => Number(left) - Number(right));
    return first === undefined ? null : { id: first[0], services: first[1] };
  }

  /** The services whose tasks have no verdict yet. */
  openServices(): readonly ServiceName[] {
    return [...this.#byService].filter(([, watched]) => watched.size > 0).map(([name]) => name);
  }

  /** How many tasks of all changes have no verdict yet. */
  get openCount(): number {
    return [...this.#entries.values()].reduce((sum, entry) => sum + entry.open, 0);
  }

  /** Marks a running change as being aborted: its end will be `aborted`. Errors: RSE4002. */
  markAborting(id: string): void {
    const entry = this.#entry(id);
    if (entry.state === 'running') entry.state = 'aborting';
  }

  /** Whether the change is of this book; ended ones are forgotten after a while. */
  has(id: string): boolean {
    return this.#entries.has(id);
  }

  /**
   * Resolves with the ended change; rejects with the signal's reason.
   * Errors: RSE4002; RSE3007 when the book is closed before the change has ended.
   */
  async settled(id: string, signal: AbortSignal): Promise<Change> {
    const entry = this.#entry(id);
    if (entry.endedAt !== null) return this.#snapshot(entry);
    signal.throwIfAborted();
    const ended = Promise.withResolvers<undefined>();
    if (this.#state === 'closed') throw stopped(`wait for change "${id}"`);
    const wake = (fault: RouseError | null): void => (fault === null ? ended.resolve(undefined) : ended.reject(fault));
    const give = (): void => ended.reject(signal.reason);
    entry.waiters.add(wake);
    signal.addEventListener('abort', give, { once: true });
    try {
      await ended.promise;
      return this.#snapshot(entry);
    } finally {
      entry.waiters.delete(wake);
      signal.removeEventListener('abort', give);
    }
  }

  /** Nothing changes any more: whoever waits is told that its change will not end here. */
  [Symbol.dispose](): void {
    this.#state = 'closed';
    for (const [id, entry] of this.#entries) {
      for (const wake of entry.waiters) wake(stopped(`wait for change "${id}"`));
      entry.waiters.clear();
    }
  }

  #enter(opening: Opening, slots: readonly Slot[], state: ChangeState): Entry {
    const open = slots.filter((slot) => slot.endedAt === null);
    const entry: Entry = { opening, slots, open: open.length, state, endedAt: null, error: null, waiters: new Set() };
    this.#entries.set(opening.id, entry);
    for (const slot of open) {
      const watched = this.#byService.get(slot.case.service) ?? new Set();
      this.#byService.set(slot.case.service, watched);
      watched.add({ entry, slot });
    }
    return entry;
  }

  #settleSlot(entry: Entry, slot: Slot, { verdict, at }: { verdict: TaskVerdict; at: number }): void {
    slot.state = verdict.state;
    if (verdict.state === 'doing') slot.startedAt ??= at;
    if (verdict.state === 'waiting' || verdict.state === 'doing') return;
    slot.endedAt = at;
    entry.open -= 1;
    if (verdict.state === 'canceled') slot.error = entry.state === 'aborting' ? ABORTED : SUPERSEDED;
    if (verdict.state !== 'failed') return;
    slot.root = verdict.root;
    slot.error = describeFailure(this.#system(), slot.case.service, verdict.root);
  }

  #close(entry: Entry, at: number): void {
    entry.endedAt = at;
    const failed = entry.slots.filter((slot) => slot.state === 'failed');
    const canceled = entry.slots.some((slot) => slot.state === 'canceled');
    const root = failed.find((slot) => slot.root === slot.case.service) ?? failed[0];
    if (entry.state === 'aborting') entry.state = 'aborted';
    else entry.state = failed.length > 0 || canceled ? 'failed' : 'done';
    entry.error = root?.error ?? (canceled && entry.state === 'failed' ? SUPERSEDED : null);
    for (const wake of entry.waiters) wake(null);
    entry.waiters.clear();
  }

  #snapshot(entry: Entry): Change {
    const { id, action, services, summary, by, createdAt } = entry.opening;
    const { state, endedAt, error } = entry;
    const tasks = entry.slots.map((slot) => this.#task(slot));
    return { id, action, services, summary, by, createdAt, state, endedAt, tasks, error };
  }

  #task(slot: Slot): Task {
    const { service, kind, sinceRun } = slot.case;
    const { id, state, startedAt, endedAt, error, root } = slot;
    const system = this.#system();
    const index = system.graph.indexOf.get(service);
    const hold = state === 'waiting' && index !== undefined ? holdOf(system, index) : null;
    return { id, service, kind, sinceRun, state, waitingFor: hold?.on ?? [], startedAt, endedAt, error, root };
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry !== undefined) return entry;
    const hint = 'see the known ones: rouse changes';
    throw new NotFoundError('RSE4002', `cannot find change "${id}": there is none of that number`, { hint });
  }

  #forgetOld(): void {
    for (const [id, entry] of this.#entries) {
      if (this.#entries.size <= KEPT) return;
      if (entry.endedAt !== null) this.#entries.delete(id);
    }
  }
}

function isWaiting(slot: Slot): boolean {
  return slot.state === 'waiting';
}

/** What is said to whoever comes after, or waits at, the end. Shapes: `what` is a verb with its object. */
export function stopped(what: string): RouseError {
  return new RouseError('RSE3007', `cannot ${what}: the daemon is stopping`, {
    hint: 'try again when it is back: rouse up',
  });
}
