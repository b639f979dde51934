/**
 * Processes that exist only in the simulator: they start late or not at all, end when they like, ignore signals, and
 * what is said of them arrives late, twice, or never. They outlive the daemon, as real ones do.
 */
import type { Rates } from './scenario.ts';
import { whole } from './scenario.ts';
import { FakeHooks } from './fake-hooks.ts';
import { WORDS } from './liveliness.ts';
import type { SeededRandom } from '../clock/random.ts';
import type { Trace } from '../engine/recover.ts';
import type { Ending } from '../model/reason.ts';
import type { HookName, ServiceName, Spec } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { Report, Runtime, RuntimeReport } from '../ports/runtime.ts';

/** A process of the simulator. `state` is the truth, whatever was reported. */
export interface FakeProcess {
  readonly service: ServiceName;
  readonly run: number;
  readonly spec: Spec;
  readonly pid: number;
  readonly stubborn: 'no' | 'yes';
  state: 'spawning' | 'alive' | 'gone';
  exitCode: number | null;
  signal: string | null;
  /** Whether the daemon that lives now was told of the end. */
  told: 'no' | 'yes';
}

/** What is watched at the moment it happens: the checkers' view of spawns and stops. */
export interface Witness {
  readonly spawned: (process: FakeProcess) => void;
  readonly stopping: (service: ServiceName, run: number) => void;
  readonly hooked: (spec: Spec, run: number, hook: HookName) => void;
}

/** A runtime whose orders reach nobody once its daemon is dead: what was recorded is found again by the next. */
export function unless(isDead: () => boolean, runtime: Runtime): Runtime {
  return {
    ...runtime,
    start: (spec, run) => (isDead() ? undefined : runtime.start(spec, run)),
    stop: (spec, run) => (isDead() ? undefined : runtime.stop(spec, run)),
    hook: (spec, run, hook) => (isDead() ? undefined : runtime.hook(spec, run, hook)),
    kill: (service, run) => (isDead() ? undefined : runtime.kill(service, run)),
  };
}

/** The processes of a world. One for the whole of it: daemons come and go. */
export class FakeProcesses {
  readonly all: FakeProcess[] = [];
  readonly hooks: FakeHooks;
  rates: Rates;
  readonly #byService = new Map<ServiceName, FakeProcess[]>();
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #witness: Witness;
  /** For what lively worlds have more: quiet ones draw the same as ever. */
  readonly #life: Random;
  #report: Report = () => {};

  constructor(parts: {
    readonly clock: Clock;
    readonly random: SeededRandom;
    readonly rates: Rates;
    readonly witness: Witness;
  }) {
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.rates = parts.rates;
    this.#witness = parts.witness;
    this.#life = parts.random.fork('life');
    this.hooks = new FakeHooks({
      clock: parts.clock,
      random: parts.random.fork('hooks'),
      rates: () => this.rates,
      say: (report) => this.#say(report, this.#life),
    });
  }

  /** Where it is said what happened. Another daemon listens from now on, without the hooks of the one before it. */
  get report(): Report {
    return this.#report;
  }

  set report(report: Report) {
    this.#report = report;
    this.hooks.reset();
  }

  /** The processes of a service that are there, or about to be. */
  living(service: ServiceName): readonly FakeProcess[] {
    return this.#of(service).filter((process) => process.state !== 'gone');
  }

  /** What a new daemon finds of a service. */
  traces(service: ServiceName): readonly Trace[] {
    return this.living(service).map(({ run, spec, state }) => {
      return { service, run, spec, state: state === 'alive' ? 'live' : 'doubt' };
    });
  }

  /** The process of a run; undefined when it never had one. */
  last(service: ServiceName, run: number): FakeProcess | undefined {
    return this.#find(service, run);
  }

  /** The runtime that a daemon sees. */
  runtime(): Runtime {
    return {
      start: (spec, run) => this.#start(spec, run),
      stop: (spec, run) => this.#stop(spec.name, run),
      hook: (spec, run, hook) => {
        this.hooks.run(spec, run, hook);
        this.#witness.hooked(spec, run, hook);
      },
      signal: () => {},
      kill: (service, run) => {
        this.hooks.kill(service, run);
        this.#kill(service, run);
      },
      adopt: (spec, run) => this.#adopt(spec, run),
      release: (service, run) => this.hooks.release(service, run),
    };
  }

  #start(spec: Spec, run: number): void {
    if (this.#find(spec.name, run) !== undefined) return;
    const stubborn = this.#happens(this.rates.ignoresTerm) ? 'yes' : 'no';
    const rest = { exitCode: null, signal: null, told: 'no' } as const;
    const process: FakeProcess = {
      service: spec.name,
      run,
      spec,
      pid: 1000 + this.all.length,
      stubborn,
      state: 'spawning',
      ...rest,
    };
    this.all.push(process);
    this.#of(spec.name).push(process);
    this.#witness.spawned(process);
    this.#clock.after(1 + whole(this.#random, 30), () => this.#begin(process));
  }

