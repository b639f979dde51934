/** The words of a run as its receiver keeps them (`notify-receiver.ts`): reading on from where the last reading ended. */
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { BEAT_FILE, NOTIFY_FILE } from './notify-receiver.ts';

/** One word. Units: `at` monotonic ms. `sender` 0 = not known. */
export interface Word {
  readonly at: number;
  readonly sender: number;
  readonly key: string;
  readonly value: string;
}

/** A sign of life. Units: monotonic ms. */
export interface Beat {
  readonly at: number;
  readonly sender: number;
}

const LINE = /^(\d{1,15}) (\d{1,15}(?:\.\d{1,3})?) (\d{1,10}) ([A-Z_]+) (.*)$/;
const BEAT = /^(\d{16}\.\d{3}) (\d{10})$/gm;
/** No file may lead elsewhere: the service of the same user can put there what it likes. */
const HOW = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** More than the receiver ever keeps. */
const MOST_BYTES = 1_048_576;

/** Reads the words of one run, each once, whichever file they are in. */
export class NotifyFile {
  readonly path: string;
  readonly #folder: string;
  #inode = -1;
  #offset = 0;
  #number = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, NOTIFY_FILE);
  }

  /** The words since the last call, oldest first; the first call gives all. Never throws: unreadable = none. */
  read(): readonly Word[] {
    let fd: number;
    try {
      fd = openSync(this.path, HOW);
    } catch {
      // The folder has gone, or the receiver never was.
      return [];
    }
    try {
      return this.#readFrom(fd);
    } catch {
      // Not a regular file: somebody else put it there.
      return [];
    } finally {
      closeSync(fd);
    }
  }

  /** The last sign of life of each sender, in no order. Never throws. */
  beats(): readonly Beat[] {
    try {
      const text = readFileSync(join(this.#folder, BEAT_FILE), { encoding: 'latin1', flag: HOW });
      return Array.from(text.matchAll(BEAT), ([, at, sender]) => ({ at: Number(at), sender: Number(sender) }));
    } catch {
      return [];
    }
  }

  #readFrom(fd: number): readonly Word[] {
    const { ino, size } = fstatSync(fd);
    // A new file was made because the old one had become long; what is in both is known by its number.
    if (ino !== this.#inode || size < this.#offset) this.#offset = 0;
    this.#inode = ino;
    const bytes = Buffer.alloc(Math.min(MOST_BYTES, size - this.#offset));
    const length = readSync(fd, bytes, 0, bytes.length, this.#offset);
    const end = bytes.subarray(0, length).lastIndexOf(0x0a) + 1;
    this.#offset += end;
    return bytes
      .toString('utf8', 0, end)
      .split('\n')
      .flatMap((line) => this.#wordOf(line));
  }

  #wordOf(line: string): readonly Word[] {
    const [, number, at, sender, key, value] = LINE.exec(line) ?? [];
    if (key === undefined || value === undefined || Number(number) <= this.#number) return [];
    this.#number = Number(number);
    return [{ at: Number(at), sender: Number(sender), key, value: unescape(value) }];
  }
}

function unescape(value: string): string {
  return value.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
