/** Where the output of services is kept and read: one append-only file a run, below one folder. */
import { openSync, closeSync, existsSync, fstatSync, readSync } from 'node:fs';
import type { LogLine, LogPlace } from '../model/log-line.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import type { LogQuery, LogRetention, LogStore, Punch } from '../ports/log-store.ts';
import { type Wanted, wantedBy } from './filter.ts';
import { type FollowSource, Follower } from './follow.ts';
import { DELETED, bytesOf, gapLine, portionsOf } from './history.ts';
import { Keeper } from './keeper.ts';
import { lastOf } from './last-lines.ts';
import { lineSplitter } from './line-splitter.ts';
import { type Mask, NO_MASK } from './mask.ts';
import { oneByOne } from './one-by-one.ts';
import { READ_FLAGS, type RunFile, isServiceName, openRunFile, runFilePath, runFiles, servicesIn } from './run-file.ts';
import { type KeeperParts, spaceOf } from './space-guard.ts';
import { StoredLines } from './stored-lines.ts';
import { addRecord, markNumber, readIndex } from './time-index.ts';

/** What the store is built from. */
export interface LogStoreOptions {
  /** Absolute path of the folder of logs; made when the first run is opened. */
  readonly folder: string;
  readonly clock: Clock;
  /** Bytes kept of a service's output (`spec.logs.keepBytes`), `Infinity` = all; asked whenever output grows. */
  readonly keepBytes: (service: ServiceName) => number;
  /** How blocks are given back; left out: only whole files of ended runs are. */
  readonly punch?: Punch;
  /** Told in a line what people should know: that blocks cannot be given back, that a file was cut by hand. */
  readonly say?: (line: string) => void;
  /** Hides what services were given in secret. Left out: nothing is hidden. */
  readonly mask?: Mask;
  /** Free and all bytes of the file system; what statfs(2) says unless given. */
  readonly space?: KeeperParts['space'];
}

/** The most that `last` looks at, and the most that `bytes` returns: enough for any message, and for any terminal. */
const LAST_BYTES = 256 * 1024;
const RETURNED_BYTES = 256 * 1024 * 1024;
const CHUNK_BYTES = 128 * 1024;

const NEVER = new AbortController().signal;

/**
 * The store over a folder. Made twice over one folder it still reads everything, but a follower learns of new runs only from its own store.
 *
 * - `open` may be called several times for a run (a command-managed service appends to one file again and again, and a
 *   daemon that takes a live run over opens its file again). From then on until `end` the file is looked after: its times are
 *   noted, and all of the service's output together is kept within `keepBytes`.
 * - `read` gives stored lines with the time by which they were written, and followed lines with the time at which they were
 *   seen. It ends quietly when aborted. Without services named, following takes up every service that is started later.
 * - What services were given in secret is hidden in all that is read; the files hold it as it was written.
 * - `bytes` returns at most the newest 256 MiB; `last` looks at no more than the run's last 256 KiB.
 * - Disposing it ends the looking after, and nothing else.
 */
export function createLogStore(options: LogStoreOptions): LogStore & AsyncDisposable {
  const { folder, clock } = options;
  const live = new Map<ServiceName, Set<number>>();
  const followers = new Set<(service: ServiceName, run: number) => void>();
  const isLive = (service: ServiceName, run: number): boolean => live.get(service)?.has(run) ?? false;
  const mask = options.mask ?? NO_MASK;
  const room = roomOf(options, isLive);
  const tell = (service: ServiceName, run: number): void => {
    for (const follower of followers) follower(service, run);
  };
  return {
    read(query, signal) {
      // Refused before anybody begins to read: what answers over a wire has said by then that all is well.
      wantedBy(query);
      return oneByOne(shown(batches({ folder, clock, isLive, live, followers, mask }, query, signal), mask));
    },
    open(service, run) {
      const opened = openRunFile(folder, service, run);
      const runs = live.get(service) ?? new Set<number>();
      live.set(service, runs.add(run));
      room.keeper.begin(service, run);
      tell(service, run);
      return opened;
    },
    end(service, run) {
      live.get(service)?.delete(run);
      room.keeper.end(service, run);
      tell(service, run);
    },
    bytes: async (service, tail) => mask.bytes(service, await newestBytes(runFiles(folder, service), tail)),
    last: (service, run, count) =>
      lastLines(runFilePath(folder, service, run), count).map((text) => mask.text(service, text)),
    retention: room.retention,
    mark: (service, run, text) => addRecord(runFilePath(folder, service, run), 'm', markNumber(text), clock.now()),
    isMarked: (service, run, text) => readIndex(runFilePath(folder, service, run)).marks.has(markNumber(text)),
    [Symbol.asyncDispose]: () => room.keeper[Symbol.asyncDispose](),
  };
}