  #begin(process: FakeProcess): void {
    const { service, run } = process;
    if (process.state !== 'spawning') return;
    if (this.#happens(this.rates.startFails)) {
      process.state = 'gone';
      process.told = 'yes';
      const code = this.#happens(0.2) ? 'not-found' : 'command-failed';
      this.#say({ type: 'start-failed', service, run, fault: { code, message: 'no', program: null, hint: null } });
      return;
    }
    process.state = 'alive';
    this.#say({ type: 'started', service, run, pid: process.pid });
    if (this.rates.notifies > 0) this.#speak(process);
    const lifeMs = this.#lifeMs(process.spec);
    if (lifeMs !== null) this.#clock.after(lifeMs, () => this.#end(process, this.#draw(), 'itself'));
  }

  /** It says something of itself now and then; what it takes up again by READY is drawn as well. */
  #speak(process: FakeProcess): void {
    this.#clock.after(1 + whole(this.#life, 1500), () => {
      if (process.state !== 'alive' || this.rates.notifies === 0) return;
      const { service, run, pid } = process;
      const word = WORDS[whole(this.#life, WORDS.length)] ?? 'status';
      const words = { text: `${word} at work`, ms: whole(this.#life, 2000), pid };
      if (this.#life.draw() < this.rates.notifies)
        this.#say({ type: 'notified', service, run, word, ...words }, this.#life);
      this.#speak(process);
    });
  }

  #lifeMs(spec: Spec): number | null {
    if (spec.kind === 'task') return whole(this.#random, 1500);
    return this.#happens(this.rates.exitsByItself) ? whole(this.#random, 6000) : null;
  }

  #draw(): Ending {
    const faulty = this.rates.exitsByItself > 0;
    if (!faulty || this.#random.draw() < 0.4) return { exitCode: 0, signal: null };
    if (this.#random.draw() < 0.3) return { exitCode: null, signal: 'SIGSEGV' };
    return { exitCode: [1, 2, 78][whole(this.#random, 3)] ?? 1, signal: null };
  }

  #stop(service: ServiceName, run: number): void {
    const process = this.#find(service, run);
    if (process === undefined) return;
    this.#witness.stopping(service, run);
    if (process.state === 'gone') return this.#sayEnd(process);
    if (process.state === 'spawning' || process.stubborn === 'yes') return undefined;
    this.#clock.after(1 + whole(this.#random, 100), () => this.#end(process, { exitCode: 143, signal: null }, 'asked'));
    return undefined;
  }

  #kill(service: ServiceName, run: number): void {
    const process = this.#find(service, run);
    if (process === undefined) return;
    if (process.state === 'gone') return this.#sayEnd(process);
    const waits = whole(this.#random, 10);
    // It waits in the kernel: it is there until the thing that it waits for has come, or the next kill finds it.
    if (process.state === 'alive' && this.rates.lingers > 0 && this.#life.draw() < this.rates.lingers) {
      const text = 'state D, in fake_wait';
      this.#clock.after(20 + waits, () => {
        if (process.state === 'alive')
          this.#say({ type: 'lingering', service, run, pids: [process.pid], text }, this.#life);
      });
      return undefined;
    }
    this.#clock.after(1 + waits, () => this.#end(process, { exitCode: null, signal: 'SIGKILL' }, 'asked'));
    return undefined;
  }

  #adopt(spec: Spec, run: number): void {
    const process = this.#find(spec.name, run);
    const service = spec.name;
    if (process === undefined) {
      const fault = { code: 'never-begun', message: 'never begun', program: null, hint: null } as const;
      return this.#say({ type: 'start-failed', service, run, fault });
    }
    if (process.state === 'gone') return this.#sayEnd(process);
    // Not yet there, not yet failed: nobody can tell, so it is looked at again.
    if (process.state === 'spawning') return void this.#clock.after(40, () => this.#adopt(spec, run));
    this.#say({ type: 'recovered', service, run, found: 'alive', pid: process.pid });
  }

  #end(process: FakeProcess, ending: Ending, cause: 'itself' | 'asked'): void {
    if (process.state !== 'alive') return;
    process.state = 'gone';
    process.exitCode = ending.exitCode;
    process.signal = ending.signal;
    // A lost end is found again by the kill that follows a stop; nothing else could know of it.
    if (cause === 'asked' && this.#happens(this.rates.reportLost)) return;
    this.#sayEnd(process);
  }

  #sayEnd(process: FakeProcess): void {
    const { service, run, exitCode, signal } = process;
    process.told = 'yes';
    this.#say({ type: 'exited', service, run, exitCode, signal });
  }

  /** Says it now, later, twice, or later and twice; reports of one run may overtake each other only as duplicates. */
  #say(report: RuntimeReport, random: Random = this.#random): void {
    const { report: to } = this;
    const happens = (rate: number): boolean => random.draw() < rate;
    if (happens(this.rates.reportTwice)) this.#clock.after(whole(random, 3000), () => this.report(report));
    if (report.type === 'started' && happens(this.rates.reportLost)) return;
    if (report.type !== 'started' && happens(this.rates.reportLate)) {
      this.#clock.after(whole(random, 500), () => to(report));
      return;
    }
    to(report);
  }

  #find(service: ServiceName, run: number): FakeProcess | undefined {
    return this.#of(service).findLast((process) => process.run === run);
  }

  #of(service: ServiceName): FakeProcess[] {
    const processes = this.#byService.get(service) ?? [];
    this.#byService.set(service, processes);
    return processes;
  }

  #happens(rate: number): boolean {
    return this.#random.draw() < rate;
  }
}
