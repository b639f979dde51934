/**
 * One run, listened to: which words count, and what they are told as.
 *
 * | who may speak | `main`                        | `all`                                                   |
 * |---------------|-------------------------------|---------------------------------------------------------|
 * | listened to   | the main process, and those that were it before | also members of the run, and who ended before he was looked at |
 *
 * Where the kernel does not say who the sender is, the mode of the socket decides alone. A new main process (MAINPID)
 * must be neither 0 nor 1, live, and be a member of the run; anything else is ignored. What was said while no daemon
 * lived is told after adoption, reduced to what it comes to. Source: sd_notify(3); systemd.service(5), NotifyAccess=.
 */
import { type FSWatcher, existsSync, watch } from 'node:fs';
import type { Spec } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import type { Notice } from '../ports/notices.ts';
import type { Report, RuntimeReport } from '../ports/runtime.ts';
import { type Beat, NotifyFile, type Word } from './notify-file.ts';
import { endReceiver, isReceiving } from './notify-receiver.ts';
import { isExecuting, statOf } from './process-group.ts';

/** Whom a run consists of, for the question who may speak for it. */
export interface Speakers {
  /** Null where it is not known: then nobody is main. */
  readonly main: number | null;
  /** Whether the live process is a member of the run. May be slow; asked once a sender. */
  isMember(pid: number): boolean;
  /** The number of a process that calls itself so; left out where all use the same numbers. */
  readonly meant?: (inside: number) => number;
  /** Told of a new main process. */
  became(pid: number): void;
}

/** What an ear works with. */
export interface EarParts {
  readonly clock: Clock;
  readonly report: Report;
}

/** The safety net under the kernel's notices, and where it gives none; ms. */
const LOOK_AGAIN_MS = { watched: 30_000, unwatched: 1000 };
/** Senders of one run whose membership is remembered. */
const REMEMBERED = 64;

/** Who may speak for runs of the spec; null where readiness is not said by sd_notify. */
export function accessOf({ readiness }: Spec): 'main' | 'all' | null {
  const target = readiness.type === 'probe' ? readiness.probe.target : null;
  return target?.type === 'notify' ? target.access : null;
}

/** Which run it is. `changed` is called when `notice` is another. */
export interface Heard {
  readonly spec: Spec;
  readonly run: number;
  readonly folder: string;
  readonly speakers: Speakers;
  readonly changed: () => void;
  /** Starts the receiver anew. */
  readonly restart: () => Promise<unknown>;
}

type Said = Pick<Extract<RuntimeReport, { type: 'notified' }>, 'word'> &
  Partial<Pick<Extract<RuntimeReport, { type: 'notified' }>, 'text' | 'ms' | 'pid'>>;

/** One run, listened to until disposed. */
export class Ear implements Disposable {
  notice: Notice = { ready: 'no', failing: 'no', stranger: null };
  readonly #parts: EarParts;
  readonly #own: Heard;
  readonly #file: NotifyFile;
  readonly #verdicts = new Map<number, boolean>();
  /** The main process and those that were it before. */
  readonly #mains = new Set<number>();
  #watcher: FSWatcher | null = null;
  #look: Disposable | null = null;
  #isOpen = true;
  #isStarting = false;
  /** As it was when somebody asked; one that moves on needs no look at who writes it. */
  #lastBeat: number | null = null;

  constructor(parts: EarParts, own: Heard) {
    this.#parts = parts;
    this.#own = own;
    this.#file = new NotifyFile(own.folder);
    if (own.speakers.main !== null) this.#mains.add(own.speakers.main);
  }

