/** A store of the simulator: it may refuse, and the daemon may die just after a batch was written. */
import type { Change } from '../model/change.ts';
import { RouseError } from '../model/errors.ts';
import type { ProjectRecord } from '../model/record.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Batch, EventStore, RecordQuery, StoredService } from '../ports/event-store.ts';

/** What may go wrong at a write: decided by the world. */
export interface StoreFaults {
  readonly refuses: () => boolean;
  readonly written: (batch: Batch) => void;
}

/** A store that outlives the daemons of one world. */
export class FakeStore implements EventStore {
  readonly written: ProjectRecord[] = [];
  readonly #services = new Map<ServiceName, StoredService>();
  readonly #changes = new Map<string, Change>();
  readonly #faults: StoreFaults;

  constructor(faults: StoreFaults) {
    this.#faults = faults;
  }

  append(batch: Batch): void {
    if (this.#faults.refuses()) throw new RouseError('RSE3008', 'cannot write the state: no space left');
    this.written.push(...batch.records);
    for (const service of batch.services) {
      const { spec, runSpec, ...state } = service;
      this.#services.set(spec.name, { ...state, name: spec.name, specHash: (runSpec ?? spec).hash, boot: '' });
    }
    for (const change of batch.changes) this.#changes.set(change.id, change);
    this.#faults.written(batch);
  }

  records({ types }: Pick<RecordQuery, 'types'>): readonly ProjectRecord[] {
    return types.length === 0 ? this.written : this.written.filter(({ body }) => types.includes(body.type));
  }

  changes(limit: number): readonly Change[] {
    return [...this.#changes.values()].toReversed().slice(0, limit);
  }

  services(): readonly StoredService[] {
    return [...this.#services.values()];
  }

  extent(): { readonly oldest: number; readonly newest: number } {
    return { oldest: this.written[0]?.seq ?? 0, newest: this.written.at(-1)?.seq ?? 0 };
  }
}
