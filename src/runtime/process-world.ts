/** What all runs of processes share: the script of the shims, the launcher, the events, and the looks for safety. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StartFault } from '../model/reason.ts';
import { type Chores, createChores } from './chores.ts';
import { type KnownRun, cameToNothing } from './known-run.ts';
import { type Launcher, createLauncher } from './launcher.ts';
import type { Tools } from './launch-script.ts';
import type { RuntimeParts } from './parts.ts';
import { type Unprepared, findTools, withoutFolder } from './run-begin.ts';
import { type RunEvents, watchRuns } from './run-events.ts';
import type { RunFolder } from './run-folder.ts';
import { SHIM, SHIM_WORDS } from './shim.ts';
import { type Spare, type Spares, createSpares } from './spares.ts';
import { spawnProgram } from './spawn.ts';
import { type Sweep, createSweep } from './sweep.ts';

/** Pauses between two looks at everything; ms. */
const LOOK_MS = { told: 30_000, untold: 5000, unwatched: 1000 };

const LOOKS_PER_TURN = 100;

interface Opened {
  readonly events: RunEvents;
  readonly launcher: Launcher;
  readonly spares: Spares;
  readonly sweep: Sweep;
}

/** One for each runtime. Opened by the first run, so that who has no processes leaves nothing. */
export class ProcessWorld {
  readonly #parts: RuntimeParts;
  readonly #runs: ReadonlyMap<string, KnownRun>;
  readonly #shim: string;
  #tools: Tools | null = null;
  #open: Opened | null = null;
  #timer: Disposable | null = null;
  readonly #chores: Chores;

  constructor(parts: RuntimeParts, runs: ReadonlyMap<string, KnownRun>) {
    this.#parts = parts;
    this.#chores = createChores(parts.clock);
    this.#runs = runs;
    this.#shim = join(parts.runDirectory, '.shim');
  }

