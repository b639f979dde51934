/**
 * Looking after the files of live runs: when they grew, that they stay within their size, that nobody took them away.
 *
 * A quiet file costs nothing but a watch of the kernel's. Its first growth takes the watch away and begins to look at
 * the file in steps of time, each at most twice the last and shorter the faster it grows; when a step passes without growth the watch comes back. So a file
 * that is written to at full speed costs a few looks a second, not a notice for each write.
 *
 * Every look at a file that grew adds to its times (`time-index.ts`), and gives back what is too much (`giving-back.ts`).
 */
import { type FSWatcher, watch } from 'node:fs';
import type { ServiceName } from '../model/spec.ts';
import { giveBack } from './giving-back.ts';
import { lookAt, runFilePath, runFiles } from './run-file.ts';
import { type KeeperParts, SpaceGuard } from './space-guard.ts';
import { addRecord, readIndex, thinIndex } from './time-index.ts';

interface Kept {
  readonly service: ServiceName;
  readonly run: number;
  readonly path: string;
  inode: number;
  sizeBytes: number;
  /** What the service's other runs hold. */
  otherBytes: number;
  /** From the last look to the next; ms. */
  stepMs: number;
  /** Records since its index was made smaller. */
  records: number;
  /** When it was looked at last, monotonic ms. */
  lookedAt: number;
  /** Whether its turn to be made smaller is still to come. */
  making: 'no' | 'yes';
  timer: Disposable | null;
  watcher: FSWatcher | null;
}

const STEP_MS = { shortest: 20, longest: 1000, blind: 5000 };
/** Records from one look at an index's size to the next. */
const THIN_AFTER = 1000;
/** Giving back leaves some room, so that it is not due again at once; a part of what is kept. */
const SLACK = 1 / 8;

