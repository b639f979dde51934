/**
 * One run of a process: from the order until nothing of it is left.
 *
 * A run is a shim, the process that the shim waits for, and the tree of that process. What happens to it is read from the
 * shim's record, by whoever started it and by whoever took it over alike. It is over when the end is noted (or neither
 * shim nor process lives) *and* the tree is verified to be empty *and* the stop command has ended.
 *
 * Who ends what the process leaves behind in its tree:
 *
 * | how the process ended                     | the rest of its tree                               |
 * |-------------------------------------------|----------------------------------------------------|
 * | by itself                                 | SIGKILL at once: nobody looks after it any more    |
 * | asked to stop, scope `main`               | SIGKILL at once                                    |
 * | asked to stop, scope `tree`               | has had its own signal; may use the grace to the end, then `kill` |
 *
 * Source: systemd.kill(5), KillMode= mixed and control-group.
 */
// breaks file-length: the life of one run, from top to bottom; what is decided on the way is in files of its own.
import assert from 'node:assert/strict';
import type { Ending, StartFault } from '../model/reason.ts';
import type { Spec } from '../model/spec.ts';
import type { RuntimeReport } from '../ports/runtime.ts';
import { type Identity, identify, isSignal } from './process-group.ts';
import { type RunningCommand, runCommand } from './run-command.ts';
import { isNotifying } from './notify.ts';
import { isGone } from './run-evidence.ts';
import { type KnownRun, neverStarted, unheard } from './known-run.ts';
import type { RunMatter } from './run-matter.ts';
import { EMPTY_RECORD, type RunRecord, endingOf } from './run-record.ts';
import { NEVER_BEGUN, type StartVerdict, judgeStart } from './start-judgement.ts';
import { killTree } from './tree-killing.ts';
import { isWalled } from './confine-wall.ts';
import { endingInside, findWalled, readInside, speakersIn } from './walled.ts';

type Begun = Extract<StartVerdict, { type: 'begun' }>;

/** From the order to the moment at which a claim must be there, else it is ordered once more; ms. */
const CLAIM_MS = 2000;
/** From the order to the moment at which a shim that has claimed and noted nothing is fenced off; ms. */
const UNHEARD_MS = 10_000;
/** Pauses between two looks at a process that is about to become its program; ms. */
const ON_THE_WAY_MS = { first: 1, longest: 16 };

/** A run of a process; to be looked at whenever something may have happened. */
export class ProcessRun implements KnownRun {
  readonly #matter: RunMatter;
  #stage: 'ordered' | 'live' | 'over' = 'ordered';
  #main: Identity | null = null;
  #shim: Identity | null = null;
  /** The process that has taken the first one's place (MAINPID); nobody notes its end. */
  #successor: Identity | null = null;
  /** Monotonic ms at which the process was first seen noted. */
  #seenAt: number | null = null;
  readonly #orderedAt: number;
  /** How the process ended; null while it has not. */
  #ending: Ending | null = null;
  #asked: { readonly scope: 'main' | 'tree'; readonly signal: string } | null = null;
  #stopCommand: RunningCommand | null = null;
  /** What was asked before it had begun. */
  readonly #wishes: (() => void)[] = [];
  #timer: Disposable | null = null;
  #watch: Disposable | null = null;
  #killing: Disposable | null = null;

  constructor(matter: RunMatter) {
    this.#matter = matter;
    this.#orderedAt = matter.parts.clock.monotonic();
    this.#lookLater(CLAIM_MS, () => this.orderAgain());
  }

