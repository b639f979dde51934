/** What of a machine decides what a definition may ask for there. Made where files and accounts can be looked at. */

/** A program that was found: as the PATH or the word leads to it, and with every link resolved. Absolute. */
export interface FoundProgram {
  readonly path: string;
  readonly real: string;
}

/** The ground that a definition is loaded on. */
export interface Ground {
  /** The file of rules below those of the definition; `required`: somebody named it, so it must be there. null = none. */
  readonly rulesFile: { readonly path: string; readonly need: 'required' | 'optional' } | null;
  /** `required`: whatever the files say, the environment of the daemon asks for `user`. */
  readonly userRule: 'required' | 'as-written';
  /** Of who will run services; -1 = not known, and nothing is refused that depends on it. */
  readonly uid: number;
  readonly gid: number;
  /** The user of a name or of a number in digits; null when there is none. `gid` null: only the number is known. */
  readonly findUser: (user: string) => { readonly uid: number; readonly gid: number | null } | null;
  /** The number of a group by name or number; null when there is none. */
  readonly findGroup: (group: string) => number | null;
  /** What would be executed for a word of a command in that working folder; null when nothing would. */
  readonly findProgram: (word: string, directory: string) => FoundProgram | null;
}

/** A ground that is not known: there are no rules but those of the definition, every account is taken, no program is found. */
export const UNKNOWN_GROUND: Ground = {
  rulesFile: null,
  userRule: 'as-written',
  uid: -1,
  gid: -1,
  findUser: () => null,
  findGroup: () => null,
  findProgram: () => null,
};