  get tools(): Tools {
    return (this.#tools ??= findTools(this.#parts.host));
  }

  /** Makes what runs need; again does nothing. Never throws. */
  open(): Unprepared | null {
    if (this.#open?.events.isTold() === true) return null;
    const { runDirectory } = this.#parts;
    try {
      mkdirSync(runDirectory, { recursive: true, mode: 0o700 });
      writeShim(this.#shim);
      const events = watchRuns(runDirectory, {
        noted: (which) => this.#noted(which),
        anything: () => this.#lookAround(),
      });
      this.#open?.events[Symbol.dispose]();
      this.#open = { ...(this.#open ?? this.#makeRest()), events };
      return null;
    } catch (cause) {
      return { type: 'fault', fault: withoutFolder(cause) };
    }
  }

  #makeRest(): Omit<Opened, 'events'> {
    const { runDirectory, clock, host } = this.#parts;
    const isNeeded = (): boolean => this.#isBusy();
    const lost = (): void => {
      this.#open?.spares.lost();
      this.#orderAgain();
    };
    const launcher = createLauncher({
      clock,
      runDirectory,
      shim: this.#shim,
      strayDescriptors: host.strayDescriptors,
      isNeeded,
      lost,
    });
    const spares = createSpares({
      ...this.#parts,
      launcher,
      setsid: this.tools.setsid,
      setpriv: this.#parts.confining.world.find('setpriv'),
      isNeeded,
    });
    return { launcher, spares, sweep: createSweep(runDirectory, host, launcher) };
  }

  /** A spare, if one is ready. Whoever takes it has the run begun by `tellSpare`, or gives it up. */
  takeSpare(): Spare | null {
    return this.#open?.spares.take() ?? null;
  }

  /** Has the run begun by the spare that was taken for it. */
  tellSpare(which: string): void {
    this.#open?.spares.tell(which);
    this.settle();
    this.#open?.spares.stir();
  }

  /** Ends a spare whose run could not be prepared. */
  giveUp(spare: Spare): void {
    this.#open?.spares.giveUp(spare);
  }

  /** Something is asked to end: what would be left over when all has ended goes first. */
  stopping(): void {
    this.#open?.spares.drop();
    this.#open?.spares.stir();
  }

  /** Has the run begun by the launcher, else by `here`. */
  begin(which: string, here: () => void): void {
    this.settle();
    this.#open?.spares.stir();
    // Without sessions of their own, runs of one launcher would be one group.
    const isHanded = this.tools.setsid !== null && this.#open?.launcher.hand(which) === 'yes';
    if (!isHanded) here();
  }

  /** Begins the run as a child of this program. `refused` is told why it cannot be, or that it has come to nothing. */
  beginHere(which: string, refused: (fault: StartFault) => void): void {
    const { runDirectory, host } = this.#parts;
    const order = {
      launch: {
        type: 'launch',
        file: '/bin/sh',
        args: [this.#shim, SHIM_WORDS.run, runDirectory, which],
      },
      directory: '/',
      environment: { NODE_V8_COVERAGE: undefined },
      output: 'nowhere',
      descriptors: new Map(),
      strayDescriptors: host.strayDescriptors,
    } as const;
    spawnProgram(order, {
      spawned: () => undefined,
      failed: refused,
      ended: () => {
        this.#runs.get(which)?.look();
        refused(cameToNothing(which));
      },
    });
  }

  /** Draws the consequences of how many runs there are now. */
  settle(): void {
    const isBusy = this.#isBusy();
    this.#open?.events.keepAlive(isBusy ? 'yes' : 'no');
    if (!isBusy) {
      this.#open?.spares.drop();
      this.#timer?.[Symbol.dispose]();
      this.#timer = null;
      return;
    }
    this.#timer ??= this.#parts.clock.after(this.#pauseMs(), () => {
      this.#timer = null;
      this.#lookAtAll();
      this.settle();
    });
  }

  /** Says that one must be looked at more often than the others. */
  hurry(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#parts.clock.after(LOOK_MS.unwatched, () => {
      this.#timer = null;
      this.#lookAtAll();
      this.settle();
    });
  }

  /** Says that the folder of a run was moved to the trash. Whoever is the last leaves nothing. */
  released(folder: RunFolder): void {
    this.#chores.add(() => folder.leave());
    this.#open?.sweep.noted();
    if (this.#runs.size > 0) return;
    this.#chores.finish();
    this.#parts.trees.tidy();
    this.#open?.sweep.now();
  }

  #isBusy(): boolean {
    return this.#runs.values().some((one) => !one.isOver());
  }

  #noted(which: string): void {
    if (this.#open?.spares.heard(which) === 'yes') return;
    this.#open?.spares.stir();
    this.#runs.get(which)?.look();
  }

  #pauseMs(): number {
    if (this.#runs.values().some((one) => one.isUnwatched())) return LOOK_MS.unwatched;
    return this.#open?.events.isTold() === true ? LOOK_MS.told : LOOK_MS.untold;
  }

  #orderAgain(): void {
    for (const one of this.#runs.values()) one.orderAgain();
  }

  /** Something has happened, and it may be that nothing is told any more. */
  #lookAround(): void {
    this.#lookAtAll();
    if (this.#timer !== null) this.hurry();
  }

  #lookAtAll(): void {
    this.#lookAtSome([...this.#runs.values()]);
  }

  /** A look costs some 35 microseconds; a turn of the loop is not to last long. */
  #lookAtSome(left: readonly KnownRun[]): void {
    for (const one of left.slice(0, LOOKS_PER_TURN)) one.look();
    if (left.length <= LOOKS_PER_TURN) return;
    this.#parts.clock.after(0, () => this.#lookAtSome(left.slice(LOOKS_PER_TURN)));
  }
}

/** The shells that execute an older text go on with that: they have its file open. */
function writeShim(path: string): void {
  if (textOf(path) === SHIM) return;
  writeFileSync(`${path}.new`, SHIM, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not there yet.
    return null;
  }
}