  look(): void {
    if (this.#stage === 'over') return;
    const record = this.#read();
    if (record === 'unreadable') return this.#lookLater(CLAIM_MS, () => this.look());
    if (this.#stage === 'ordered' && record !== null) this.#judge(record);
    if (this.#stage === 'live' && this.#ending === null) this.#observe(record ?? EMPTY_RECORD);
  }

  orderAgain(): void {
    if (this.#stage !== 'ordered' || this.#read() !== null) return this.look();
    const { origin, folder, begin, spec } = this.#matter;
    // One of an earlier daemon could not be kept from being begun where nothing could be written; perhaps now.
    if (origin === 'adopted' && folder.claim() === 'ours') return this.#fail(NEVER_BEGUN);
    if (origin === 'adopted') return this.#lookLater(CLAIM_MS, () => this.orderAgain());
    begin();
    this.#lookLater(UNHEARD_MS, () => this.refuse(unheard(spec)));
  }

  /** Says that it could not be ordered, unless somebody else has begun it after all. */
  refuse(fault: StartFault): void {
    if (this.#stage !== 'ordered') return;
    if (this.#matter.folder.claim() === 'ours') return this.#fail(fault);
    // Where not even the claim can be had, whoever was handed the run besides must not begin it later.
    return this.#read() === null ? this.#fence(fault) : this.look();
  }

  /** Takes over one that lives and whose folder is gone: its end will have been seen by nobody. */
  takeOver(main: Identity): void {
    const walled = isWalled(this.#matter.spec.confinement) ? findWalled(main, null) : null;
    this.#begin({ shim: null, ...(walled ?? { main: { ...main, image: null }, keepers: [] }) }, null);
  }

  /** Asks it to end: stop command first where there is one, then the signal if it still lives. Asking again is nothing. */
  stop(spec: Spec): void {
    if (this.#stage === 'ordered') return this.#whenBegun(() => this.stop(spec));
    if (this.#stage === 'over' || this.#asked !== null) return;
    this.#asked = { scope: spec.stop.scope, signal: spec.stop.signal };
    if (spec.stop.command === null) return this.#sendStop(spec);
    const running = runCommand(this.#matter.parts, {
      command: spec.stop.command,
      spec,
      run: this.#matter.run,
      timeoutMs: spec.stop.timeoutMs,
      output: 'log',
      environment: this.#main === null ? {} : { ROUSE_PID: String(this.#main.pid) },
    });
    this.#stopCommand = running;
    // However the command ended, what still lives after it is asked by signal.
    void running.outcome.then(() => {
      this.#stopCommand = null;
      if (this.#stage === 'live') this.#sendStop(spec);
      this.#settle();
    });
  }

  signal(name: string, scope: 'main' | 'tree'): void {
    assert(isSignal(name), `"${name}" is no signal`);
    if (this.#stage === 'ordered') return void this.#wishes.push(() => this.signal(name, scope));
    if (this.#stage === 'live' && this.#ending === null) this.#matter.tree.signal(name, scope);
  }

  /** SIGKILL to the whole tree and to the stop command; after its end, says once more that it has ended. */
  kill(): void {
    if (this.#stage === 'ordered') return this.#whenBegun(() => this.kill());
    if (this.#stage === 'over') {
      const ending = this.#ending;
      return ending === null ? undefined : queueMicrotask(() => this.#report({ type: 'exited', ...ending }));
    }
    this.#stopCommand?.kill();
    this.#kill();
  }

  isOver(): boolean {
    return this.#stage === 'over';
  }

  isUnwatched(): boolean {
    if (this.#stage !== 'live' || this.#ending !== null) return false;
    return this.#successor !== null || this.#shim === null || isGone(this.#shim);
  }

  #read(): RunRecord | null | 'unreadable' {
    try {
      return this.#matter.folder.record();
    } catch {
      // Out of descriptors, for one. It is looked at again.
      return 'unreadable';
    }
  }

  /** Keeps it from being begun where nobody has begun it yet; else does it as soon as it has begun. */
  #whenBegun(wish: () => void): void {
    const { spec, folder } = this.#matter;
    if (folder.claim() === 'ours') return this.#fail(neverStarted(spec));
    this.#wishes.push(wish);
    this.look();
  }

  #judge(record: RunRecord): void {
    const { parts, spec, run, facts } = this.#matter;
    const now = parts.clock.monotonic();
    if (record.main !== null) this.#seenAt ??= now;
    const waitedMs = this.#seenAt === null ? 0 : now - this.#seenAt;
    const lastLine = (): string => parts.logs.last(spec.name, run, 1)[0] ?? '';
    const inside = isWalled(spec.confinement) ? (): RunRecord | null => readInside(this.#matter.folder.path) : null;
    const verdict = judgeStart(record, { ...facts, waitedMs, lastLine, inside, user: spec.confinement.user });
    if (verdict.type === 'failed') return this.#fail(verdict.fault);
    if (verdict.type === 'abandoned') return this.#fence(verdict.fault);
    if (verdict.type === 'waits') {
      if (record.shim === null && now - this.#orderedAt > UNHEARD_MS) return this.#fence(unheard(spec));
      const pause = Math.min(ON_THE_WAY_MS.longest, Math.max(ON_THE_WAY_MS.first, waitedMs));
      return this.#lookLater(verdict.for === 'program' ? pause : CLAIM_MS, () => this.look());
    }
    this.#begin(verdict, record.status);
  }

  #begin(begun: Omit<Begun, 'type'>, status: number | null): void {
    const { main } = begun;
    this.#live(begun);
    if (this.#matter.origin === 'ordered') this.#report({ type: 'started', pid: main.pid });
    else if (status === null) this.#report({ type: 'recovered', found: 'alive', pid: main.pid });
    for (const wish of this.#wishes.splice(0)) wish();
  }

  #live({ main, shim, keepers }: Omit<Begun, 'type'>): void {
    this.#timer?.[Symbol.dispose]();
    this.#stage = 'live';
    this.#main = main;
    this.#shim = shim;
    const { tree, parts, spec, run, unwatched } = this.#matter;
    tree.know({ main, shim, keepers });
    if (shim === null || isGone(shim)) unwatched();
    if (!isNotifying(spec)) return;
    const became = (pid: number): void => {
      this.#successor = identify(pid);
      tree.know({ main: this.#successor, shim, keepers });
    };
    parts.notify.follow(spec, run, { main: main.pid, became, ...speakersIn(tree, keepers) });
  }

  /** Says that there will be no run, having seen to it; or takes over the one that there is after all. */
  #fence(fault: StartFault): void {
    const main = this.#matter.folder.fence()?.main ?? null;
    if (main === null) this.#fail(fault);
    else this.takeOver(main);
  }

  #observe(record: RunRecord): void {
    if (this.#successor !== null && !isGone(this.#successor)) return;
    this.#ending = this.#endingIn(record) ?? this.#endUnseen();
    if (this.#ending !== null) this.#settle();
  }

  /** The end of a process whose shim did not live to note it: there is one, and nobody knows how. */
  #endUnseen(): Ending | null {
    if ([this.#main, this.#shim].some((one) => one !== null && !isGone(one))) return null;
    // The shim may have noted it and gone between the two looks.
    const record = this.#read();
    if (record === 'unreadable') return null;
    return this.#endingIn(record) ?? { exitCode: null, signal: null };
  }

  #endingIn(record: RunRecord | null): Ending | null {
    const { spec, folder } = this.#matter;
    const asked = this.#asked?.signal ?? null;
    const noted = record === null ? null : endingOf(record, asked);
    if (!isWalled(spec.confinement)) return noted;
    const isToBeNoted = noted === null && this.#shim !== null && !isGone(this.#shim);
    return isToBeNoted ? null : (endingInside(folder.path, asked) ?? noted);
  }

  #sendStop({ stop }: Spec): void {
    assert(isSignal(stop.signal), `"${stop.signal}" is no signal`);
    // A process that was stopped by SIGSTOP would never see the signal without being continued.
    this.#matter.tree.ask(stop.signal, this.#ending === null ? stop.scope : 'tree');
  }

  /** Looks whether the run is over, and ends what is left of it where that is due. */
  #settle(): void {
    if (this.#stage !== 'live' || this.#ending === null) return;
    const { tree, parts, spec, run } = this.#matter;
    if (!tree.isEmpty()) {
      if (this.#asked?.scope !== 'tree') return this.#kill();
      this.#watch ??= tree.watch(() => {
        this.#watch = null;
        this.#settle();
      });
      return;
    }
    if (this.#stopCommand !== null) return;
    this.#end();
    this.#ending = tree.causeOf(this.#ending);
    tree.remove();
    parts.notify.forget(spec.name, run);
    parts.logs.end(spec.name, run);
    this.#report({ type: 'exited', ...this.#ending });
    this.#matter.over();
  }

  #kill(): void {
    const { parts, tree } = this.#matter;
    this.#killing ??= killTree(tree, {
      clock: parts.clock,
      isRestOver: () => {
        this.look();
        return this.#ending !== null;
      },
      lingering: (left) => this.#report({ type: 'lingering', ...left }),
      over: () => {
        this.#killing = null;
        this.#settle();
      },
    });
  }

  #lookLater(delayMs: number, look: () => void): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#matter.parts.clock.after(delayMs, look);
  }

  /** Says that there will be no run; in a moment, because a runtime reports after it has returned. */
  #fail(fault: StartFault): void {
    const { tree, parts, spec, run } = this.#matter;
    this.#end();
    tree.remove();
    queueMicrotask(() => {
      parts.notify.forget(spec.name, run);
      parts.logs.end(spec.name, run);
      this.#report({ type: 'start-failed', fault });
      this.#matter.over();
    });
  }

  #end(): void {
    this.#stage = 'over';
    for (const one of [this.#timer, this.#watch, this.#killing]) one?.[Symbol.dispose]();
  }

  #report(what: Unnamed<RuntimeReport>): void {
    this.#matter.parts.report({ ...what, service: this.#matter.spec.name, run: this.#matter.run });
  }
}

type Unnamed<R> = R extends RuntimeReport ? Omit<R, 'service' | 'run'> : never;
