/**
 * Learning at once that a path came, went or was written to, from the kernel's notices.
 *
 * The folder of the path is watched. While it is not there, the nearest folder above that is: when the next part of the
 * path comes, the watch moves down. Notices can be lost and some file systems give none, so this only says when to look.
 */
import { type FSWatcher, existsSync, watch } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';

/** A watch until disposed. `isWatching` is `false` when the kernel gives no notices: too many watches, for one. */
export interface PathWatch extends Disposable {
  isWatching(): boolean;
}

/** Watches an absolute path, which need not be there. Errors: none; then it is not watching. Does not keep the process alive. */
export function watchPath(path: string, changed: () => void): PathWatch {
  const state: WatchState = { path, changed, watcher: null, folder: '' };
  attach(state);
  return {
    isWatching: () => state.watcher !== null,
    [Symbol.dispose]: () => {
      state.changed = () => undefined;
      detach(state);
    },
  };
}

interface WatchState {
  readonly path: string;
  changed: () => void;
  watcher: FSWatcher | null;
  /** The folder that is watched. */
  folder: string;
}

/** Begins at the folder of the path and goes up until one is there. */
function attach(state: WatchState): void {
  detach(state);
  for (let folder = dirname(state.path); ; folder = dirname(folder)) {
    const watcher = watchFolder(state, folder);
    if (watcher === 'missing' && folder !== dirname(folder)) continue;
    if (watcher === 'missing' || watcher === 'refused') return;
    state.watcher = watcher;
    state.folder = folder;
    // What came between looking and watching gave no notice.
    if (folder !== dirname(state.path) && existsSync(nextPart(state))) attach(state);
    return;
  }
}

function watchFolder(state: WatchState, folder: string): FSWatcher | 'missing' | 'refused' {
  try {
    const watcher = watch(folder, { persistent: false }, (_type, name) => notice(state, watcher, name));
    // Without notices the caller goes on by its own pace.
    watcher.on('error', () => {
      if (state.watcher === watcher) detach(state);
    });
    return watcher;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'missing' : 'refused';
  }
}

function notice(state: WatchState, watcher: FSWatcher, name: string | null): void {
  if (state.watcher !== watcher) return;
  const isNext = name === null || name === basename(nextPart(state));
  // The end of the watched folder itself is told under the folder's own name.
  const isFolder = name === basename(state.folder) && !existsSync(join(state.folder, name));
  if (!isNext && !isFolder) return;
  if (isFolder || state.folder !== dirname(state.path)) attach(state);
  state.changed();
}

/** The part of the path that comes right below the watched folder. */
function nextPart({ folder, path }: WatchState): string {
  const [part = ''] = relative(folder, path).split(sep);
  return join(folder, part);
}

function detach(state: WatchState): void {
  state.watcher?.close();
  state.watcher = null;
}
