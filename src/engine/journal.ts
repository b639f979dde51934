/**
 * What is kept of the project: each record gets its number, is written, and only then told.
 *
 * While the store cannot be written, what happens is held back in memory and tried again once a second, all at once; so
 * neither the memory nor the work grows with the number of batches: of a service and of a change the newest state is
 * held, of records the newest `HELD_RECORDS`. Nobody is told of a record that a later daemon would not know of.
 */
import type { Actor, Change } from '../model/change.ts';
import { RouseError, isRouseError } from '../model/errors.ts';
import type { ProjectRecord, RecordBody } from '../model/record.ts';
import type { Service } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import type { Batch, EventStore } from '../ports/event-store.ts';

/** How long after a failed write the next is tried; ms. */
const WRITE_AGAIN_MS = 1000;
/** Records that are held back at most: some hours of a quiet project, and some megabytes of a storm. */
const HELD_RECORDS = 20_000;

/** What a journal is made of. `told`: records that are kept; `mended`: the store can be written again; `say`: both ends of that, in a line. */
export interface JournalParts {
  readonly clock: Clock;
  readonly store: EventStore;
  readonly told: (records: readonly ProjectRecord[]) => void;
  readonly mended: () => void;
  readonly say?: (line: string) => void;
}

/** What belongs to a batch beside its records. */
export type Rest = Omit<Batch, 'records'>;

/** The one who writes. */
export class Journal implements Disposable {
  readonly #parts: JournalParts;
  #seq: number;
  #fault: RouseError | null = null;
  /** Whether people were told that nothing can be written: once, however often it is tried. */
  #said: 'no' | 'yes' = 'no';
  #retry: Disposable | null = null;
  #records: ProjectRecord[] = [];
  readonly #services = new Map<ServiceName, Service>();
  readonly #changes = new Map<string, Change>();

  constructor(parts: JournalParts) {
    this.#parts = parts;
    this.#seq = parts.store.extent().newest;
  }

  /** Why nothing can be written, or null. */
  get fault(): RouseError | null {
    return this.#fault;
  }

  /** Writes a batch and tells of it; while that cannot be done, holds it back. Never throws. */
  write(bodies: readonly RecordBody[], rest: Rest, actor: Actor): void {
    const at = this.#parts.clock.now();
    const records = bodies.map((body): ProjectRecord => ({ seq: (this.#seq += 1), at, actor, body }));
    const batch: Batch = { records, ...rest };
    if (records.length === 0 && rest.services.length === 0 && rest.changes.length === 0) return;
    if (this.#fault === null) this.#append(batch);
    else this.#hold(batch);
  }

  /** Writes what is held back, if that can be done now, and tries no more. */
  [Symbol.dispose](): void {
    this.#retry?.[Symbol.dispose]();
    this.#retry = null;
    if (this.#fault === null) return;
    try {
      this.#parts.store.append(this.#held());
    } catch {
      // It could not be written before either, which was said then; the next daemon learns from the runs themselves.
    }
  }

  #append(batch: Batch): void {
    try {
      this.#parts.store.append(batch);
    } catch (error) {
      this.#fault = isRouseError(error) ? error : new RouseError('RSE3008', 'cannot write the state', { cause: error });
      this.#hold(batch);
      if (this.#said === 'no') this.#parts.say?.(`${this.#fault.message}; nothing new is started until it can be`);
      this.#said = 'yes';
      this.#retry = this.#parts.clock.after(WRITE_AGAIN_MS, () => this.#writeAgain());
      return;
    }
    this.#parts.told(batch.records);
  }

  #hold({ records, services, changes }: Batch): void {
    this.#records.push(...records);
    // In bulk, so that each record is moved a bounded number of times.
    if (this.#records.length > 2 * HELD_RECORDS) this.#records = this.#records.slice(-HELD_RECORDS);
    for (const service of services) this.#services.set(service.spec.name, service);
    for (const change of changes) this.#changes.set(change.id, change);
  }

  #held(): Batch {
    return {
      records: this.#records.slice(-HELD_RECORDS),
      services: [...this.#services.values()],
      changes: [...this.#changes.values()],
    };
  }

  #writeAgain(): void {
    this.#retry = null;
    const batch = this.#held();
    this.#records = [];
    this.#services.clear();
    this.#changes.clear();
    this.#fault = null;
    this.#append(batch);
    if (this.#fault !== null) return;
    if (this.#said === 'yes') this.#parts.say?.('the state is written again, with all that was held back');
    this.#said = 'no';
    this.#parts.mended();
  }
}
