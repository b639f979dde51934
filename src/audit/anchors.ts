/**
 * Anchors: the number and hash of a record, said where whoever can write the trail may not be able to take it back. With
 * one of them, a trail that was cut, or written anew as a whole, is told from the one that was.
 */
import type { AuditHead } from '../model/audit.ts';
import type { Clock } from '../ports/clock.ts';

const RECORDS = 1000;
const EVERY_MS = 600_000;
const WORDS = 'audit anchor ';

/** When an anchor is due: every 1000 records and every 10 minutes in which there was one. */
export class Anchors implements Disposable {
  readonly #say: (anchor: AuditHead) => void;
  readonly #clock: Clock;
  #last = -1;
  #head: AuditHead | null = null;
  #timer: Disposable | null = null;

  constructor(clock: Clock, say: (anchor: AuditHead) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  /** The trail has grown to this head. */
  grown(head: AuditHead): void {
    // The first record of a process is an anchor as well: from then on, what it was given cannot be changed unseen.
    if (this.#head === null || head.seq - this.#last >= RECORDS) {
      this.#head = head;
      this.#anchor();
      return;
    }
    this.#head = head;
    this.#timer ??= this.#clock.after(EVERY_MS, () => this.#anchor());
  }

  /** Says where the trail ends, unless that was said. */
  [Symbol.dispose](): void {
    this.#anchor();
  }

  #anchor(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    if (this.#head === null || this.#head.seq === this.#last) return;
    this.#last = this.#head.seq;
    this.#say(this.#head);
  }
}

/** An anchor as a line of a log. */
export function anchorLine({ seq, hash }: AuditHead): string {
  return `${WORDS}${seq}:${hash}`;
}

/** The anchors in a text of lines, e.g. a log; whatever else stands in it. */
export function anchorsIn(text: string): readonly AuditHead[] {
  return [...text.matchAll(/(?<![0-9a-f])(\d{1,15}):([0-9a-f]{64})(?![0-9a-f])/g)].map(([, seq = '', hash = '']) => ({
    seq: Number(seq),
    hash,
  }));
}
