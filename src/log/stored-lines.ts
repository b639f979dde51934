/** What was already written of several services, as one stream: what a query wants of it, merged by time, its last lines. */
import type { LogLine, LogPlace } from '../model/log-line.ts';
import type { ServiceName } from '../model/spec.ts';
import type { LogQuery } from '../ports/log-store.ts';
import { type Wanted, wantedBy } from './filter.ts';
import { type Portion, chosenFiles, linesOf, portionsOf } from './history.ts';
import { lastOf } from './last-lines.ts';
import type { Mask } from './mask.ts';
import { mergeByTime } from './merge.ts';
import { openToRead } from './piece.ts';
import type { RunFile } from './run-file.ts';
import { unfinishedFrom } from './tail.ts';

/** What is read, and which files go on: a line that is unfinished at their end is left to who follows. */
export interface StoredReading {
  readonly files: ReadonlyMap<ServiceName, readonly RunFile[]>;
  readonly query: LogQuery;
  readonly going: ReadonlySet<RunFile>;
  readonly signal: AbortSignal;
  readonly mask: Mask;
}

const CHUNK_BYTES = { most: 128 * 1024, least: 16 * 1024, together: 8 * 1024 * 1024 };

/** Reading what was written; when it has ended, `places` says from where on each service is to be followed. */
export class StoredLines {
  readonly #reading: StoredReading;
  readonly #wanted: Wanted | null;
  readonly #after: ReadonlyMap<ServiceName, LogPlace>;
  /** Where reading the newest file of each service came to. */
  readonly #came = new Map<RunFile, number>();

  /** Errors: RSE4102 for a pattern that is none. */
  constructor(reading: StoredReading) {
    this.#reading = reading;
    this.#wanted = wantedBy(reading.query, reading.mask);
    this.#after = new Map((reading.query.after ?? []).map((place) => [place.service, place]));
  }

  /** Whether a line is wanted; null = every line is. */
  get wanted(): Wanted | null {
    return this.#wanted;
  }

  /** Batches of wanted lines, none empty; ends early on abort. */
  async *lines(): AsyncGenerator<readonly LogLine[]> {
    const { query, files, signal } = this.#reading;
    const { tail, since, until } = query;
    const chosen: (readonly Portion[])[] = [];
    let found = 0;
    for (const [service, of] of files) {
      const all = await portionsOf(chosenFiles(of, query.runs), { after: this.#after.get(service), since, until });
      const last = tail === null ? { portions: all, lines: 0 } : await lastOf(all, { tail, wanted: this.#wanted });
      found += last.lines;
      if (last.portions.length > 0) chosen.push(last.portions);
    }
    let surplus = tail === null ? 0 : Math.max(0, found - tail);
    const chunkBytes = Math.max(CHUNK_BYTES.least, Math.min(CHUNK_BYTES.most, CHUNK_BYTES.together / chosen.length));
    const streams = chosen.map((portions) => this.#linesOf(portions, Buffer.allocUnsafe(chunkBytes)));
    for await (const lines of mergeByTime(streams)) {
      if (signal.aborted) return;
      const kept = lines.filter(({ kind }) => surplus === 0 || (kind === 'line' && (surplus -= 1) < 0));
      if (kept.length > 0) yield kept;
    }
  }

  /** Where each service is to be followed from: behind what was given, at a line's begin. */
  async places(): Promise<readonly LogPlace[]> {
    const places: LogPlace[] = [];
    for (const [service, of] of this.#reading.files) places.push(await this.#placeOf(service, of.at(-1)));
    return places;
  }

  async #placeOf(service: ServiceName, file: RunFile | undefined): Promise<LogPlace> {
    const after = this.#after.get(service);
    if (file === undefined || (after !== undefined && after.run > file.run))
      return after ?? { service, run: 0, offset: 0 };
    const came = this.#came.get(file);
    const offset = came ?? (await this.#endOf(file));
    return { service, run: file.run, offset };
  }

  async #endOf(file: RunFile): Promise<number> {
    await using handle = this.#reading.going.has(file) ? await openToRead(file.path) : null;
    return handle === null ? file.sizeBytes : await unfinishedFrom(handle, file.sizeBytes);
  }

  async *#linesOf(portions: readonly Portion[], chunk: Buffer): AsyncGenerator<readonly LogLine[]> {
    const { going, signal } = this.#reading;
    const wanted = this.#wanted;
    for (const portion of portions) {
      const isGoing = going.has(portion.file);
      const came = (offset: number): void => {
        if (isGoing && portion.to === portion.file.sizeBytes) this.#came.set(portion.file, offset);
      };
      for await (const lines of linesOf(portion, { rest: isGoing ? 'leave' : 'give', chunk, signal, came }))
        yield wanted === null ? lines : lines.filter(wanted);
    }
  }
}
