/**
 * A look at every process of this machine, and which of them belong to a run where no control group holds them together.
 *
 * A process belongs to the run when one of these is true; each alone is enough, and each is checked against the start
 * time, so that a number which the kernel has given away again names nobody:
 *
 * | sign                                                                   | finds                                        |
 * |------------------------------------------------------------------------|----------------------------------------------|
 * | its environment carries the run's cookie                               | setsid, double fork, another parent          |
 * | it is in the session or group of the run, and began while that was certainly the run's | those with an environment of their own |
 * | its parent belongs to the run                                          | those whose parent lives                     |
 * | it belonged at an earlier look                                         | those that overwrote their environment later |
 *
 * A look is no moment: while it goes on, processes fork, execute and end. So it is repeated for those that came up
 * meanwhile, and whoever could not be read just then (it was being executed, or ended) makes the answer unsure once.
 * Not found: a process that made itself a session *and* emptied its environment *and* lost its parent between two looks.
 * Source: proc_pid_stat(5), proc_pid_environ(5), setsid(2).
 */
import { readFileSync, readdirSync } from 'node:fs';
import type { Clock } from '../ports/clock.ts';
import { type Identity, type ProcessStat, isExecuting, readStat } from './process-group.ts';

/** The variable by which a process is known to belong to a run, or to a command that helps with one. */
export const INSTANCE_VARIABLE = 'ROUSE_INSTANCE';

/** All processes at one moment, by id. */
export type Processes = ReadonlyMap<number, ProcessStat>;

/** Whom to look for. `leaders` lead, or led, sessions or groups of the run; `outside` are never members. */
export interface Wanted {
  readonly cookie: string;
  readonly leaders: readonly Identity[];
  readonly outside: readonly Identity[];
  /** Nobody who began earlier can belong. Units: clock ticks since boot; 0 = anybody may. */
  readonly since: number;
}

/** Passes of one look. A second one finds who was forked during the first, a third who was during the second. */
const PASSES = 5;
/** How long a process without any environment may be one that is just being executed. Ticks. */
const EXECUTED_WITHIN = 20;
/** The kernel's own threads are this process and its children. */
const KERNEL = 2;

/** Looks at all processes. Costs about 20 microseconds each. Without this program in it the look was not possible. */
export function lookAround(): Processes {
  const found = new Map<number, ProcessStat>();
  const seen = new Set<string>();
  for (let pass = 0; pass < PASSES; pass += 1) {
    const names = namesOf('/proc').filter((name) => !seen.has(name) && isNumber(name));
    if (names.length === 0) break;
    for (const name of names) {
      seen.add(name);
      const stat = readStat(Number(name));
      // Out of descriptors, most likely. A part of the truth is no truth.
      if (stat === 'unknown') return new Map();
      if (typeof stat !== 'string') found.set(stat.pid, stat);
    }
  }
  return found;
}

const isNumber = (name: string): boolean => name.charCodeAt(0) >= 48 && name.charCodeAt(0) <= 57;

/** A look, and the cookies of those who are in it, each read when it is first asked for. */
export interface Look {
  readonly processes: Processes;
  cookieOf(stat: ProcessStat): Cookie;
}

/** The value of the variable, or why there is none: `bare` = it has no environment at all, `ended` = it is gone. */
export type Cookie = { readonly value: string } | 'none' | 'bare' | 'ended';

/** Looks for all trees of a supervisor, so that many trees that end at once share one. */
export interface Looks {
  /** A new one. */
  fresh(): Look;
  /** The last one of this turn of the event loop, else a new one. Nobody can have joined an empty tree since. */
  recent(): Look;
}

/** Looks that are shared within a turn. */
export function createLooks(clock: Clock): Looks {
  let last: Look | null = null;
  const fresh = (): Look => {
    if (last === null) clock.after(0, () => (last = null));
    last = lookOf(lookAround());
    return last;
  };
  return { fresh, recent: () => last ?? fresh() };
}

/** A look at those processes. */
export function lookOf(processes: Processes): Look {
  const cookies = new Map<number, Cookie>();
  return {
    processes,
    cookieOf(stat) {
      const known = cookies.get(stat.pid);
      if (known !== undefined) return known;
      const cookie = readCookie(stat);
      cookies.set(stat.pid, cookie);
      return cookie;
    },
  };
}

/** Who was found. `unsure`: somebody may have been missed, and another look will tell. `unknown`: nobody could be seen. */
export interface Found {
  readonly members: readonly ProcessStat[];
  readonly certainty: 'sure' | 'unsure' | 'unknown';
}

/** Remembers what it has learnt of one tree from look to look. */
export class TreeScan {
  /** Members of earlier looks: process id to start time. */
  readonly #members = new Map<number, string>();
  /** For each leader: a process of its session or group that began up to then is certainly the run's. Clock ticks. */
  readonly #certainUntil = new Map<number, number>();

  /** Processes that have no environment, with the time at which that was first seen. Ticks. */
  readonly #bare = new Map<string, number>();
  #certainty: Found['certainty'] = 'sure';

