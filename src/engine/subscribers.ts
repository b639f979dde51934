/** Whoever wants to be told: bounded buffers, so that a slow reader costs itself records and nobody else anything. */
import type { Gap, ProjectRecord, RecordBody } from '../model/record.ts';

/** What a reader wants. Empty lists = all; a type may end in `.*`. `capacity`: records kept for it, at least 1. */
export interface Interest {
  readonly types: readonly string[];
  readonly services: readonly string[];
  readonly capacity: number;
}

interface Reader {
  readonly interest: Interest;
  readonly buffer: (ProjectRecord | Gap)[];
  dropped: number;
  wake: () => void;
  ended: 'no' | 'yes';
}

/** The readers of one engine. */
export class Subscribers implements Disposable {
  readonly #readers = new Set<Reader>();
  #state: 'open' | 'closed' = 'open';

  /** Hands the records to every reader who wants them. Never waits. */
  publish(records: readonly ProjectRecord[]): void {
    for (const reader of this.#readers) {
      for (const record of records) if (matches(record.body, reader.interest)) keep(reader, record);
      reader.wake();
    }
  }

  /** Records from now on, until the signal aborts, the loop is left or the engine ends. A gap says how many were missed. */
  subscribe(interest: Interest, signal: AbortSignal): AsyncIterableIterator<ProjectRecord | Gap> {
    const ended = signal.aborted || this.#state === 'closed' ? 'yes' : 'no';
    const reader: Reader = { interest, buffer: [], dropped: 0, wake: () => {}, ended };
    if (reader.ended === 'no') this.#readers.add(reader);
    const leave = (): void => {
      this.#readers.delete(reader);
      reader.ended = 'yes';
      reader.wake();
    };
    signal.addEventListener('abort', leave, { once: true });
    return read(reader, () => {
      signal.removeEventListener('abort', leave);
      this.#readers.delete(reader);
    });
  }

  /** How many readers there are. */
  get count(): number {
    return this.#readers.size;
  }

  /** Ends every reader once it has read what is kept for it; who comes later is told nothing. */
  [Symbol.dispose](): void {
    this.#state = 'closed';
    for (const reader of this.#readers) {
      reader.ended = 'yes';
      reader.wake();
    }
    this.#readers.clear();
  }
}

/** Whether a record is of the wanted types and services. */
function matches(body: RecordBody, interest: Pick<Interest, 'types' | 'services'>): boolean {
  const { types, services } = interest;
  const wanted = (type: string): boolean =>
    type === body.type || (type.endsWith('.*') && body.type.startsWith(type.slice(0, -1)));
  if (types.length > 0 && !types.some(wanted)) return false;
  if (services.length === 0) return true;
  if ('service' in body) return services.includes(body.service);
  if ('change' in body) return body.change.tasks.some((task) => services.includes(task.service));
  return 'task' in body ? services.includes(body.task.service) : true;
}

function keep(reader: Reader, record: ProjectRecord): void {
  const { buffer, interest, dropped } = reader;
  if (buffer.length >= interest.capacity) {
    reader.dropped += 1;
    return;
  }
  // The gap is told where it is, before what came after it.
  if (dropped > 0) buffer.push({ type: 'gap', dropped });
  reader.dropped = 0;
  buffer.push(record);
}

async function* read(reader: Reader, leave: () => void): AsyncGenerator<ProjectRecord | Gap, undefined> {
  try {
    for (;;) {
      while (reader.buffer.length > 0) yield* reader.buffer.splice(0);
      if (reader.dropped > 0) {
        const { dropped } = reader;
        reader.dropped = 0;
        yield { type: 'gap', dropped };
        continue;
      }
      if (reader.ended === 'yes') return undefined;
      const woken = Promise.withResolvers<undefined>();
      reader.wake = () => woken.resolve(undefined);
      await woken.promise;
      reader.wake = () => {};
    }
  } finally {
    leave();
  }
}
