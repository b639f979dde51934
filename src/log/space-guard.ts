/**
 * Keeping the file system of the logs from filling up.
 *
 * Free space is looked at every 30 s, and every tenth of a second while files grow: below 5 % or 512 MiB, whichever is less,
 * the oldest output goes, of whatever service, until there is twice that or every service has 256 KiB left. While it is
 * scarce it is looked at every second, also when nothing grows: on a full disk nothing can. It is said once for each time of need. What others write may still fill the disk: then a service's own writing fails, and nothing of ours.
 */
import { statfsSync } from 'node:fs';
import type { ServiceName } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import { type RoomTools, giveBack } from './giving-back.ts';
import { runFiles, servicesIn } from './run-file.ts';

/** What looking after files needs. */
export interface KeeperParts {
  readonly folder: string;
  readonly clock: Clock;
  readonly keepBytes: (service: ServiceName) => number;
  readonly tools: () => RoomTools;
  /** Told in a line what people should know. */
  readonly say: (line: string) => void;
  /** Free and all bytes of the file system; null when it does not say. */
  readonly space: (folder: string) => { readonly free: number; readonly all: number } | null;
}

const IDLE_MS = 30_000;
const BUSY_MS = 100;
const SCARCE_MS = 1000;
const LEAST_BYTES = 512 * 1024 * 1024;
const LEAST_PART = 0.05;
/** What is left of every service. */
const FLOOR_BYTES = 256 * 1024;

/** Looks at free space from `begin` until `end`. `inTurn`: does work that makes room, never two at once. */
export class SpaceGuard {
  readonly #parts: KeeperParts;
  readonly #inTurn: (work: () => Promise<void>) => void;
  #timer: Disposable | null = null;
  #lookedAt = -Infinity;
  #freeBytes = Infinity;
  #need: 'no' | 'told' = 'no';

  constructor(parts: KeeperParts, inTurn: (work: () => Promise<void>) => void) {
    this.#parts = parts;
    this.#inTurn = inTurn;
  }

  /** What was free when it was looked last; Infinity where that is not known. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Looks now and from then on; looks now when it does so already. */
  begin(): void {
    this.#timer ??= this.#later();
    this.#look();
  }

  /** Says that a file has grown. */
  grown(): void {
    if (this.#parts.clock.monotonic() - this.#lookedAt >= BUSY_MS) this.#look();
  }

  /** Looks no more. */
  end(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
  }

  #later(): Disposable {
    return this.#parts.clock.after(this.#need === 'no' ? IDLE_MS : SCARCE_MS, () => {
      this.#look();
      this.#timer = this.#later();
    });
  }

  #look(): void {
    const { clock, folder, space, say } = this.#parts;
    this.#lookedAt = clock.monotonic();
    const found = space(folder);
    this.#freeBytes = found?.free ?? Infinity;
    if (found === null) return;
    const least = Math.ceil(Math.min(LEAST_BYTES, found.all * LEAST_PART));
    if (found.free >= least) {
      if (this.#need === 'told' && found.free >= 2 * least) this.#need = 'no';
      return;
    }
    const isNew = this.#need === 'no';
    this.#need = 'told';
    if (isNew && this.#timer !== null) {
      this.#timer[Symbol.dispose]();
      this.#timer = this.#later();
    }
    this.#inTurn(async () => {
      const given = await this.#giveAnywhere(2 * least - found.free);
      if (isNew)
        say(
          `the file system of the logs has ${found.free} bytes free, ${least} are wanted: gave ${given} bytes of the oldest output back`,
        );
    });
  }

  /** Of all services, the one whose oldest output is oldest first. */
  async #giveAnywhere(bytes: number): Promise<number> {
    const { folder, tools } = this.#parts;
    const all = servicesIn(folder).map((service) => runFiles(folder, service));
    const oldestFirst = all.toSorted((a, b) => (a[0]?.modifiedAt ?? 0) - (b[0]?.modifiedAt ?? 0));
    let given = 0;
    for (const files of oldestFirst) {
      if (given >= bytes) break;
      const own = files.reduce((sum, { diskBytes }) => sum + diskBytes, 0);
      given += await giveBack(files, Math.min(bytes - given, own - FLOOR_BYTES), tools());
    }
    return given;
  }
}

/** What statfs(2) says of the file system of a folder; null when it says nothing. */
export function spaceOf(folder: string): { readonly free: number; readonly all: number } | null {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return { free: bavail * bsize, all: blocks * bsize };
  } catch {
    // The folder is not there yet.
    return null;
  }
}
