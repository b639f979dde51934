/** What a verb is: its words for the help, its flags, and what it does. */
import type { Flag } from './flags.ts';
import type { Options } from './options.ts';
import type { Session } from './session.ts';

/** The rest of the command line: names and the verb's own flags. */
export interface Input {
  readonly args: readonly string[];
  readonly options: Options;
}

/** A verb. `run` resolves with the exit code; errors are thrown as RouseError and printed by `main`. */
export interface Verb {
  /** Arguments in commander's spelling: `[service...]`, `<task>`, or empty. */
  readonly usage: string;
  /** Command line and what it is for; at least one. */
  readonly examples: readonly (readonly [string, string])[];
  /** The most used first. */
  readonly flags: readonly Flag[];
  /** Exit codes with their meaning here, besides 2 (wrong command line) and 5 (no daemon). */
  readonly exits: readonly (readonly [number, string])[];
  readonly run: (session: Session, input: Input) => Promise<number>;
}
