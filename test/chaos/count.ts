// What is left after a chaos run, counted from the journals that the services wrote themselves, from Rouse's records,
// from the logs and from /proc. Every line of a result with a number above 0 is a fault, but for the first three.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { KEPT_RUNS } from '../../src/log/giving-back.ts';
import type { ProjectPaths } from '../../src/model/paths.ts';
import type { ProjectRecord } from '../../src/model/record.ts';
import { hasHooks } from './definition.ts';

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
  /** Runs and hooks that found their lock taken. */
  readonly doubles: readonly string[];
  /** Runs that began and have no end, or more than one, among Rouse's records. */
  readonly lostEnds: readonly string[];
  readonly doubleEnds: readonly string[];
  /** Runs whose recorded end is not the one that they wrote down. */
  readonly wrongCodes: readonly string[];
  /** Runs whose log is not exactly what they printed. */
  readonly lostLines: readonly string[];
  /** Runs that began without the hook before their start, or ended without the one after. */
  readonly lostHooks: readonly string[];
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
  const lostHooks: string[] = [];
  let starts = 0;
  let endedByThemselves = 0;
  for (const [at, name] of names.entries()) {
    const kept = filesOf(join(paths.logs, name));
    const hooks = hasHooks(at) ? readLines(join(journal, `${name}.hooks`)) : null;
    for (const { run, end } of livesOf(join(journal, `${name}.runs`))) {
      const which = `${name} run ${run}`;
      const told = ends.get(`${name} ${run}`) ?? [];
      starts += 1;
      if (told.length === 0) lostEnds.push(which);
      if (told.length > 1) doubleEnds.push(which);
      for (const hook of ['before_start', 'after_stop'])
        if (hooks !== null && !hooks.includes(`${hook} ${run}`)) lostHooks.push(`${which}: ${hook}`);
      if (end === null) continue;
      endedByThemselves += 1;
      if (!told.includes(end.ending) && !told.some((each) => CUT_OFF.includes(each)))
        wrongCodes.push(`${which}: ${end.ending}, recorded ${told.join(', ')}`);
      const lines = linesOf(join(paths.logs, name, `${run}.log`));
      if (lines !== end.lines && !kept.isGivenUp(run)) lostLines.push(`${which}: ${end.lines} printed, ${lines} kept`);
    }
  }
  const doubles = existsSync(join(journal, 'doubles')) ? readLines(join(journal, 'doubles')) : [];
  return {
    starts,
    endedByThemselves,
    kills,
    doubles,
    lostEnds,
    doubleEnds,
    wrongCodes,
    lostLines,
    lostHooks,
    orphans: processesWith(mark),
  };
}

/** Whether nothing was lost, doubled or orphaned, and something happened at all. */
export function isWhole(counts: Counts): boolean {
  const { doubles, lostEnds, doubleEnds, wrongCodes, lostLines, lostHooks, orphans } = counts;
  const faults = [lostEnds, doubleEnds, wrongCodes, lostLines, lostHooks, orphans].flat();
  return counts.starts > 0 && doubles.length === 0 && faults.length === 0;
}

/** The counts in words, one line each; every one but the first is to say 0. */
export function linesOfCounts(counts: Counts): readonly string[] {
  const { starts, endedByThemselves, kills, doubles, lostEnds, doubleEnds, wrongCodes, lostLines, lostHooks } = counts;
  const say = (what: string, which: readonly string[]): string =>
    `${String(which.length).padStart(6)} ${what}${which.length === 0 ? '' : `: ${which.slice(0, 10).join('; ')}`}`;
  return [
    `${starts} runs began, ${endedByThemselves} ended by themselves, ${kills} daemons killed`,
    say('runs that overlapped', doubles),
    say('ends that were lost', lostEnds),
    say('ends that were recorded twice', doubleEnds),
    say('exit codes that are wrong', wrongCodes),
    say('runs with lost lines', lostLines),
    say('hooks that were left out', lostHooks),
    say('orphans', counts.orphans),
  ];
}

/** How a run is recorded that was cut off after it had written down its own end. */
const CUT_OFF: readonly string[] = ['SIGTERM', 'SIGKILL', 'SIGABRT'];

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

/**
 * Which output of a service is there. `isGivenUp`: the run's has been removed, and there are as many younger ones as are
 * kept of a service; among those nothing may be missing.
 */
function filesOf(folder: string): { readonly isGivenUp: (run: number) => boolean } {
  const runs = existsSync(folder)
    ? readdirSync(folder).flatMap((name) => (/^\d+\.log$/.test(name) ? [Number.parseInt(name, 10)] : []))
    : [];
  return {
    isGivenUp: (run) => !runs.includes(run) && runs.filter((one) => one > run).length >= KEPT_RUNS,
  };
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
