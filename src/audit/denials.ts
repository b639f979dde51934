/**
 * Refusals that repeat: the first of a source and a reason is put on record at once, the others of the ten seconds after
 * it as one record with their number. A flood from many sources is summed as one, so that it cannot fill the disk.
 */
import type { AuditEntry } from '../model/audit.ts';
import type { Clock } from '../ports/clock.ts';

const WINDOW_MS = 10_000;
/** Sources and reasons told apart within one window. */
const SOURCES = 200;

interface Repeat {
  readonly entry: AuditEntry;
  count: number;
  readonly timer: Disposable;
}

/** The refusals of one trail. `write` takes what is to be put on record. */
export class Denials implements Disposable {
  readonly #clock: Clock;
  readonly #write: (entry: AuditEntry) => void;
  readonly #repeats = new Map<string, Repeat>();

  constructor(clock: Clock, write: (entry: AuditEntry) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  /** Takes a refusal: it is written now, or counted. */
  take(entry: AuditEntry): void {
    const own = keyOf(entry);
    const key = this.#repeats.has(own) || this.#repeats.size < SOURCES ? own : 'others';
    const known = this.#repeats.get(key);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    const timer = this.#clock.after(WINDOW_MS, () => this.#close(key));
    this.#repeats.set(key, { entry: key === own ? entry : nobodyOf(entry), count: 0, timer });
    this.#write(entry);
  }

  /** Writes what was counted so far. */
  [Symbol.dispose](): void {
    for (const key of this.#repeats.keys()) this.#close(key);
  }

  #close(key: string): void {
    const repeat = this.#repeats.get(key);
    if (repeat === undefined) return;
    repeat.timer[Symbol.dispose]();
    this.#repeats.delete(key);
    if (repeat.count === 0) return;
    const { entry, count } = repeat;
    this.#write({ ...entry, request: null, params: { ...entry.params, count } });
  }
}

// The port of a connection is another one each time.
function keyOf({ actor, remote, action, reason }: AuditEntry): string {
  const source = actor.token ?? remote?.replace(/:\d+$/, '') ?? `${actor.via} ${actor.uid ?? actor.name}`;
  return JSON.stringify([source, action, reason]);
}

function nobodyOf(entry: AuditEntry): AuditEntry {
  const actor = { ...entry.actor, uid: null, pid: null, token: null, name: 'many', role: null };
  return { ...entry, actor, remote: null, target: null, action: 'access.denied', reason: 'many sources', params: {} };
}