  /** Hears what was said already, and everything from then on. */
  begin(): void {
    this.#watch();
    if (!isReceiving(this.#own.folder)) this.#listenAgain();
    // A runtime reports after it has returned.
    queueMicrotask(() => {
      if (this.#isOpen) this.#hear(comesTo(this.#file.read()));
    });
    this.#lookLater();
  }

  beatAt(): number | null {
    const own = this.#file.beats().filter(({ sender }: Beat) => this.#maySpeak(sender));
    const last = own.length === 0 ? null : Math.max(...own.map(({ at }) => at));
    if (last !== this.#lastBeat || isReceiving(this.#own.folder)) {
      this.#lastBeat = last;
      return last;
    }
    // Nobody can have heard it: no fault of the service.
    this.#listenAgain();
    return this.#parts.clock.monotonic();
  }

  [Symbol.dispose](): void {
    this.#isOpen = false;
    this.#watcher?.close();
    this.#watcher = null;
    this.#look?.[Symbol.dispose]();
  }

  #watch(): void {
    try {
      // The file, not its folder: signs of life come often, and are only looked at when they are asked for.
      const watcher = watch(this.#file.path, { persistent: false }, (kind) => {
        if (!this.#isOpen || this.#watcher !== watcher) return;
        if (kind === 'rename') {
          watcher.close();
          this.#watch();
        }
        this.#hear(this.#file.read());
      });
      watcher.on('error', () => (this.#watcher = null));
      this.#watcher = watcher;
    } catch {
      // No notices to be had: then it is looked at every second.
      this.#watcher = null;
    }
  }

  #lookLater(): void {
    const delayMs = this.#watcher === null ? LOOK_AGAIN_MS.unwatched : LOOK_AGAIN_MS.watched;
    this.#look = this.#parts.clock.after(delayMs, () => {
      if (this.#watcher === null) this.#watch();
      this.#hear(this.#file.read());
      if (!this.#isOpen) return;
      if (!isReceiving(this.#own.folder)) this.#listenAgain();
      this.#lookLater();
    });
  }

  /** The receiver was killed, with the daemon's unit for one. One at a time; without success it is tried at the next look. */
  #listenAgain(): void {
    if (this.#isStarting || !existsSync(this.#own.folder)) return;
    this.#isStarting = true;
    void this.#own.restart().then(() => {
      this.#isStarting = false;
      if (!this.#isOpen) endReceiver(this.#own.folder);
    });
  }

  #hear(words: readonly Word[]): void {
    const before = this.notice;
    const lastStatus = words.findLast(({ key, sender }) => key === 'STATUS' && this.#maySpeak(sender));
    for (const word of words) {
      if (word.key === 'STATUS' && word !== lastStatus) continue;
      if (this.#maySpeak(word.sender)) this.#take(word);
      else if (word.key === 'READY') this.notice = { ...this.notice, stranger: word.sender };
      // The report of one word may have ended the run.
      if (!this.#isOpen) return;
    }
    if (before !== this.notice) this.#own.changed();
  }

  #take({ key, value, at }: Word): void {
    const { clock } = this.#parts;
    switch (key) {
      case 'READY':
        this.notice = { ...this.notice, ready: 'yes' };
        return this.#say({ word: 'ready' });
      case 'STATUS':
        return this.#say({ word: 'status', text: value === '' ? null : value });
      case 'RELOADING':
        return this.#say({ word: 'reloading' });
      case 'STOPPING':
        return this.#say({ word: 'stopping' });
      case 'WATCHDOG':
        this.notice = { ...this.notice, failing: 'yes' };
        return undefined;
      case 'EXTEND_TIMEOUT_USEC': {
        const ms = Math.floor(Number(value) / 1000 - (clock.monotonic() - at));
        if (ms > 0) this.#say({ word: 'extend', ms });
        return undefined;
      }
      case 'MAINPID':
        return this.#becomes(this.#own.speakers.meant?.(Number(value)) ?? Number(value));
      default:
        return undefined;
    }
  }

  #becomes(pid: number): void {
    if (this.#mains.has(pid) || pid <= 1 || !lives(pid) || !this.#isMember(pid)) return;
    this.#mains.add(pid);
    this.#own.speakers.became(pid);
    this.#say({ word: 'main', pid });
  }

  #maySpeak(sender: number): boolean {
    if (sender === 0 || this.#mains.has(sender)) return true;
    if (accessOf(this.#own.spec) !== 'all') return false;
    return !lives(sender) || this.#isMember(sender);
  }

  #isMember(pid: number): boolean {
    const known = this.#verdicts.get(pid);
    if (known !== undefined) return known;
    const verdict = this.#own.speakers.isMember(pid);
    if (this.#verdicts.size >= REMEMBERED) this.#verdicts.clear();
    this.#verdicts.set(pid, verdict);
    return verdict;
  }

  #say(said: Said): void {
    const { spec, run } = this.#own;
    const { word, text = null, ms = null, pid = null } = said;
    this.#parts.report({ type: 'notified', service: spec.name, run, word, text, ms, pid });
  }
}

/** What words of the past come to: of each kind the last one counts, in the order of their last occurrence. */
function comesTo(words: readonly Word[]): readonly Word[] {
  const isState = ({ key }: Word): boolean => key === 'READY' || key === 'RELOADING' || key === 'STOPPING';
  const last = new Map<string, Word>();
  for (const word of words) {
    // READY is kept apart by sender: who may speak is not known yet.
    const kind = isState(word) || word.key === 'MAINPID' ? `${word.key} ${word.sender}` : word.key;
    last.delete(kind);
    last.set(kind, word);
  }
  const counted = new Set(last.values());
  return words.filter((word) => counted.has(word));
}

function lives(pid: number): boolean {
  const stat = statOf(pid);
  return stat !== null && isExecuting(stat);
}
