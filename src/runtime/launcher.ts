/**
 * The launcher: one small shell that makes the shims.
 *
 * It is started with the first run that is to begin, gets names of run folders on its standard input, and ends when that
 * is closed: when this program ends, however it does, or when nothing has run for a while. As long as anything runs it
 * stays, because the next thing to begin may be a restart, and to fork it anew costs the more the larger this program is.
 * Where it cannot be had (no `setsid`, no /proc, no more processes), or dies, the caller begins its runs itself, with the
 * same script. Spares, which it makes too, get the name of their run on a descriptor of their own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Clock } from '../ports/clock.ts';
import { SHIM_WORDS, SPARE_FD } from './shim.ts';
import { standardAnd } from './spawn.ts';

/** What a launcher needs. Paths are absolute. */
export interface LauncherParts {
  readonly clock: Clock;
  readonly runDirectory: string;
  /** The script. */
  readonly shim: string;
  readonly strayDescriptors: readonly number[];
  /** Whether something runs that may have to be begun again. */
  readonly isNeeded: () => boolean;
  /** Told when it has died with runs handed over: any of them may not have been begun. */
  readonly lost: () => void;
}

/** The launcher of one run directory. */
export interface Launcher {
  /** Hands a run (`<service>/<run>`) over to be begun; `no` when it cannot be. Never throws. */
  hand(which: string): 'yes' | 'no';
  /** Has a spare made, if the launcher is there: its name, the ways to its session and out of rights, its group. Never throws. */
  prepare(line: string): 'yes' | 'no';
  /** Says to the spare of that name, which alone waits, which run it is. Never throws. */
  tellSpare(name: string, which: string): void;
}

/** Time without a start, and with nothing that runs, after which it is ended; ms. */
const IDLE_MS = 60_000;
/** Deaths in a row after which it is not tried again: something here ends it. */
const MOST_DEATHS = 3;

/** A launcher that is there when it is needed. */
export function createLauncher(parts: LauncherParts): Launcher {
  const isPossible = existsSync('/proc/self/stat') && process.pid !== 1;
  let child: ChildProcess | null = null;
  let idle: Disposable | null = null;
  let deaths = 0;
  const end = (one: ChildProcess): void => {
    if (child !== one) return;
    child = null;
    idle?.[Symbol.dispose]();
    spareOf(one)?.destroy();
    deaths += 1;
    parts.lost();
  };
  const begin = (): ChildProcess | null => {
    const one = spawnLauncher(parts);
    one?.once('exit', () => end(one));
    one?.once('error', () => end(one));
    one?.stdin?.once('error', () => end(one));
    return one;
  };
  const rest = (): void => {
    idle?.[Symbol.dispose]();
    idle = parts.clock.after(IDLE_MS, () => {
      if (parts.isNeeded()) return rest();
      const one = child;
      child = null;
      one?.stdin?.end();
      spareOf(one)?.destroy();
    });
  };
  const write = (line: string): 'yes' | 'no' => {
    const { stdin = null } = child ?? {};
    if (stdin === null || child?.pid === undefined) return 'no';
    stdin.write(`${line}\n`, (fault) => {
      if (!(fault instanceof Error)) deaths = 0;
    });
    return 'yes';
  };
  return {
    hand(which) {
      if (!isPossible || deaths >= MOST_DEATHS) return 'no';
      child ??= begin();
      rest();
      return write(which);
    },
    prepare: write,
    tellSpare: (name, which) => void spareOf(child)?.write(`${name} ${which}\n`),
  };
}

function spareOf(child: ChildProcess | null): Socket | null {
  const socket = child?.stdio[SPARE_FD];
  return socket instanceof Socket ? socket : null;
}

function spawnLauncher(parts: LauncherParts): ChildProcess | null {
  const covers = parts.strayDescriptors.length > 0 ? openSync('/dev/null', 'r+') : null;
  try {
    const child = spawn('/bin/sh', [parts.shim, SHIM_WORDS.launch, parts.runDirectory], {
      cwd: '/',
      // Node adds its own coverage variable to every child unless this says that it is not to be set.
      env: { NODE_V8_COVERAGE: undefined },
      detached: true,
      stdio: standardAnd(['pipe', 'ignore', 'ignore'], {
        strays: parts.strayDescriptors,
        covers,
        descriptors: new Map([[SPARE_FD, 'pipe']]),
      }),
    });
    child.unref();
    if (child.stdin instanceof Socket) child.stdin.unref();
    // That nobody reads it any more is known by the launcher's own end.
    spareOf(child)
      ?.on('error', () => undefined)
      .unref();
    return child;
  } catch {
    // Refused at once: the caller begins the run itself, and learns why when it is refused too.
    return null;
  } finally {
    if (covers !== null) closeSync(covers);
  }
}
