/** What every runtime that executes programs is built from. */
import type { Settings } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import type { LogStore } from '../ports/log-store.ts';
import type { Random } from '../ports/random.ts';
import type { Report } from '../ports/runtime.ts';
import type { Confining } from './confining.ts';
import type { Credentials } from './credentials.ts';
import type { GuardOf } from './guard.ts';
import type { Host } from './host.ts';
import type { Notifying } from './notify.ts';
import type { Trees } from './tree.ts';

/** The parts, handed in by whoever wires a supervisor. */
export interface RuntimeParts {
  readonly clock: Clock;
  /** Gives every run its name for ever. */
  readonly random: Random;
  readonly logs: LogStore;
  readonly report: Report;
  readonly host: Host;
  /** Hands secrets over. */
  readonly credentials: Credentials;
  /** Says as whom runs run, and what they are kept from. */
  readonly confining: Confining;
  /** Has the last word on what is executed. */
  readonly guard: GuardOf;
  /** Absolute path of the folder that holds one folder a run while it lives: `<runtime>/<project>/run`. */
  readonly runDirectory: string;
  /** What holds the processes of each run together. */
  readonly trees: Trees;
  /** Hears what runs say of themselves. */
  readonly notify: Notifying;
  /** Asked at every use, so that a new definition counts at once. */
  readonly settings: () => Pick<Settings, 'nuPath' | 'provisioningPath'>;
}
