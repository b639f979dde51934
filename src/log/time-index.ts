/**
 * When output was written: a small file beside the file of each run, `<service>/.times/<run>`.
 *
 * The daemon appends a record when it sees the file of output grow, at most one for each look. Between two records only
 * the interval is known, and a line counts as written at its end: the moment by which it was there for certain. The same
 * goes for the time in which no daemon lived. What lies behind the last record was there when the file was last touched.
 *
 * | record          | means                                                                          |
 * |-----------------|--------------------------------------------------------------------------------|
 * | `t OFFSET MS`   | at MS the file had OFFSET bytes                                                |
 * | `k OFFSET MS`   | what lies before OFFSET, where a line begins, is given back (written *before*) |
 * | `c SIZE MS`     | at MS the file was found shorter than its SIZE; offsets begin anew             |
 * | `i INODE MS`    | which file it is about                                                         |
 * | `m NUMBER MS`   | what that number stands for was found in the output, which may be gone since   |
 *
 * Every record stands between newlines, so one that was cut off by a crash spoils itself alone. The file is never needed:
 * without it times are coarse, and where output begins is found by looking for it.
 */
import { constants, closeSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { READ_FLAGS } from './run-file.ts';

/** What is known of a file's times. Shapes: `offsets` ascend; `times` belong to them by place. Units: bytes, epoch ms. */
export interface TimeIndex {
  readonly offsets: readonly number[];
  readonly times: readonly number[];
  /** Where the kept part begins; null when it was never said. */
  readonly keptFrom: number | null;
  /** When the file was last found cut by hand; null = never. */
  readonly cutAt: number | null;
  readonly inode: number | null;
  /** What was found in the output, by its number (`markNumber`). */
  readonly marks: ReadonlySet<number>;
}

/** What a record says. */
export type TimeRecord = 't' | 'k' | 'c' | 'i' | 'm';

const RECORD = /^([tkcim]) (\d{1,16}) (\d{1,16})$/;
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
const REPLACE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
/** The last moment that a date can be of. */
const LATEST_MS = 8_640_000_000_000_000;
/** About ten thousand records; beyond it every second one goes. */
const LIMIT_BYTES = 256 * 1024;

/** The index of the file of output at `path` (`<service>/<run>.log`): `<service>/.times/<run>`. */
export function indexPath(path: string): string {
  return path.replace(/([^/]+)\.log$/, '.times/$1');
}

/** What the index of a file of output says; nothing when there is none or it is damaged. Never throws. */
export function readIndex(path: string): TimeIndex {
  let index = emptyIndex();
  for (const line of textOf(indexPath(path)).split('\n')) {
    const [, kind = '', first = '', second = ''] = RECORD.exec(line) ?? [];
    const [offset, at] = [Number(first), Number(second)];
    if (at > LATEST_MS) continue;
    if (kind === 'm') index.marks.add(offset);
    else if (kind === 'k') index.keptFrom = Math.max(index.keptFrom ?? 0, offset);
    else if (kind === 'i') index.inode = offset;
    else if (kind === 'c') index = { ...emptyIndex(), inode: index.inode, cutAt: at, marks: index.marks };
    else if (kind === 't' && offset > (index.offsets.at(-1) ?? -1)) {
      index.offsets.push(offset);
      index.times.push(at);
    }
  }
  return index;
}

/** The number that a text has in an index: 52 bits, so that two texts of one run hardly ever share one. Source: FNV-1a, twice. */
export function markNumber(text: string): number {
  let [high, low] = [0x811c9dc5, 0x01000193];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    high = Math.imul(high ^ code, 0x01000193) >>> 0;
    low = Math.imul(low ^ code, 0x85ebca6b) >>> 0;
  }
  return (high & 0xfffff) * 0x1_0000_0000 + low;
}

/** Adds a record. Errors: none; an index that cannot be written leaves times coarse and loses nothing else. */
export function addRecord(path: string, kind: TimeRecord, value: number, at: number): void {
  const to = indexPath(path);
  try {
    append(to, `\n${kind} ${value} ${at}\n`);
  } catch {
    // The folder may not be there yet; a full disk is no reason to fail.
    try {
      mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
      append(to, `\n${kind} ${value} ${at}\n`);
    } catch {
      // As above.
    }
  }
}

/** Makes an index smaller that has grown over its limit: what is given back needs no times, and half of the rest will do. */
export function thinIndex(path: string): void {
  const to = indexPath(path);
  if (textOf(to).length <= LIMIT_BYTES) return;
  const { offsets, times, keptFrom, cutAt, inode, marks } = readIndex(path);
  const last = offsets.length - 1;
  const kept = offsets.flatMap((offset, at) =>
    offset > (keptFrom ?? 0) && (at % 2 === last % 2 || at === last) ? [`t ${offset} ${times[at] ?? 0}`] : [],
  );
  const head = [
    ...(inode === null ? [] : [`i ${inode} 0`]),
    ...(cutAt === null ? [] : [`c 0 ${cutAt}`]),
    ...(keptFrom === null ? [] : [`k ${keptFrom} 0`]),
    ...[...marks].map((mark) => `m ${mark} 0`),
  ];
  try {
    write(`${to}.new`, REPLACE, `${[...head, ...kept].join('\n')}\n`);
    renameSync(`${to}.new`, to);
  } catch {
    // It stays as large as it is until the next attempt.
  }
}

/**
 * Tells the time of lines by where they end; `lastAt` is for what lies behind the last record.
 * Shapes: fastest when asked in ascending order.
 */
export function timeTeller({ offsets, times }: TimeIndex, lastAt: number): (next: number) => number {
  let place = 0;
  return (next) => {
    if (place > 0 && (offsets[place - 1] ?? 0) >= next) place = 0;
    while (place < offsets.length && (offsets[place] ?? 0) < next) place += 1;
    return times[place] ?? lastAt;
  };
}

/**
 * The bytes among which lines of that time can be. `to` is null when there is no bound.
 * Shapes: `from` may lie inside a line, whose begin is then to be looked for. Times may go back (somebody set the clock),
 * so the stretch may hold other lines too, and those in it are still to be looked at one by one.
 */
export function stretchOf(
  { offsets, times }: TimeIndex,
  { since = -Infinity, until = Infinity }: { readonly since?: number | undefined; readonly until?: number | undefined },
): { readonly from: number; readonly to: number | null } {
  const first = times.findIndex((at) => at >= since);
  const last = times.findLastIndex((at) => at <= until);
  // Behind the last record lie lines that no record is about.
  const from = first < 0 ? (offsets.at(-1) ?? 0) : (offsets[first - 1] ?? 0);
  return { from, to: last === times.length - 1 ? null : (offsets[last] ?? 0) };
}

type Draft = { -readonly [Key in keyof TimeIndex]: TimeIndex[Key] } & {
  offsets: number[];
  times: number[];
  marks: Set<number>;
};

const emptyIndex = (): Draft => ({
  offsets: [],
  times: [],
  keptFrom: null,
  cutAt: null,
  inode: null,
  marks: new Set<number>(),
});

function textOf(path: string): string {
  try {
    return readFileSync(path, { encoding: 'utf8', flag: READ_FLAGS });
  } catch {
    // Not there, or not ours to read: times are coarse.
    return '';
  }
}

const append = (path: string, text: string): void => write(path, APPEND, text);

function write(path: string, flags: number, text: string): void {
  const fd = openSync(path, flags, 0o600);
  try {
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
}
