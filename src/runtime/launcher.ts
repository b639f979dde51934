/**
 * The launcher: one small shell that makes the shims.
 *
 * It is started with the first run that is to begin, gets names of run folders on its standard input, and ends when that
 * is closed: when this program ends, however it does, or when there has been nothing to begin for a while. Where it cannot
 * be had (no `setsid`, no /proc, no more processes), or dies, the caller begins its runs itself, with the same script.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Clock } from '../ports/clock.ts';
import { SHIM_WORDS } from './shim.ts';
import { standardAnd } from './spawn.ts';

/** What a launcher needs. Paths are absolute. */
export interface LauncherParts {
  readonly clock: Clock;
  readonly runDirectory: string;
  /** The script. */
  readonly shim: string;
  readonly strayDescriptors: readonly number[];
  /** Told when it has died with runs handed over: any of them may not have been begun. */
  readonly lost: () => void;
}

/** The launcher of one run directory. */
export interface Launcher {
  /** Hands a run (`<service>/<run>`) over to be begun; `no` when it cannot be. Never throws. */
  hand(which: string): 'yes' | 'no';
}

/** Time without a start after which it is ended; ms. Starting it costs about as much as a start without it. */
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
  return {
    hand(which) {
      if (!isPossible || deaths >= MOST_DEATHS) return 'no';
      child ??= begin();
      const { stdin = null } = child ?? {};
      if (stdin === null || child?.pid === undefined) return 'no';
      stdin.write(`${which}\n`, (fault) => {
        if (!(fault instanceof Error)) deaths = 0;
      });
      idle?.[Symbol.dispose]();
      idle = parts.clock.after(IDLE_MS, () => {
        child = null;
        stdin.end();
      });
      return 'yes';
    },
  };
}

function spawnLauncher(parts: LauncherParts): ChildProcess | null {
  const covers = parts.strayDescriptors.length > 0 ? openSync('/dev/null', 'r+') : null;
  try {
    const child = spawn('/bin/sh', [parts.shim, SHIM_WORDS.launch, parts.runDirectory], {
      cwd: '/',
      // Node adds its own coverage variable to every child unless this says that it is not to be set.
      env: { NODE_V8_COVERAGE: undefined },
      detached: true,
      stdio: standardAnd(['pipe', 'ignore', 'ignore'], { strays: parts.strayDescriptors, covers }),
    });
    child.unref();
    if (child.stdin instanceof Socket) child.stdin.unref();
    return child;
  } catch {
    // Refused at once: the caller begins the run itself, and learns why when it is refused too.
    return null;
  } finally {
    if (covers !== null) closeSync(covers);
  }
}