/** What reading needs of the store. */
interface Reading {
  readonly folder: string;
  readonly clock: Clock;
  readonly isLive: (service: ServiceName, run: number) => boolean;
  /** Runs that are looked after. */
  readonly live: ReadonlyMap<ServiceName, ReadonlySet<number>>;
  /** Told of runs that begin and end. */
  readonly followers: Set<(service: ServiceName, run: number) => void>;
  readonly mask: Mask;
}

async function* batches(
  reading: Reading,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<readonly LogLine[], void> {
  const { folder, isLive, followers } = reading;
  const named = query.services.length > 0;
  const services = named ? query.services.filter(isServiceName) : servicesIn(folder);
  // From here to the cursors no look at the files may be repeated: a line written in between would be given twice or not at all.
  const files = new Map(services.map((service) => [service, runFiles(folder, service)]));
  const going = query.mode === 'follow' ? lastLive(files, isLive) : new Set<RunFile>();
  const stored = new StoredLines({ files, query, going, signal, mask: reading.mask });
  yield* stored.lines();
  if (signal.aborted) return;
  if (query.mode === 'once') return yield gone(reading, query);
  await using follower = new Follower(sourceOf(reading));
  const notice = (service: ServiceName, run: number): void => {
    if (!follower.has(service) && (!named || query.services.includes(service))) follower.add(service, run, 0);
    follower.notice(service);
  };
  const places = await stored.places();
  for (const { service, run, offset } of places) follower.add(service, run, offset);
  if (query.places === 'told' && places.length > 0) yield places.map(here);
  followers.add(notice);
  try {
    for (const service of named ? services : servicesIn(folder)) notice(service, 0);
    yield* wantedOf(follower.lines(signal), stored.wanted);
  } finally {
    followers.delete(notice);
  }
}

async function* shown(
  batches: AsyncGenerator<readonly LogLine[], void>,
  mask: Mask,
): AsyncGenerator<readonly LogLine[], void> {
  for await (const lines of batches) yield lines.map((line) => mask.line(line));
}

/** Of each run that lives and whose file somebody has deleted, that it is so; a follower notices that by itself. */
function gone({ folder, clock, live }: Reading, { services, runs }: LogQuery): readonly LogLine[] {
  if (runs === 'previous') return [];
  return [...live].flatMap(([service, numbers]) => {
    if (services.length > 0 && !services.includes(service)) return [];
    const lost = [...numbers].filter((run) => !existsSync(runFilePath(folder, service, run)));
    return lost.map((run) => gapLine({ service, run }, 0, { at: clock.now(), text: DELETED }));
  });
}

function sourceOf({ folder, clock, isLive }: Reading): FollowSource {
  return {
    clock,
    isLive,
    path: (service, run) => runFilePath(folder, service, run),
    nextRun: (service, run) => runFiles(folder, service).find((file) => file.run > run)?.run ?? null,
  };
}

/** Who makes room, by what this machine can do; that it cannot is found out by trying, and said once. */
function roomOf(
  { folder, clock, keepBytes, punch, say = () => undefined, space = spaceOf }: LogStoreOptions,
  isLive: (service: ServiceName, run: number) => boolean,
): { readonly keeper: Keeper; readonly retention: () => LogRetention } {
  let usable = punch ?? null;
  const unable = (): void => {
    if (usable === null) return;
    usable = null;
    say(
      'blocks of logs cannot be given back here (fallocate is missing, or the file system has no holes): room is made by whole files of ended runs, so the log of a run that goes on may grow beyond logs.keep',
    );
  };
  const tools = () =>
    ({
      punch: usable,
      isLive: ({ service, run }: RunFile) => isLive(service, run),
      now: () => clock.now(),
      unable,
    }) as const;
  return {
    keeper: new Keeper({ folder, clock, keepBytes, tools, say, space }),
    retention: () => (usable === null ? 'whole-files' : 'holes'),
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

function here({ service, run, offset }: LogPlace): LogLine {
  return { service, run, offset, next: offset, at: null, text: '', cut: 'no', kind: 'here' };
}

async function* wantedOf(
  batches: AsyncGenerator<readonly LogLine[]>,
  wanted: Wanted | null,
): AsyncGenerator<readonly LogLine[]> {
  for await (const lines of batches) yield wanted === null ? lines : lines.filter(wanted);
}

async function newestBytes(files: readonly RunFile[], tail: number | null): Promise<Uint8Array> {
  const all = await portionsOf(files, {});
  const portions = tail === null ? all : (await lastOf(all, { tail, wanted: null })).portions;
  const pieces: Uint8Array[] = [];
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let room = RETURNED_BYTES;
  for (const portion of portions.toReversed()) {
    const from = Math.max(portion.from, portion.to - room);
    room -= portion.to - from;
    const own: Uint8Array[] = [];
    for await (const bytes of bytesOf({ ...portion, from }, chunk, NEVER)) own.push(Uint8Array.from(bytes));
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
