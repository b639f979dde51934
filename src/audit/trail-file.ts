/** The file that is written: where it ends, what is added to it, and the change to the next one when it is large. */
import { type FileHandle, open, rename } from 'node:fs/promises';
import { basename } from 'node:path';
import { type AuditEntry, type AuditHead, NO_RECORD } from '../model/audit.ts';
import type { Clock } from '../ports/clock.ts';
import { endOf, system } from './ending.ts';
import { lookAt, openTrail, rotatedPath, turnPath, writeHead } from './ground.ts';
import { lineOf } from './line.ts';
import { Turns } from './turn.ts';

/** What it is written with; as for the writer. */
interface TrailOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly boot: string;
  readonly host: string;
  readonly rotateBytes?: number;
}

/** An entry with the time at which it happened; epoch ms. */
export interface Stamped {
  readonly entry: AuditEntry;
  readonly at: number;
}

interface Open {
  readonly file: FileHandle;
  readonly ino: number;
  size: number;
}

const ROTATE_BYTES = 16 * 1024 * 1024;

/** The file of one trail in this process; one call at a time. */
export class TrailFile implements AsyncDisposable {
  readonly #options: TrailOptions;
  readonly #turns: Turns;
  #open: Open | null = null;
  #head: AuditHead | null = null;
  #contradiction: string | null = null;
  /** What has to come before the next entry. */
  #first: readonly AuditEntry[] = [];

  constructor(options: TrailOptions) {
    this.#options = options;
    this.#turns = new Turns(turnPath(options.path), options.clock);
  }

  /** The last record, as far as this process knows; null before the file was looked at. */
  get head(): AuditHead | null {
    return this.#head;
  }

  /** What contradicts the trail, found when it was opened; null when nothing does. */
  get contradiction(): string | null {
    return this.#contradiction;
  }

  /** Looks where the trail ends. Errors: those of the system. */
  async open(): Promise<void> {
    using _turn = await this.#turns.take();
    await this.#current();
  }

  /**
   * Adds entries, in their order; calls `synced` as soon as they are on disk, and resolves when the head is written too.
   * Errors: those of the system. Those before `synced` leave the file as it was.
   */
  async append(entries: readonly Stamped[], synced: () => void): Promise<AuditHead> {
    using _turn = await this.#turns.take();
    const present = await this.#current();
    const isFull = present.size >= Math.max(1, this.#options.rotateBytes ?? ROTATE_BYTES);
    const target = isFull ? await this.#rotate(present) : present;
    const now = this.#options.clock.now();
    const first = this.#first.map((entry) => ({ entry, at: now }));
    const { bytes, head } = this.#linesOf([...first, ...entries]);
    await this.#add(target, bytes);
    this.#first = [];
    this.#head = head;
    synced();
    await writeHead(this.#options.path, { ...head, size: target.size }, 'later');
    return head;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#forget();
    this.#turns[Symbol.dispose]();
  }

  #linesOf(entries: readonly Stamped[]): { readonly bytes: Buffer; readonly head: AuditHead } {
    const { boot, host } = this.#options;
    let head = this.#head ?? NO_RECORD;
    const lines = entries.map(({ entry, at }) => {
      const { text, hash } = lineOf(entry, head, { at, boot, host });
      head = { seq: head.seq + 1, hash };
      return `${text}\n`;
    });
    return { bytes: Buffer.from(lines.join('')), head };
  }

  async #add(open: Open, bytes: Buffer): Promise<void> {
    const { file, size } = open;
    try {
      for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done)).bytesWritten;
      await file.datasync();
      open.size = size + bytes.length;
    } catch (error) {
      // A part of it may be there, and nobody was told that it is: it goes, or the next look at the file finds it.
      await file.truncate(size).catch(() => undefined);
      await this.#forget();
      throw error;
    }
  }

  /** The file as it is now: another process may have written, or put the next one in its place. */
  async #current(): Promise<Open> {
    const { path } = this.#options;
    const seen = lookAt(path);
    const known = this.#open;
    if (known !== null && seen?.ino === known.ino && seen.size === known.size) return known;
    await this.#forget();
    const file = await openTrail(path);
    try {
      const { ino } = await file.stat();
      const { last, size, entries, contradiction, afterRotation } = await endOf(path, file, this.#head);
      this.#head = last;
      this.#contradiction ??= contradiction;
      const begun = afterRotation === null ? [] : [await rotated(afterRotation, last)];
      // What was cut before and could not be written down then is not found again.
      const cut = this.#first.filter(({ params }) => params['sha256'] !== undefined);
      this.#first = [...begun, ...cut, ...entries];
      this.#open = { file, ino, size };
      return this.#open;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #rotate(full: Open): Promise<Open> {
    const { path } = this.#options;
    const head = this.#head ?? NO_RECORD;
    const to = freeName(rotatedPath(path, head.seq));
    // The head must stand for the last record before the files change places: then what is found after a crash is whole.
    await writeHead(path, { ...head, size: full.size }, 'now');
    await rename(path, to);
    await this.#forget();
    const file = await openTrail(path);
    const { ino } = await file.stat();
    this.#open = { file, ino, size: 0 };
    this.#first = [await rotated(to, head), ...this.#first];
    return this.#open;
  }

  async #forget(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.file.close();
  }
}

async function rotated(path: string, head: AuditHead): Promise<AuditEntry> {
  const params = { previous_file: basename(path), count: await countOf(path, head), head: `${head.seq}:${head.hash}` };
  return system('audit.rotated', params);
}

async function countOf(path: string, { seq }: AuditHead): Promise<number | null> {
  await using file = await open(path, 'r');
  const begin = Buffer.alloc(64);
  const { bytesRead } = await file.read(begin, 0, begin.length, 0);
  const first = /^\{"v":1,"seq":(\d{1,15}),/.exec(begin.toString('latin1', 0, bytesRead))?.[1];
  return first === undefined ? null : seq + 1 - Number(first);
}

// Nothing is ever written over: a file of that name is from a trail that was put in place of another.
function freeName(path: string): string {
  for (let name = path; ; name += '0') if (lookAt(name) === null) return name;
}
