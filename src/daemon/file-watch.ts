/**
 * Files that are watched: tells which have changed once they rest.
 *
 * The kernel's word (inotify through fs.watch) is only a hint: what has changed is read anew and compared, so a word that
 * is lost, doubled or late does no harm, and a slow look every few seconds finds what no word told of.
 */
import { type FSWatcher, watch } from 'node:fs';
import type { ApiParts } from '../api/parts.ts';
import { type Globs, type Snapshot, changedFiles, takeSnapshot } from './file-snapshot.ts';

/** The slow look; ms. */
const POLL_MS = 5000;

/** What is watched, and who is told. `changed` must not throw. Units: ms. */
export interface FileWatchParts {
  readonly globs: Globs;
  readonly debounceMs: number;
  readonly clock: ApiParts['clock'];
  readonly changed: (files: readonly string[]) => void;
  readonly say: (line: string) => void;
}

/** One set of globs under watch, from its making until it is disposed. */
export class FileWatch implements Disposable {
  readonly #parts: FileWatchParts;
  readonly #watchers = new Map<string, FSWatcher>();
  #known: Snapshot | null = null;
  #rest: Disposable | null = null;
  #poll: Disposable | null = null;
  #looking: Promise<void>;
  #state: 'running' | 'ended' = 'running';

  constructor(parts: FileWatchParts) {
    this.#parts = parts;
    this.#looking = this.#look('learn');
    this.#wait();
  }

  /** Resolves when no look at the files is under way. */
  async settled(): Promise<void> {
    let seen: Promise<void> | null = null;
    while (seen !== this.#looking) {
      seen = this.#looking;
      await seen;
    }
  }

  [Symbol.dispose](): void {
    this.#state = 'ended';
    this.#rest?.[Symbol.dispose]();
    this.#poll?.[Symbol.dispose]();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #wait(): void {
    this.#poll = this.#parts.clock.after(POLL_MS, () => {
      this.#queue('compare');
      this.#wait();
    });
  }

  /** Something may have changed: it is looked at once nothing has been said for a while. */
  #hint(): void {
    if (this.#state === 'ended') return;
    this.#rest?.[Symbol.dispose]();
    this.#rest = this.#parts.clock.after(this.#parts.debounceMs, () => {
      this.#rest = null;
      this.#queue('tell');
    });
  }

  #queue(purpose: 'compare' | 'tell'): void {
    this.#looking = this.#looking.then(() => this.#look(purpose));
  }

  async #look(purpose: 'learn' | 'compare' | 'tell'): Promise<void> {
    if (this.#state === 'ended') return;
    const found = await takeSnapshot(this.#parts.globs);
    if (this.#isEnded()) return;
    const changed = this.#known === null ? [] : changedFiles(this.#known, found);
    if (purpose === 'compare') {
      if (changed.length > 0 && this.#rest === null) this.#hint();
      return;
    }
    if (this.#known === null && found.cut === 'yes')
      this.#parts.say(`watch: ${this.#parts.globs.paths.join(', ')}: too many files, the rest is not watched`);
    this.#known = found;
    this.#follow(found.folders);
    if (changed.length > 0) this.#parts.changed(changed);
  }

  // A look takes a while, in which the watch may have been ended.
  #isEnded(): boolean {
    return this.#state === 'ended';
  }

  #follow(folders: ReadonlySet<string>): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) {
      if (this.#watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, { persistent: false }, () => this.#hint());
        // The folder is gone, or the kernel has no room: the slow look remains.
        watcher.on('error', () => this.#hint());
        this.#watchers.set(folder, watcher);
      } catch {
        // As above: a folder that cannot be followed is looked at slowly.
      }
    }
  }
}
