/** What some globs find now: every file with what tells a change of it, and the folders that have to be looked at. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, matchesGlob } from 'node:path';

/** Globs, absolute. A file counts when one of `paths` and none of `ignore` matches it. */
export interface Globs {
  readonly paths: readonly string[];
  readonly ignore: readonly string[];
}

/** Files by path with a mark that changes when they do, and the folders that were looked through. */
export interface Snapshot {
  readonly files: ReadonlyMap<string, string>;
  readonly folders: ReadonlySet<string>;
  /** Whether there was more than is looked at. */
  readonly cut: 'no' | 'yes';
}

/** The most that one service can watch; more is a glob that means something else. */
const MAX_FILES = 20_000;
const MAX_FOLDERS = 5000;
const NEVER = new Set(['.git', 'node_modules']);
const SIGNS = /[*?[\]{}!]/;

/** Looks through the folders of the globs. Errors: none; what cannot be read counts as not there. */
export async function takeSnapshot(globs: Globs): Promise<Snapshot> {
  const files = new Map<string, string>();
  const folders = new Set<string>();
  const open = [...new Set(globs.paths.map(rootOf))];
  const deep = globs.paths.some((glob) => SIGNS.test(glob));
  for (let folder = open.shift(); folder !== undefined; folder = open.shift()) {
    if (folders.has(folder)) continue;
    if (folders.size >= MAX_FOLDERS || files.size >= MAX_FILES) return { files, folders, cut: 'yes' };
    folders.add(folder);
    for (const entry of await entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (deep && !NEVER.has(entry.name) && reaches(globs.paths, path)) open.push(path);
      } else if (counts(path, globs)) {
        const mark = await markOf(path);
        if (mark !== null) files.set(path, mark);
      }
    }
  }
  return { files, folders, cut: 'no' };
}

/** Files that are in one snapshot only, or not the same in both; in alphabetical order. */
export function changedFiles(before: Snapshot, after: Snapshot): readonly string[] {
  const all = new Set([...before.files.keys(), ...after.files.keys()]);
  return [...all].filter((path) => before.files.get(path) !== after.files.get(path)).toSorted();
}

/** The folder below which everything lies that a glob can match. */
function rootOf(glob: string): string {
  let folder = SIGNS.test(basename(glob)) ? dirname(glob) : glob;
  if (folder === glob) folder = dirname(glob);
  while (SIGNS.test(folder)) folder = dirname(folder);
  return folder;
}

/** Whether something in a folder can match: it lies below the root of a glob, and not deeper than that goes. */
function reaches(paths: readonly string[], folder: string): boolean {
  const isBelow = (glob: string): boolean => `${folder}/`.startsWith(`${rootOf(glob)}/`.replace('//', '/'));
  const isInReach = (glob: string): boolean => glob.includes('**') || depthOf(folder) < depthOf(glob);
  return paths.some((glob) => SIGNS.test(glob) && isBelow(glob) && isInReach(glob));
}

const depthOf = (path: string): number => path.split('/').length;

function counts(path: string, { paths, ignore }: Globs): boolean {
  const matches = (glob: string): boolean => glob === path || matchesGlob(path, glob);
  return paths.some(matches) && !ignore.some(matches);
}

async function entriesOf(folder: string): ReturnType<typeof readEntries> {
  try {
    return await readEntries(folder);
  } catch {
    // Not there, or not for us to read: it holds nothing, until it does.
    return [];
  }
}

const readEntries = (folder: string) => readdir(folder, { withFileTypes: true });

async function markOf(path: string): Promise<string | null> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    // Gone between the two looks.
    return null;
  }
}
