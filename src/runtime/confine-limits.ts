/**
 * The limits of each process of a run: which can be had, and how they are set.
 *
 * The shell that becomes the program sets them itself (`ulimit`, no program more); commands that no shell begins get them
 * from prlimit(1). Priority is set by nice(1). A limit that is above what this program may set is left away and said to be
 * unavailable; one that could be had and is then refused is a failed start.
 *
 * Units of `ulimit`: 512 bytes for core and file size, 1024 for stack and locked memory, seconds, descriptors.
 * Source: POSIX.1-2024 ulimit; dash, busybox ash, bash as sh; getrlimit(2); nice(1), which only warns when it is refused.
 */
import { getPriority } from 'node:os';
import type { Confinement, ProcessLimits } from '../model/confinement.ts';
import type { LimitHeld } from '../model/held.ts';
import type { ConfineWorld } from './confine-tools.ts';

/** What becomes of the limits. `shell` are lines of a script, each fails where the limit is refused. */
export interface LimitsPlan {
  readonly shell: readonly string[];
  /** Options of prlimit(1); empty = nothing to set. */
  readonly options: readonly string[];
  /** Null = as it is. */
  readonly nice: number | null;
  readonly held: Readonly<Record<keyof ProcessLimits, LimitHeld>>;
}

interface Row {
  readonly limit: Exclude<keyof ProcessLimits, 'nice'>;
  readonly letter: string;
  readonly option: string;
  /** In /proc/self/limits. */
  readonly name: string;
  /** Of our unit, in one of `ulimit`. */
  readonly unit: number;
  /** Of our unit, in one of the kernel. */
  readonly kernelUnit: number;
}

const ROWS: readonly Row[] = [
  { limit: 'files', letter: 'n', option: 'nofile', name: 'Max open files', unit: 1, kernelUnit: 1 },
  { limit: 'coreBytes', letter: 'c', option: 'core', name: 'Max core file size', unit: 512, kernelUnit: 1 },
  { limit: 'fileSizeBytes', letter: 'f', option: 'fsize', name: 'Max file size', unit: 512, kernelUnit: 1 },
  { limit: 'cpuTimeMs', letter: 't', option: 'cpu', name: 'Max cpu time', unit: 1000, kernelUnit: 1000 },
  { limit: 'stackBytes', letter: 's', option: 'stack', name: 'Max stack size', unit: 1024, kernelUnit: 1 },
  { limit: 'lockedMemoryBytes', letter: 'l', option: 'memlock', name: 'Max locked memory', unit: 1024, kernelUnit: 1 },
];

/** The plan for a run. But in the sandbox `none`, no core is dumped unless that is asked for. Never throws. */
export function planLimits(
  { limits, sandbox }: Pick<Confinement, 'limits' | 'sandbox'>,
  world: ConfineWorld,
): LimitsPlan {
  const asked = { ...limits, coreBytes: limits.coreBytes ?? (sandbox === 'none' ? null : 0) };
  const set = ROWS.flatMap((row) => {
    const value = asked[row.limit];
    return value === null || whyNot(row, value, world) !== null ? [] : [{ row, value }];
  });
  const of = (limit: Row['limit']): LimitHeld => {
    const row = ROWS.find((one) => one.limit === limit);
    const value = limits[limit];
    if (value === null || row === undefined) return 'none';
    const why = whyNot(row, value, world);
    return why === null ? 'enforced' : { unavailable: why };
  };
  const nice = niceHeld(limits.nice, world);
  return {
    shell: set.map(({ row, value }) => `ulimit -${row.letter} ${Math.floor(value / row.unit)} || fail limit`),
    options: set.map(({ row, value }) => `--${row.option}=${Math.floor(value / row.kernelUnit)}`),
    nice: nice === 'enforced' ? limits.nice : null,
    held: {
      files: of('files'),
      coreBytes: of('coreBytes'),
      fileSizeBytes: of('fileSizeBytes'),
      cpuTimeMs: of('cpuTimeMs'),
      stackBytes: of('stackBytes'),
      lockedMemoryBytes: of('lockedMemoryBytes'),
      nice,
    },
  };
}

function whyNot(row: Row, value: number, world: ConfineWorld): string | null {
  const most = world.most(row.name);
  if (world.may.raise || most === null || value / row.kernelUnit <= most) return null;
  return `the daemon itself may have ${most * row.kernelUnit} at most`;
}

function niceHeld(nice: number | null, world: ConfineWorld): LimitHeld {
  if (nice === null) return 'none';
  if (world.find('nice') === null) return { unavailable: '`nice` is not there' };
  return world.may.hurry || nice >= getPriority() ? 'enforced' : { unavailable: 'only root may hurry a process' };
}
