/**
 * Writes the trail: entries wait in one queue, and all that wait are one write and one sync, so that many requests at once
 * cost what one costs. The order of a write is: the turn (another process may write too), the end of the file as it is
 * now, the lines, the sync, the answer to those who wait, the head.
 *
 * When a write fails, what of it is in the file is cut off again, those who wait are refused (or let go on, where the
 * policy is to warn), and it is tried anew every second; the first record after that says how many were lost.
 */
import { type AuditEntry, type AuditHead, NO_RECORD } from '../model/audit.ts';
import { RouseError } from '../model/errors.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Clock } from '../ports/clock.ts';
import { Anchors } from './anchors.ts';
import { Denials } from './denials.ts';
import { system } from './ending.ts';
import { TrailFile } from './trail-file.ts';

/** What a trail is written with. */
export interface WriterOptions {
  /** The file; the folder it is in is there, and private. */
  readonly path: string;
  readonly clock: Clock;
  /** Of the machine's start and of the machine; written into each record. */
  readonly boot: string;
  readonly host: string;
  /** What becomes of entries that must be on record first when they cannot be. */
  readonly failure: () => 'refuse' | 'warn';
  /** Takes a line for people, and one of programs for each anchor. Left out: nobody is told. */
  readonly say?: (line: string) => void;
  /** Takes each anchor. Left out: they are said nowhere. */
  readonly anchor?: (anchor: AuditHead) => void;
  /** How large a file grows before the next is begun; bytes. Left out: 16 MiB. */
  readonly rotateBytes?: number;
}

interface Waiting {
  readonly entry: AuditEntry;
  /** Epoch ms: when it happened, not when it could be written. */
  readonly at: number;
  /** Left out for what nobody waits for. */
  readonly settle?: (error: RouseError | null) => void;
}

/** What is not waited for is on disk within this time; ms. */
const LATER_MS = 500;
const AGAIN_MS = 1000;
const BATCH = 500;
/** Entries kept for a disk that cannot be written; more are lost, and counted. */
const KEPT = 5000;

