/**
 * What shims tell: one watched folder for all runs, `<run directory>/.events`.
 *
 * A shim appends the line `<service>/<run>` to `log` there whenever it has noted something, opening the file by its path
 * each time. So the file may be replaced while shims work: what is then written to the old one is lost, and the next look
 * at all runs finds it. An event says only where to look; what has happened is read from the record. Source: inotify(7).
 */
import { type FSWatcher, closeSync, fstatSync, mkdirSync, openSync, readSync, rmSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';

/** Told where to look. */
export interface EventsWitness {
  /** Something was noted of that run (`<service>/<run>`). */
  noted(which: string): void;
  /** Something was noted of nobody knows which run. */
  anything(): void;
}

/** The open watch. */
export interface RunEvents extends Disposable {
  /** Whether the kernel tells of events; where it does not, or the folder is gone, looks must come often. */
  isTold(): boolean;
  /** Whether the watch keeps this program running. */
  keepAlive(is: 'no' | 'yes'): void;
}

const FOLDER = '.events';
/** The file is replaced when it has become so long; bytes. Some 50 000 events. */
const LONGEST = 1024 * 1024;

/** Watches the run directory, which must be there. Throws what the file system says when the folder cannot be made. */
export function watchRuns(runDirectory: string, witness: EventsWitness): RunEvents {
  const folder = join(runDirectory, FOLDER);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const log = new EventLog(join(folder, 'log'));
  const look = (event: string, name: string | null): void => {
    if (name === null) return witness.anything();
    if (name !== 'log') {
      // The sign of a shim that had no room for a line.
      if (event === 'rename') {
        rmSync(join(folder, name), { force: true });
        witness.anything();
      }
      return;
    }
    for (const which of log.read()) witness.noted(which);
    const isAnother = event === 'rename' && log.isReplaced();
    if (!isAnother && log.position <= LONGEST) return;
    if (log.renew(isAnother ? 'as it is' : 'empty') === 'gone') lose();
    witness.anything();
  };
  let watcher = watchQuietly(folder, look, () => lose());
  const lose = (): void => {
    watcher?.close();
    watcher = null;
  };
  return {
    isTold: () => watcher !== null,
    keepAlive: (is) => void (is === 'yes' ? watcher?.ref() : watcher?.unref()),
    [Symbol.dispose]() {
      watcher?.close();
      log[Symbol.dispose]();
    },
  };
}

/** The file of events, read from where it was left. */
class EventLog implements Disposable {
  readonly #path: string;
  #fd: number;
  #rest = '';
  position = 0;

  constructor(path: string) {
    this.#path = path;
    // What was told before this program looked is found in the records.
    rmSync(path, { force: true });
    this.#fd = openToRead(path);
  }

  /** The runs named since the last time, each once, in order. */
  read(): ReadonlySet<string> {
    const bytes = Buffer.alloc(16 * 1024);
    const found = new Set<string>();
    for (;;) {
      const length = readSync(this.#fd, bytes, 0, bytes.length, this.position);
      if (length === 0) return found;
      this.position += length;
      const lines = (this.#rest + bytes.toString('latin1', 0, length)).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) found.add(line);
    }
  }

  /** Whether the file at the path is another one than the one that is read. */
  isReplaced(): boolean {
    return statSync(this.#path, { throwIfNoEntry: false })?.ino !== fstatSync(this.#fd).ino;
  }

  /** Goes on with the file at the path, or with a new one. */
  renew(how: 'as it is' | 'empty'): 'opened' | 'gone' {
    try {
      if (how === 'empty') rmSync(this.#path, { force: true });
      const fd = openToRead(this.#path);
      closeSync(this.#fd);
      this.#fd = fd;
      this.position = 0;
      this.#rest = '';
      return 'opened';
    } catch {
      // Its folder has been taken away.
      return 'gone';
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

/** Made, and open for nothing but reading: an open file that may be written keeps its file system from being remounted. */
function openToRead(path: string): number {
  closeSync(openSync(path, 'a', 0o600));
  return openSync(path, 'r');
}

function watchQuietly(
  folder: string,
  look: (event: string, name: string | null) => void,
  lost: () => void,
): FSWatcher | null {
  try {
    return watch(folder, { persistent: false }, look).on('error', lost);
  } catch {
    // The limit of inotify is reached, or the file system has none.
    return null;
  }
}
