/** As whom a run runs, what it is kept from, and what it is given that others must not see. */
import type { Origin } from './origin.ts';

/** What each process of a run may use at most; null = what the daemon itself may. Source: getrlimit(2), nice(2). */
export interface ProcessLimits {
  /** Open descriptors. */
  readonly files: number | null;
  /** Size of a core dump; 0 = none. */
  readonly coreBytes: number | null;
  /** Largest file that it may write. */
  readonly fileSizeBytes: number | null;
  /** Processor time; ms, whole seconds. */
  readonly cpuTimeMs: number | null;
  readonly stackBytes: number | null;
  readonly lockedMemoryBytes: number | null;
  /** Priority, -20 (first) to 19 (last). */
  readonly nice: number | null;
}

/**
 * How far a run is kept apart from the machine. `none`: user and group alone, so that it may gain rights by setuid
 * programs. `default`: no right that is not asked for, and none to be gained. `strict`: besides, a file system that it
 * cannot write but where `writable` says so, with /tmp, /home and /run of its own, and only its own processes in sight.
 */
export type Sandbox = 'none' | 'default' | 'strict';

/** As whom a run runs, and what it is kept from. */
export interface Confinement {
  /** A name or a number as written; null = the daemon's own. */
  readonly user: string | null;
  /** A name or a number as written; null = the user's own. */
  readonly group: string | null;
  readonly sandbox: Sandbox;
  /** `none`: a loopback of its own and nothing else. */
  readonly network: 'host' | 'none';
  /** Folders that it may write in a strict sandbox. Absolute. */
  readonly writable: readonly string[];
  /** Whether it may listen on ports below 1024 without being root. */
  readonly lowPorts: 'allowed' | 'refused';
  readonly limits: ProcessLimits;
}

/** A secret by where it is kept. Its text is read at each start, is never stored and never an argument. */
export interface Secret {
  /** Absolute path of the file that holds it. */
  readonly file: string;
  /** `file`: a file of that name in `CREDENTIALS_DIRECTORY`; `env`: a variable, which its whole tree inherits. */
  readonly as: 'file' | 'env';
  readonly origin: Origin | null;
}

/** Where a definition says nothing of it. */
export const PLAIN_CONFINEMENT: Confinement = {
  user: null,
  group: null,
  sandbox: 'default',
  network: 'host',
  writable: [],
  lowPorts: 'refused',
  limits: {
    files: null,
    coreBytes: null,
    fileSizeBytes: null,
    cpuTimeMs: null,
    stackBytes: null,
    lockedMemoryBytes: null,
    nice: null,
  },
};
