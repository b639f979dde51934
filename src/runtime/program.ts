/**
 * Finding the program before anything is started, so that what is missing can be said in words.
 *
 * A word with a `/` is a path, from the working directory on. Any other word is looked for in the folders of the PATH, in
 * order; folders that are not absolute are passed over, so that nothing is ever executed from where the daemon happens to be.
 * The first executable file wins; links are not resolved. Source: POSIX.1-2024, XBD 8.3 (PATH), XCU 2.9.1.4.
 */
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { nearest } from '../model/nearest.ts';
import type { StartFault } from '../model/reason.ts';
import { namesIn } from './folder-names.ts';
import type { LeftOut } from './host.ts';

/** The answer of a search: an absolute path, or why there is none. */
export type Found =
  | { readonly type: 'found'; readonly path: string }
  | { readonly type: 'fault'; readonly fault: StartFault };

/** Where to look. `directory` is absolute: the working directory of the child. */
export interface Search {
  readonly path: string;
  readonly directory: string;
  /** Folders of somebody's PATH that are not searched, for saying so where a program is missing. Left out: none. */
  readonly leftOut?: readonly LeftOut[];
}

const MOST_NAMES = 50_000;

/** The program that a word means. Never throws. */
export function findProgram(word: string, search: Search): Found {
  if (word.includes('/')) return findByPath(word, search.directory);
  const folders = searchedFolders(search.path);
  const candidates = folders.map((folder) => join(folder, word)).filter((path) => kindOf(path) === 'file');
  const executable = candidates.find(isExecutable);
  if (executable !== undefined) return { type: 'found', path: executable };
  const [first] = candidates;
  return first === undefined ? missingOnPath(word, folders, search.leftOut ?? []) : notExecutable(word, first);
}

/** Why a folder cannot be the working directory; null when it can. */
export function directoryFault(directory: string): StartFault | null {
  const hint = 'make the folder, or set cwd to one that is there';
  const because = (cause: string): StartFault => ({
    code: 'bad-directory',
    message: `the working directory "${directory}" ${cause}`,
    program: null,
    hint,
  });
  const kind = kindOf(directory);
  if (kind === 'missing') return because('does not exist');
  if (kind !== 'folder') return because('is not a folder');
  return isExecutable(directory) ? null : because('may not be entered by this user');
}

/** Where the way to a program ends when every link is followed; the way itself when it has gone meanwhile. */
export function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // It has gone this moment; its name is all there is.
    return path;
  }
}

/** The fault of a file that a command names and that is not there, with the nearest name beside it. */
export function missingFile(word: string, directory: string): StartFault {
  const path = resolve(directory, word);
  const near = nearest(basename(path), namesIn(dirname(path)).toSorted());
  return {
    code: 'not-found',
    message: isAbsolute(word) ? `"${word}" does not exist` : `"${word}" does not exist in "${directory}"`,
    program: word,
    hint:
      near === null
        ? 'write the path as it is, or from the working directory on'
        : didYouMean(join(dirname(word), near), join(dirname(path), near)),
  };
}

function findByPath(word: string, directory: string): Found {
  const path = resolve(directory, word);
  const kind = kindOf(path);
  switch (kind) {
    case 'missing':
      return { type: 'fault', fault: missingFile(word, directory) };
    case 'folder':
      return {
        type: 'fault',
        fault: { code: 'not-executable', message: `"${word}" is a folder, not a program`, program: word, hint: null },
      };
    case 'file':
      return isExecutable(path) ? { type: 'found', path } : notExecutable(word, path);
    default:
      return kind satisfies never;
  }
}

function notExecutable(word: string, path: string): Found {
  const message = `"${path}" is not executable by this user`;
  return { type: 'fault', fault: { code: 'not-executable', message, program: word, hint: `chmod +x ${path}` } };
}

function missingOnPath(word: string, folders: readonly string[], leftOut: readonly LeftOut[]): Found {
  const elsewhere = leftOut.find(({ folder }) => isExecutable(join(folder, word)));
  if (elsewhere !== undefined) return notSearched(word, folders, elsewhere);
  const near = nearestProgram(word, folders);
  const hint =
    near === null
      ? 'install it, write its absolute path, or add its folder to the PATH'
      : didYouMean(basename(near), near);
  const message = `there is no program "${word}" on the PATH (${folders.join(':')})`;
  return { type: 'fault', fault: { code: 'not-found', message, program: word, hint } };
}

/** It is on the PATH of who started the daemon, and the daemon has reasons not to search there. */
function notSearched(word: string, folders: readonly string[], { folder, why, mend }: LeftOut): Found {
  const place = `the PATH of this daemon (${folders.join(':')})`;
  const message = `"${word}" is in "${folder}", which is not on ${place}: ${why}`;
  return { type: 'fault', fault: { code: 'not-found', message, program: word, hint: mend } };
}

function nearestProgram(word: string, folders: readonly string[]): string | null {
  const paths = new Map<string, string>();
  for (const folder of folders) {
    for (const name of namesIn(folder).toSorted().slice(0, MOST_NAMES))
      if (!paths.has(name)) paths.set(name, join(folder, name));
  }
  for (let near = nearest(word, paths.keys()); near !== null; near = nearest(word, paths.keys())) {
    const path = paths.get(near) ?? '';
    if (kindOf(path) === 'file' && isExecutable(path)) return path;
    paths.delete(near);
  }
  return null;
}

const didYouMean = (name: string, path: string): string =>
  name === path ? `did you mean \`${name}\`?` : `did you mean \`${name}\` (${path})?`;

const searchedFolders = (path: string): string[] => [
  ...new Set(path.split(':').filter((folder) => isAbsolute(folder))),
];

function kindOf(path: string): 'missing' | 'file' | 'folder' {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return 'missing';
    return stats.isDirectory() ? 'folder' : 'file';
  } catch {
    // A link in a circle, a path through a file, a folder that may not be entered: there is nothing to execute.
    return 'missing';
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // The system says no; that is the answer.
    return false;
  }
}
