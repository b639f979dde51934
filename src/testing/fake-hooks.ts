/** Hooks of the simulator: they end well, badly, or only at their limit, and go with the daemon that began them. */
import type { Rates } from './scenario.ts';
import { whole } from './scenario.ts';
import type { HookName, ServiceName, Spec } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { RuntimeReport } from '../ports/runtime.ts';

/** A hook of a run. `state` is the truth, whatever was reported. */
export interface FakeHook {
  readonly service: ServiceName;
  readonly run: number;
  readonly hook: HookName;
  /** The daemon that began it, counted from 0. */
  readonly daemon: number;
  state: 'running' | 'ended';
}

type Say = (report: RuntimeReport) => void;

/** The hooks of a world. */
export class FakeHooks {
  daemon = 0;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #rates: () => Rates;
  readonly #say: Say;
  #running: FakeHook[] = [];
  /** How often each hook of each run was begun, by daemon. */
  readonly #begun = new Map<string, Map<number, number>>();

  constructor(parts: {
    readonly clock: Clock;
    readonly random: Random;
    readonly rates: () => Rates;
    readonly say: Say;
  }) {
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#rates = parts.rates;
    this.#say = parts.say;
  }

  /** The hooks of a service that are running. */
  running(service: ServiceName): readonly FakeHook[] {
    return this.#running.filter((each) => each.service === service);
  }

  /** How often a hook of a run was begun, by the daemon that did so most often, and in all. */
  count(service: ServiceName, run: number, hook: HookName): { readonly most: number; readonly all: number } {
    const counts = [...(this.#begun.get(`${service} ${run} ${hook}`)?.values() ?? [])];
    return { most: Math.max(0, ...counts), all: counts.reduce((sum, each) => sum + each, 0) };
  }

  /** Begins a hook. */
  run(spec: Spec, run: number, hook: HookName): void {
    const begun: FakeHook = { service: spec.name, run, hook, daemon: this.daemon, state: 'running' };
    this.#running.push(begun);
    const key = `${spec.name} ${run} ${hook}`;
    const byDaemon = this.#begun.get(key) ?? new Map<number, number>();
    this.#begun.set(key, byDaemon.set(this.daemon, (byDaemon.get(this.daemon) ?? 0) + 1));
    const { hookSlow, hookFails } = this.#rates();
    const timeoutMs = spec.hooks[hook]?.timeoutMs ?? 0;
    if (timeoutMs === 0) return this.#end(begun, 'ok', 'nothing to do');
    const slow = this.#random.draw() < hookSlow;
    const failed = this.#random.draw() < hookFails;
    const tookMs = slow ? timeoutMs : 1 + whole(this.#random, 60);
    const message = slow ? 'it took too long' : failed ? 'exit 1' : 'exit 0';
    this.#clock.after(tookMs, () => this.#end(begun, slow || failed ? 'failed' : 'ok', message));
    return undefined;
  }

  /** SIGKILL to the hooks of a run; their end is told a moment later. */
  kill(service: ServiceName, run: number): void {
    for (const hook of this.running(service)) {
      if (hook.run === run)
        this.#clock.after(1 + whole(this.#random, 10), () => this.#end(hook, 'failed', 'killed by SIGKILL'));
    }
  }

  /** The run is over: what still runs of its hooks is ended at once, and nobody is told. */
  release(service: ServiceName, run: number): void {
    for (const hook of this.running(service)) if (hook.run === run) this.#drop(hook);
  }

  /** A new daemon: the hooks of the one before it went with it. */
  reset(): void {
    this.daemon += 1;
    for (const hook of this.#running) hook.state = 'ended';
    this.#running = [];
  }

  #end(hook: FakeHook, result: 'ok' | 'failed', message: string): void {
    if (hook.state === 'ended') return;
    this.#drop(hook);
    this.#say({ type: 'hook-ended', service: hook.service, run: hook.run, hook: hook.hook, result, message });
  }

  #drop(hook: FakeHook): void {
    hook.state = 'ended';
    this.#running = this.#running.filter((each) => each !== hook);
  }
}
