// What is left after a chaos run, counted from the journals that the services wrote themselves, from Rouse's records,
// from the logs and from /proc. Every line of a result with a number above 0 is a fault, but for the first three.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectPaths } from '../../src/model/paths.ts';
import type { ProjectRecord } from '../../src/model/record.ts';

/** A run as the service itself saw it. `end` null = cut off from outside. */
interface Life {
  readonly run: number;
  readonly end: { readonly lines: number; readonly ending: string } | null;
}

/** What was counted. */
export interface Counts {
  /** Runs that began, runs that ended by themselves, and daemons that were killed. */
  readonly starts: number;
  readonly endedByThemselves: number;
  readonly kills: number;
  readonly doubles: number;
  /** Runs that began and have no end, or more than one, among Rouse's records. */
  readonly lostEnds: readonly string[];
  readonly doubleEnds: readonly string[];
  /** Runs whose recorded end is not the one that they wrote down. */
  readonly wrongCodes: readonly string[];
  /** Runs whose log is not exactly what they printed. */
  readonly lostLines: readonly string[];
  /** Processes of the project that are left. */
  readonly orphans: readonly string[];
}

/** Where to look. `mark` is found in the environment of every process of the project. */
export interface Remains {
  readonly names: readonly string[];
  readonly journal: string;
  readonly paths: ProjectPaths;
  readonly records: readonly ProjectRecord[];
  readonly kills: number;
  readonly mark: string;
}

/** Counts everything. */
export function countRemains(remains: Remains): Counts {
  const { names, journal, paths, records, kills, mark } = remains;
  const ends = endsOf(records);
  const lostEnds: string[] = [];
  const doubleEnds: string[] = [];
  const wrongCodes: string[] = [];
  const lostLines: string[] = [];
  let starts = 0;
  let endedByThemselves = 0;
  for (const name of names) {
    for (const { run, end } of livesOf(join(journal, `${name}.runs`))) {
      const which = `${name} run ${run}`;
      const told = ends.get(`${name} ${run}`) ?? [];
      starts += 1;
      if (told.length === 0) lostEnds.push(which);
      if (told.length > 1) doubleEnds.push(which);
      if (end === null) continue;
      endedByThemselves += 1;
      if (!told.includes(end.ending) && !told.some((each) => each === 'SIGTERM' || each === 'SIGKILL'))
        wrongCodes.push(`${which}: ${end.ending}, recorded ${told.join(', ')}`);
      const lines = linesOf(join(paths.logs, name, `${run}.log`));
      if (lines !== end.lines) lostLines.push(`${which}: ${end.lines} printed, ${lines} kept`);
    }
  }
  const doubles = existsSync(join(journal, 'doubles')) ? readLines(join(journal, 'doubles')).length : 0;
  return {
    starts,
    endedByThemselves,
    kills,
    doubles,
    lostEnds,
    doubleEnds,
    wrongCodes,
    lostLines,
    orphans: processesWith(mark),
  };
}

/** Whether nothing was lost, doubled or orphaned, and something happened at all. */
export function isWhole(counts: Counts): boolean {
  const { doubles, lostEnds, doubleEnds, wrongCodes, lostLines, orphans } = counts;
  const faults = lostEnds.length + doubleEnds.length + wrongCodes.length + lostLines.length + orphans.length;
  return counts.starts > 0 && doubles === 0 && faults === 0;
}

/** Processes whose environment holds the mark, in words. */
export function processesWith(mark: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark)) return [];
      return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').slice(0, 80)}`];
    } catch {
      // It has gone between the two looks.
      return [];
    }
  });
}

function endsOf(records: readonly ProjectRecord[]): ReadonlyMap<string, readonly string[]> {
  const ends = new Map<string, string[]>();
  for (const { body } of records) {
    if (body.type !== 'service.exit') continue;
    const key = `${body.service} ${body.run}`;
    ends.set(key, [...(ends.get(key) ?? []), body.signal ?? String(body.exitCode)]);
  }
  return ends;
}

function livesOf(path: string): readonly Life[] {
  if (!existsSync(path)) return [];
  const lives = new Map<number, Life>();
  for (const line of readLines(path)) {
    const [word, run = '', lines = '', ending = ''] = line.split(' ');
    if (word === 'begin') lives.set(Number(run), { run: Number(run), end: null });
    else lives.set(Number(run), { run: Number(run), end: { lines: Number(lines), ending } });
  }
  return [...lives.values()];
}

/** Lines in their order, or -1 where one is missing, doubled or torn. */
function linesOf(path: string): number {
  if (!existsSync(path)) return 0;
  const lines = readLines(path);
  return lines.every((line, at) => line.startsWith(`line ${at + 1} of `)) ? lines.length : -1;
}

function readLines(path: string): readonly string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}