  /** Members that execute, in no order. */
  members(wanted: Wanted, look: Look): Found {
    const { processes } = look;
    this.#verify(wanted.leaders, processes);
    this.#certainty = processes.has(process.pid) ? 'sure' : 'unknown';
    const isOutside = (stat: ProcessStat): boolean => stat.pid === process.pid || wanted.outside.some(is(stat));
    const found = new Map<number, ProcessStat>();
    for (const stat of processes.values()) {
      if (!isOutside(stat) && this.#belongs(stat, wanted, look)) found.set(stat.pid, stat);
    }
    this.#addChildren(found, { wanted, processes, isOutside });
    this.#members.clear();
    for (const { pid, startTime } of found.values()) this.#members.set(pid, startTime);
    return { members: [...found.values()].filter(isExecuting), certainty: this.#certainty };
  }

  #belongs(stat: ProcessStat, wanted: Wanted, look: Look): boolean {
    if (this.#members.get(stat.pid) === stat.startTime) return true;
    const began = Number(stat.startTime);
    if (began < wanted.since) return false;
    if (wanted.leaders.some(is(stat))) return true;
    const isIn = ({ pid }: Identity): boolean =>
      (stat.session === pid || stat.group === pid) && began <= (this.#certainUntil.get(pid) ?? -1);
    return wanted.leaders.some(isIn) || this.#carries(look.cookieOf(stat), stat, wanted.cookie);
  }

  #carries(cookie: Cookie, stat: ProcessStat, wanted: string): boolean {
    if (typeof cookie === 'object') return cookie.value === wanted;
    // It ended after it was seen, and may have forked before that.
    if (cookie === 'ended' || (cookie === 'bare' && this.#isJustExecuted(stat))) this.#doubt();
    return false;
  }

  #doubt(): void {
    if (this.#certainty === 'sure') this.#certainty = 'unsure';
  }

  /** While a process is being executed its environment is empty for a moment; one that stays empty is nobody's. */
  #isJustExecuted({ pid, startTime }: ProcessStat): boolean {
    const key = `${pid} ${startTime}`;
    const now = ticksNow();
    const first = this.#bare.get(key) ?? now;
    this.#bare.set(key, first);
    return now - first < EXECUTED_WITHIN;
  }

  /** While a leader lives, its number is its own, and so is its session. */
  #verify(leaders: readonly Identity[], processes: Processes): void {
    let newest: number | null = null;
    for (const leader of leaders) {
      const stat = processes.get(leader.pid);
      if (stat === undefined || stat.startTime !== leader.startTime) continue;
      newest ??= Math.max(...[...processes.values()].map(({ startTime }) => Number(startTime)));
      this.#certainUntil.set(leader.pid, newest);
    }
  }

  #addChildren(
    found: Map<number, ProcessStat>,
    world: { wanted: Wanted; processes: Processes; isOutside: (stat: ProcessStat) => boolean },
  ): void {
    const parents = new Set(found.keys());
    for (const one of world.wanted.outside) {
      const stat = world.processes.get(one.pid);
      if (stat !== undefined && is(stat)(one)) parents.add(one.pid);
    }
    for (let before = -1; before < found.size;) {
      before = found.size;
      for (const stat of world.processes.values()) {
        if (found.has(stat.pid) || !parents.has(stat.parent) || world.isOutside(stat)) continue;
        found.set(stat.pid, stat);
        parents.add(stat.pid);
      }
    }
  }
}

const is =
  (stat: ProcessStat) =>
  ({ pid, startTime }: Identity): boolean =>
    pid === stat.pid && (startTime === null || startTime === stat.startTime);

function readCookie(stat: ProcessStat): Cookie {
  if (stat.pid === KERNEL || stat.parent === KERNEL || !isExecuting(stat)) return 'none';
  try {
    const text = readFileSync(`/proc/${stat.pid}/environ`, 'latin1');
    if (text === '') return 'bare';
    const at = `\0${text}`.indexOf(`\0${INSTANCE_VARIABLE}=`);
    if (at === -1) return 'none';
    const [value = ''] = text.slice(at + INSTANCE_VARIABLE.length + 1).split('\0', 1);
    return { value };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : '';
    // What may not be read belongs to somebody else; what cannot be read may not, no more than what ended just now.
    return code === 'EACCES' || code === 'EPERM' ? 'none' : 'ended';
  }
}

/** What it waits for in the kernel; null when it does not wait, or nothing may be known. Source: proc_pid_wchan(5). */
export function waitOf(pid: number): string | null {
  try {
    // The compiler puts `.isra.0` and the like after names.
    const text = readFileSync(`/proc/${pid}/wchan`, 'latin1').trim().replace(/\..*$/, '');
    return text === '' || text === '0' ? null : text;
  } catch {
    // It ended meanwhile, or the kernel does not say.
    return null;
  }
}

/** Now, in the unit of start times. Source: proc_uptime(5); the unit is 1/100 s for every program (USER_HZ). */
export function ticksNow(): number {
  try {
    return Math.floor(Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 100);
  } catch {
    // No /proc: then nobody is found by it either.
    return 0;
  }
}

function namesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // No /proc: not Linux, or hidden.
    return [];
  }
}