/** The writer of one trail. Ended by disposing it, which writes what waits. */
export class AuditWriter implements AuditLog, AsyncDisposable {
  readonly #options: WriterOptions;
  readonly #file: TrailFile;
  readonly #denials: Denials;
  readonly #anchors: Anchors | null;
  #queue: Waiting[] = [];
  #writing: Promise<undefined> | null = null;
  #timer: Disposable | null = null;
  #fault: { readonly text: string; readonly since: number } | null = null;
  #lost = 0;
  #state: 'open' | 'ended' = 'open';

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#file = new TrailFile(options);
    this.#denials = new Denials(options.clock, (entry) => this.#later(entry));
    const { anchor, clock } = options;
    this.#anchors = anchor === undefined ? null : new Anchors(clock, anchor);
  }

  get fault(): string | null {
    return this.#fault?.text ?? null;
  }

  get contradiction(): string | null {
    return this.#file.contradiction;
  }

  head(): AuditHead {
    return this.#file.head ?? NO_RECORD;
  }

  before(entry: AuditEntry): Promise<void> {
    const written = Promise.withResolvers<undefined>();
    if (this.#state === 'ended') return Promise.reject(refusal('it is closed', undefined));
    const settle = (error: RouseError | null): void => {
      if (error === null || this.#options.failure() === 'warn') written.resolve(undefined);
      else written.reject(error);
    };
    this.#queue.push({ entry, at: this.#options.clock.now(), settle });
    this.#begin();
    return written.promise;
  }

  after(entry: AuditEntry): void {
    if (entry.stage === 'denied') this.#denials.take(entry);
    else this.#later(entry);
  }

  /** Finds the end of the trail and makes its file, so that the first entry need not. Errors: none; see `fault`. */
  async open(): Promise<void> {
    try {
      await this.#file.open();
    } catch (error) {
      this.#failed(error, []);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === 'ended') return;
    this.#denials[Symbol.dispose]();
    this.#state = 'ended';
    this.#begin();
    await this.#writing;
    this.#timer?.[Symbol.dispose]();
    this.#anchors?.[Symbol.dispose]();
    await this.#file[Symbol.asyncDispose]();
  }

  #later(entry: AuditEntry): void {
    if (this.#state === 'ended' || this.#queue.length >= KEPT) {
      this.#lost += 1;
      return;
    }
    this.#queue.push({ entry, at: this.#options.clock.now() });
    this.#wake(this.#fault === null ? LATER_MS : AGAIN_MS);
  }

  #wake(delayMs: number): void {
    this.#timer ??= this.#options.clock.after(delayMs, () => {
      this.#timer = null;
      this.#begin();
    });
  }

  #begin(): void {
    this.#writing ??= this.#run().finally(() => {
      this.#writing = null;
    });
  }

  // In a turn of its own, so that all who come in this one are written together.
  async #run(): Promise<undefined> {
    await Promise.resolve();
    while (this.#queue.length > 0 || this.#isToResume()) {
      await this.#write(this.#queue.splice(0, BATCH));
      if (this.#fault !== null) return;
    }
  }

  #isToResume(): boolean {
    return this.#fault !== null;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const resumed = this.#resumed();
    const lost = this.#lost;
    let left = batch;
    try {
      const head = await this.#file.append([...(resumed === null ? [] : [resumed]), ...batch], () => {
        left = [];
        if (this.#fault !== null) this.#options.say?.(`audit: written again; records lost: ${lost}`);
        this.#fault = null;
        this.#lost -= lost;
        for (const { settle } of batch) settle?.(null);
      });
      this.#anchors?.grown(head);
    } catch (error) {
      // Once they are on disk, only the head is missing: nothing of it is written a second time.
      this.#failed(error, left);
    }
  }

  #resumed(): Waiting | null {
    const at = this.#options.clock.now();
    if (this.#fault === null)
      return this.#lost === 0 ? null : { entry: system('audit.resumed', { lost: this.#lost }, 'error'), at };
    const { text, since } = this.#fault;
    const params = { lost: this.#lost, since: new Date(since).toISOString(), fault: text };
    return { entry: system('audit.resumed', params, 'error'), at };
  }

  #failed(error: unknown, batch: readonly Waiting[]): void {
    const text = wordsOf(error);
    const { failure, say, clock } = this.#options;
    if (this.#fault === null) say?.(`audit: cannot write "${this.#options.path}": ${text}`);
    this.#fault = { text, since: this.#fault?.since ?? clock.now() };
    const refused = refusal(text, error);
    // What was refused did not happen. It is counted all the same: somebody asked, and nothing says so.
    const kept = batch.filter(({ settle }) => settle === undefined || failure() === 'warn');
    this.#lost += batch.length - kept.length;
    const queue = [...kept.map(({ entry, at }) => ({ entry, at })), ...this.#queue];
    const waiting = queue.filter((one) => 'settle' in one && one.settle !== undefined);
    const rest = queue.filter((one) => !waiting.includes(one));
    this.#lost += Math.max(0, rest.length - KEPT);
    this.#queue = [...rest.slice(0, KEPT), ...waiting];
    for (const { settle } of batch) settle?.(refused);
    if (this.#state === 'open') this.#wake(waiting.length > 0 ? 0 : AGAIN_MS);
  }
}

function refusal(why: string, cause: unknown): RouseError {
  return new RouseError('RSE4119', `cannot put it on record: ${why}`, {
    hint: 'mend that, or see: rouse daemon status',
    cause,
  });
}

/** What people read in place of the names that the system has for it; errno(3). */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EDQUOT: 'the quota of the disk is used up',
  EIO: 'the disk reports an error',
  ELOOP: 'it is a link',
  EMFILE: 'too many files are open',
  ENOENT: 'the folder is not there',
  ENOSPC: 'the file system is full',
  EPERM: 'it may not be changed',
  EROFS: 'the file system is read-only',
};

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return WORDS[code] === undefined ? error.message : `${WORDS[code]} (${code})`;
}