/** Looks after the files of live runs until disposed. */
export class Keeper implements AsyncDisposable {
  readonly #parts: KeeperParts;
  readonly #kept = new Map<string, Kept>();
  /** Making room, one service after the other. */
  #making: Promise<unknown> = Promise.resolve();
  readonly #guard: SpaceGuard;
  #state: 'open' | 'disposed' = 'open';

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#guard = new SpaceGuard(parts, (work) => this.#inTurn(work));
  }

  /** Begins to look after a run's file, which exists; does nothing for one that is looked after. */
  begin(service: ServiceName, run: number): void {
    const key = `${service}:${run}`;
    if (this.#kept.has(key) || this.#state === 'disposed') return;
    const { folder, clock } = this.#parts;
    const path = runFilePath(folder, service, run);
    const file = lookAt(path);
    if (file === null) return;
    const index = readIndex(path);
    const lastBytes = index.offsets.at(-1) ?? 0;
    const kept: Kept = {
      service,
      run,
      path,
      inode: file.inode,
      sizeBytes: 0,
      otherBytes: 0,
      stepMs: STEP_MS.shortest / 2,
      records: 0,
      lookedAt: clock.monotonic(),
      making: 'no',
      timer: null,
      watcher: null,
    };
    if (index.inode !== null && index.inode !== file.inode) this.#taken(kept);
    if (index.inode !== file.inode) addRecord(path, 'i', file.inode, clock.now());
    kept.sizeBytes = index.inode === file.inode ? lastBytes : 0;
    this.#kept.set(key, kept);
    this.#makeRoom(kept);
    this.#guard.begin();
    this.#look(kept);
  }

  /** Takes the last look at a run's file. */
  end(service: ServiceName, run: number): void {
    const key = `${service}:${run}`;
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#rest(kept);
    this.#measure(kept);
    this.#room(kept);
    if (this.#kept.size === 0) this.#guard.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#state = 'disposed';
    this.#guard.end();
    for (const kept of this.#kept.values()) {
      this.#rest(kept);
      this.#measure(kept);
    }
    this.#kept.clear();
    await this.#making;
  }

  #rest(kept: Kept): void {
    kept.timer?.[Symbol.dispose]();
    kept.watcher?.close();
    kept.timer = null;
    kept.watcher = null;
  }

  /** One look, and when the next is due. */
  #look(kept: Kept): void {
    if (this.#state === 'disposed' || this.#kept.get(`${kept.service}:${kept.run}`) !== kept) return;
    this.#rest(kept);
    const grown = this.#measure(kept);
    if (grown === 'gone') return;
    if (grown === 0) {
      kept.stepMs = STEP_MS.shortest / 2;
      this.#watch(kept);
      return;
    }
    this.#again(kept, this.#stepMs(kept, grown));
    this.#room(kept);
    this.#guard.grown();
  }

  #again(kept: Kept, afterMs: number): void {
    kept.timer = this.#parts.clock.after(afterMs, () => this.#look(kept));
  }

  #watch(kept: Kept): void {
    try {
      const watcher = watch(kept.path, { persistent: false }, () => this.#look(kept));
      watcher.on('error', () => this.#look(kept));
      kept.watcher = watcher;
      // What was written before the watch stood is seen now.
      const file = lookAt(kept.path);
      if (file !== null && file.sizeBytes !== kept.sizeBytes) this.#again(kept, 0);
    } catch {
      // No watches left on this machine, or the file has gone: looking again tells.
      this.#again(kept, STEP_MS.blind);
    }
  }

  /** Notes what has become of the file; how many bytes came. */
  #measure(kept: Kept): number | 'gone' {
    const { clock } = this.#parts;
    const file = lookAt(kept.path);
    if (file === null || file.inode !== kept.inode) {
      this.#taken(kept);
      return 'gone';
    }
    const grown = file.sizeBytes - kept.sizeBytes;
    if (grown < 0) {
      addRecord(kept.path, 'c', kept.sizeBytes, clock.now());
      this.#parts.say(`the log of "${kept.service}" (run ${kept.run}) was truncated by hand: ${-grown} bytes are lost`);
    }
    if (grown !== 0 && file.sizeBytes > 0) {
      addRecord(kept.path, 't', file.sizeBytes, clock.now());
      kept.records = (kept.records + 1) % THIN_AFTER;
      if (kept.records === 0) thinIndex(kept.path);
    }
    kept.sizeBytes = file.sizeBytes;
    return Math.abs(grown);
  }

  #taken(kept: Kept): void {
    const { service, run, path } = kept;
    this.#kept.delete(`${service}:${run}`);
    this.#parts.say(
      `the log of "${service}" (run ${run}) was deleted by hand: "${path}"; what the run writes now is kept by nobody, that of the next run will be`,
    );
  }

  /** When to look again: about when a quarter of what is kept, or of what is free, will have come; soon after a quiet time, then less often. */
  #stepMs(kept: Kept, grown: number): number {
    const now = this.#parts.clock.monotonic();
    const perMs = grown / Math.max(1, now - kept.lookedAt);
    kept.lookedAt = now;
    const room = Math.min(this.#parts.keepBytes(kept.service), this.#guard.freeBytes);
    const quarterMs = Math.floor(room / 4 / perMs);
    const longest = Math.min(STEP_MS.longest, 2 * kept.stepMs);
    kept.stepMs = Math.min(longest, Math.max(STEP_MS.shortest, quarterMs));
    return kept.stepMs;
  }

  /** Sees to it that the service's output stays within its size. */
  #room(kept: Kept): void {
    const file = lookAt(kept.path);
    if (file !== null && kept.otherBytes + file.diskBytes > this.#parts.keepBytes(kept.service)) this.#makeRoom(kept);
  }

  #makeRoom(kept: Kept): void {
    if (kept.making === 'yes') return;
    kept.making = 'yes';
    this.#inTurn(async () => {
      kept.making = 'no';
      const { folder, keepBytes, tools } = this.#parts;
      const files = runFiles(folder, kept.service);
      const limit = keepBytes(kept.service);
      const all = files.reduce((sum, { diskBytes }) => sum + diskBytes, 0);
      const target = limit - Math.floor(limit * SLACK);
      await giveBack(files, all > limit ? all - target : 0, tools());
      kept.otherBytes = runFiles(folder, kept.service).reduce(
        (sum, file) => sum + (file.run === kept.run ? 0 : file.diskBytes),
        0,
      );
    });
  }

  #inTurn(work: () => Promise<void>): void {
    this.#making = this.#making.then(work).catch(() => undefined);
  }
}
