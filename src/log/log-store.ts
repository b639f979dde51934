/** Where the output of services is kept and read: one append-only file a run, below one folder. */
import { openSync, closeSync, fstatSync, readSync } from 'node:fs';
import type { LogLine } from '../model/log-line.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import type { LogQuery, LogStore } from '../ports/log-store.ts';
import { Follower } from './follow.ts';
import { bytesOf, chosenFiles, linesOf, openToRead, portionsOf } from './history.ts';
import { lineSplitter } from './line-splitter.ts';
import { oneByOne } from './one-by-one.ts';
import {
  READ_FLAGS,
  type RunFile,
  isServiceName,
  openRunFile,
  prune,
  runFilePath,
  runFiles,
  servicesIn,
} from './run-file.ts';
import { unfinishedFrom } from './tail.ts';

/** What the store is built from. */
export interface LogStoreOptions {
  /** Absolute path of the folder of logs; made when the first run is opened. */
  readonly folder: string;
  readonly clock: Clock;
  /** Bytes kept of a service's output (`spec.logs.keepBytes`); asked at every new run. */
  readonly keepBytes: (service: ServiceName) => number;
}

/** The most that `last` looks at, and the most that `bytes` returns: enough for any message, and for any terminal. */
const LAST_BYTES = 256 * 1024;
const RETURNED_BYTES = 256 * 1024 * 1024;

const NEVER = new AbortController().signal;

/**
 * The store over a folder. Made twice over one folder it still reads everything, but a follower learns of new runs only from its own store.
 *
 * - `open` may be called several times for a run (a command-managed service appends to one file again and again); it
 *   removes the oldest runs' files beyond `keepBytes`. The file of a run itself has no limit while the run lives.
 * - `read` gives stored lines with `at` null and followed lines with the time at which they were seen. It ends quietly
 *   when aborted. Without services named, following takes up every service that is started later.
 * - `bytes` returns at most the newest 256 MiB; `last` looks at no more than the run's last 256 KiB.
 */
export function createLogStore(options: LogStoreOptions): LogStore {
  const { folder, clock, keepBytes } = options;
  const live = new Map<ServiceName, Set<number>>();
  const followers = new Set<(service: ServiceName, run: number) => void>();
  const isLive = (service: ServiceName, run: number): boolean => live.get(service)?.has(run) ?? false;
  const tell = (service: ServiceName, run: number): void => {
    for (const follower of followers) follower(service, run);
  };
  const source = {
    clock,
    isLive,
    path: (service: ServiceName, run: number) => runFilePath(folder, service, run),
    nextRun: (service: ServiceName, run: number) =>
      runFiles(folder, service).find((file) => file.run > run)?.run ?? null,
  };

  async function* batches(query: LogQuery, signal: AbortSignal): AsyncGenerator<readonly LogLine[], void> {
    const named = query.services.length > 0;
    const services = named ? query.services.filter(isServiceName) : servicesIn(folder);
    // From here to the cursors nothing may wait: a line written in between would be given twice or not at all.
    const files = new Map(services.map((service) => [service, runFiles(folder, service)]));
    const going = query.mode === 'follow' ? lastLive(files, isLive) : new Set<RunFile>();
    for await (const lines of stored([...files.values()], query, { going, signal })) yield lines;
    if (query.mode === 'once') return;
    await using follower = new Follower(source);
    const notice = (service: ServiceName, run: number): void => {
      if (!follower.has(service) && (!named || query.services.includes(service))) follower.add(service, run, 0);
      follower.notice(service);
    };
    await addAll(follower, files, going);
    followers.add(notice);
    try {
      for (const service of named ? services : servicesIn(folder)) notice(service, 0);
      for await (const lines of follower.lines(signal)) yield lines;
    } finally {
      followers.delete(notice);
    }
  }
  return {
    read: (query, signal) => oneByOne(batches(query, signal)),
    open(service, run) {
      const opened = openRunFile(folder, service, run);
      const runs = live.get(service) ?? new Set<number>();
      live.set(service, runs.add(run));
      prune(folder, service, keepBytes(service), (other) => runs.has(other));
      tell(service, run);
      return opened;
    },
    end(service, run) {
      live.get(service)?.delete(run);
      tell(service, run);
    },
    bytes: (service, tail) => newestBytes(runFiles(folder, service), tail),
    last: (service, run, count) => lastLines(runFilePath(folder, service, run), count),
  };
}

/** The last files of services that may still be written to. */
function lastLive(
  files: ReadonlyMap<ServiceName, readonly RunFile[]>,
  isLive: (service: ServiceName, run: number) => boolean,
): ReadonlySet<RunFile> {
  const last = [...files.values()].flatMap((of) => of.slice(-1));
  return new Set(last.filter(({ service, run }) => isLive(service, run)));
}

/** What was written before; of a file that goes on, an unfinished line is left to who follows. */
async function* stored(
  files: readonly (readonly RunFile[])[],
  query: LogQuery,
  more: { readonly going: ReadonlySet<RunFile>; readonly signal: AbortSignal },
): AsyncGenerator<readonly LogLine[]> {
  const chosen = files.flatMap((of) => chosenFiles(of, query.runs));
  for (const portion of await portionsOf(chosen, query.tail)) {
    if (more.signal.aborted) return;
    yield* linesOf(portion, more.going.has(portion.file) ? 'leave' : 'give', more.signal);
  }
}

/** Sets each service's cursor to where its stored lines end. A service that never ran begins at its first run. */
async function addAll(
  follower: Follower,
  files: ReadonlyMap<ServiceName, readonly RunFile[]>,
  going: ReadonlySet<RunFile>,
): Promise<void> {
  for (const [service, of] of files) {
    const file = of.at(-1);
    if (file === undefined) {
      follower.add(service, 0, 0);
      continue;
    }
    await using handle = going.has(file) ? await openToRead(file.path) : null;
    const offset = handle === null ? file.sizeBytes : await unfinishedFrom(handle, file.sizeBytes);
    follower.add(service, file.run, offset);
  }
}

async function newestBytes(files: readonly RunFile[], tail: number | null): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let room = RETURNED_BYTES;
  for (const portion of (await portionsOf(files, tail)).toReversed()) {
    const from = Math.max(portion.from, portion.to - room);
    room -= portion.to - from;
    const own: Uint8Array[] = [];
    for await (const bytes of bytesOf({ ...portion, from }, NEVER)) own.push(Uint8Array.from(bytes));
    pieces.unshift(...own);
  }
  return Buffer.concat(pieces);
}

function lastLines(path: string, count: number): readonly string[] {
  let fd: number;
  try {
    fd = openSync(path, READ_FLAGS);
  } catch {
    // No file: the run wrote nothing that is kept.
    return [];
  }
  try {
    const end = fstatSync(fd).size;
    const begin = Math.max(0, end - LAST_BYTES);
    const bytes = Buffer.alloc(end - begin);
    const read = bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, begin));
    // Where the look-back began inside a line, that line is not whole and not shown.
    const from = begin === 0 ? 0 : read.indexOf(10) + 1;
    const splitter = lineSplitter();
    const lines = [...splitter.push(read.subarray(from)), ...splitter.end()];
    return count <= 0 ? [] : lines.slice(-count).map(({ text }) => text);
  } finally {
    closeSync(fd);
  }
}
