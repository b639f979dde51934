/** Going on where an earlier daemon left off: what it left is read, and what became of its runs is counted and told. */
import { BY_POLICY, type Engine } from '../engine/engine.ts';
import { type Recovery, type Trace, adoptAll } from '../engine/recover.ts';
import type { RecordBody } from '../model/record.ts';
import type { ServiceName, Spec } from '../model/spec.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { RuntimeReport } from '../ports/runtime.ts';
import { type FoundRun, type RunState, readRuns } from '../runtime/found-runs.ts';

/** How long answers about runs are waited for before they are counted; ms. */
const COUNTED_WITHIN_MS = 2000;

/** The runs that have left a folder in the run directory, as the engine looks at them. Never throws. */
export function tracesIn(runDirectory: string): readonly Trace[] {
  return readRuns(runDirectory).map(({ service, run, spec, state }: FoundRun) => {
    return { service, run, spec, state: LIFE[state.type] };
  });
}

const LIFE: Readonly<Record<RunState['type'], Trace['state']>> = {
  live: 'live',
  unclaimed: 'doubt',
  begun: 'doubt',
  damaged: 'doubt',
  failed: 'over',
  ended: 'over',
  lost: 'over',
  'other-boot': 'reboot',
};

/** How the daemon before this one ended. */
export function previousOf(store: EventStore): Extract<RecordBody, { type: 'system.started' }>['previous'] {
  const types = ['system.started', 'system.stopping'];
  const [last] = store.records({ sinceSeq: 0, types, services: [], limit: 1 });
  if (last === undefined) return 'none';
  return last.body.type === 'system.stopping' ? 'left' : 'killed';
}

/** Counts what the runtimes say of the runs that an earlier daemon left, until all have been heard of. */
export class Headcount {
  readonly #open: Map<ServiceName, number>;
  readonly #counts = { adopted: 0, ended: 0, fenced: 0, unverified: 0 };
  #done: () => void = () => undefined;

  constructor({ system }: Pick<Recovery, 'system'>) {
    const inDoubt = system.services.filter((service) => service.phase === 'unknown');
    this.#open = new Map(inDoubt.map((service) => [service.spec.name, service.run]));
  }

  /** Takes a report on its way to the engine. */
  hear(report: RuntimeReport): void {
    if (this.#open.get(report.service) !== report.run) return;
    if (report.type === 'recovered') this.#counts[report.found === 'alive' ? 'adopted' : 'unverified'] += 1;
    else if (report.type === 'exited') this.#counts.ended += 1;
    else if (report.type === 'start-failed') this.#counts.fenced += 1;
    else return;
    this.#open.delete(report.service);
    if (this.#open.size === 0) this.#done();
  }

  /** Calls back when all have been heard of, at once if there are none. */
  whenDone(done: () => void): void {
    this.#done = done;
    if (this.#open.size === 0) done();
  }

  /** What was counted; who was not heard of counts as not verified. */
  body(rebuilt: readonly ServiceName[]): Extract<RecordBody, { type: 'system.recovered' }> {
    const { unverified, ...counts } = this.#counts;
    return { type: 'system.recovered', ...counts, unverified: unverified + this.#open.size, rebuilt };
  }
}

/** What going on needs. `say` is told in a line of what had to be rebuilt. */
export interface GoingOn {
  readonly engine: Engine;
  readonly recovery: Recovery;
  readonly headcount: Headcount;
  readonly specs: readonly Spec[];
  readonly store: EventStore;
  readonly say: (line: string) => void;
}

/** Has the engine go on: open changes first, then what recovery settled, then the runs, then whoever waits. */
export function goOn({ engine, recovery, headcount, specs, store, say }: GoingOn): void {
  const { rebuilt, system } = recovery;
  const isFresh = system.services.every(({ run, phase }) => run === 0 && phase === 'stopped');
  const open = store.changes(1000).filter((change) => change.endedAt === null);
  if (isFresh && open.length === 0) return;
  const isInDoubt = system.services.some(({ phase }) => phase === 'unknown');
  engine.resume(open);
  engine.recover(recovery);
  if (rebuilt.length > 0) say(`the store did not know the runs of ${rebuilt.join(', ')}: rebuilt from their folders`);
  adoptAll(engine.system, engine.world.runtime);
  // The same set once more: whoever waits is looked at again.
  engine.request({ type: 'spec-changed', specs }, BY_POLICY, null);
  if (!isInDoubt) return;
  let state: 'counting' | 'told' = 'counting';
  const tell = (): void => {
    if (state === 'told' || engine.isEnded) return;
    state = 'told';
    late[Symbol.dispose]();
    engine.note(headcount.body(rebuilt), BY_POLICY);
  };
  const late = engine.world.clock.after(COUNTED_WITHIN_MS, tell);
  headcount.whenDone(tell);
}
