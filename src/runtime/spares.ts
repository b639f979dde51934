/**
 * A spare: a shim and the process that will be a service, standing ready in a control group of their own before anybody
 * needs them.
 *
 * What costs most between the end of a run and the next is the entering of a control group, for which the kernel waits
 * until every processor has passed through its scheduler: some 15 ms on a machine that rests. A spare has paid it in
 * advance, and the forks, the session, and the giving up of gaining rights (no_new_privs) besides. One at a time is kept, made in a quiet moment while anything runs, and
 * made anew after it was taken; who finds none is begun the long way.
 *
 * Its folder is `<run directory>/.spare/<id>` and holds the shim's `record` already. The run's files are written into it,
 * and one rename makes it the folder of the run: before that there is no run, after it the run is claimed, and only the
 * process that waits here can begin it. When the daemon dies before it has said so, that process notes the step `fenced`.
 *
 * All spares of a launcher read from one descriptor, so at no time may two be able to: the next is made when the process of
 * the last has noted itself as a run, so has read its line, or when its group is gone, so nobody is in it, nor will be.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, rmSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { Launcher } from './launcher.ts';
import { type Identity, identify } from './process-group.ts';
import { isGone } from './run-evidence.ts';
import { TRASH } from './run-folder.ts';
import { readRecord } from './run-record.ts';
import type { Trees } from './tree.ts';

/** What spares need. */
export interface SparesParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly runDirectory: string;
  readonly launcher: Pick<Launcher, 'prepare' | 'tellSpare'>;
  readonly trees: Pick<Trees, 'reserve' | 'dismiss'>;
  /** Absolute paths; null where there is none, and then there are no spares. */
  readonly setsid: string | null;
  readonly setpriv: string | null;
  /** Whether something runs that may have to be begun again. */
  readonly isNeeded: () => boolean;
}

/** One that stands ready. `path` is its folder, `group` the control group that its process is in. */
export interface Spare {
  readonly path: string;
  readonly group: string;
}

/** The spares of one run directory. No method throws. */
export interface Spares {
  /** The one that is ready, which is the caller's then: to be told its run, or to be given up. Null when there is none. */
  take(): Spare | null;
  /** Has the one that was taken begin the run whose folder its own has become. */
  tell(which: string): void;
  /** Hears what a spare says of itself; `no` when the line is about something else. */
  heard(line: string): 'yes' | 'no';
  /** Says that something has begun or ended: a moment later, when all is quiet, one is made if it is needed. */
  stir(): void;
  /** Gives up the one there is, if any. */
  drop(): void;
  /** Hears that nobody reads any more what the launcher's spares read, and nobody will. */
  lost(): void;
  /** Ends one that was taken, and comes to nothing. */
  giveUp(spare: Spare): void;
}

/** The folder of spares below the run directory. */
const FOLDER = '.spare';
/** From the last begin or end to the making of one; ms. Long enough to stay out of the way of a start of hundreds. */
const QUIET_MS = 30;
/** Deaths of spares that nobody took, after which none is made any more: something here ends them. */
const MOST_DEATHS = 3;

interface Kept extends Spare {
  readonly name: string;
  /** Its process, once it has said that it is ready. */
  readonly main: Identity | null;
}

/** No spare yet. What an earlier daemon left of its own goes to the trash. */
export function createSpares(parts: SparesParts): Spares {
  const { runDirectory, clock } = parts;
  forgetEarlier(runDirectory);
  let kept: Kept | null = null;
  /** Whether the last one that is kept no more can certainly not read any more. */
  let isPast = (): boolean => true;
  let taken: Kept | null = null;
  let deaths = 0;
  let timer: Disposable | null = null;
  const make = (): void => {
    timer = null;
    if (kept === null && taken === null && deaths < MOST_DEATHS && parts.isNeeded() && isPast()) kept = makeOne(parts);
  };
  const giveUp = (one: Spare): void => {
    taken = null;
    isPast = () => !existsSync(one.group);
    clear(parts, one);
  };
  const drop = (): void => {
    timer?.[Symbol.dispose]();
    timer = null;
    if (kept !== null) giveUp(kept);
    kept = null;
  };
  return {
    take() {
      if (kept === null || kept.main === null) return null;
      if (isGone(kept.main)) drop();
      taken = kept;
      kept = null;
      return taken;
    },
    tell(which) {
      assert(taken !== null, `no spare was taken for ${which}`);
      parts.launcher.tellSpare(taken.name, which);
      taken = null;
      isPast = () => isNoted(join(runDirectory, which, 'record'));
    },
    heard(line) {
      const [name = '', pid] = line.split(' ');
      if (name !== kept?.name) return name.startsWith(`${FOLDER}/`) ? 'yes' : 'no';
      if (pid === undefined) {
        deaths += 1;
        drop();
      } else kept = { ...kept, main: identify(Number(pid)) };
      return 'yes';
    },
    stir() {
      timer?.[Symbol.dispose]();
      timer = clock.after(QUIET_MS, make);
    },
    drop,
    giveUp,
    lost() {
      drop();
      isPast = () => true;
    },
  };
}

function forgetEarlier(runDirectory: string): void {
  quietly(() => renameSync(join(runDirectory, FOLDER), join(runDirectory, `${TRASH}.${process.pid}${FOLDER}`)));
}

/** Whether a process has noted itself there as the run. */
function isNoted(record: string): boolean {
  try {
    return (readRecord(record)?.main ?? null) !== null;
  } catch {
    // It cannot be read now; the next time, perhaps.
    return false;
  }
}

function makeOne(parts: SparesParts): Kept | null {
  const { setsid, setpriv, runDirectory, trees, launcher } = parts;
  // The launcher takes the words of its line apart at spaces; the last may have some.
  if (setsid === null || setpriv === null || `${setsid}${setpriv}`.includes(' ')) return null;
  const id = parts.random.id();
  const group = trees.reserve(id);
  if (group === null) return null;
  const name = `${FOLDER}/${id}`;
  const one = { name, path: join(runDirectory, name), group, main: null };
  try {
    // Not with what is above: a run directory that was taken away must not come back by this.
    quietly(() => mkdirSync(join(runDirectory, FOLDER), { mode: 0o700 }));
    mkdirSync(one.path, { mode: 0o700 });
    if (launcher.prepare(`${name} ${setsid} ${setpriv} ${group}`) === 'yes') return one;
  } catch {
    // No room, or the run directory is gone; the next start will say so.
  }
  clear(parts, one);
  return null;
}

function clear({ runDirectory, trees }: SparesParts, { path, group }: Spare): void {
  trees.dismiss(group);
  quietly(() => rmSync(path, { recursive: true, force: true }));
  quietly(() => rmdirSync(join(runDirectory, FOLDER)));
}

function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // Not there, or still in use: what stays is small, and goes with the next daemon.
  }
}
