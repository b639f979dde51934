/** Effects to calls: each order of the core becomes exactly one call of a port, or a timer. */
import { probeOf } from '../core/health.ts';
import type { Effect } from '../model/effect.ts';
import type { Happening, Timer } from '../model/event.ts';
import type { StartFault } from '../model/reason.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import type { Prober } from '../ports/prober.ts';
import type { Runtime } from '../ports/runtime.ts';

/** The world as the engine acts on it. */
export interface World {
  readonly clock: Clock;
  readonly runtime: Runtime;
  readonly prober: Prober;
}

/** Performs effects and owns the timers. */
export class Performer implements Disposable {
  readonly #world: World;
  readonly #dispatch: (happening: Happening) => void;
  readonly #timers = new Map<ServiceName, Map<Timer, Disposable>>();

  constructor(world: World, dispatch: (happening: Happening) => void) {
    this.#world = world;
    this.#dispatch = dispatch;
  }

  /** Carries out one order. Doing it twice does no harm. Never throws for a fault of the world. */
  perform(effect: Effect): void {
    const { runtime, prober } = this.#world;
    const { service, run } = effect;
    switch (effect.type) {
      case 'start':
        return runtime.start(effect.spec, run);
      case 'stop':
        return runtime.stop(effect.spec, run);
      case 'run-hook':
        return runtime.hook(effect.spec, run, effect.hook);
      case 'kill':
        return runtime.kill(service, run);
      case 'release':
        return runtime.release(service, run);
      case 'set-timer':
        return this.#setTimer(effect);
      case 'clear-timers':
        return this.#clearTimers(service);
      case 'start-probe':
        return this.#startProbe(effect);
      case 'stop-probes':
        return prober.forget(service);
      default:
        return effect satisfies never;
    }
  }

  /** The timers that are set, by service; services without any are left out. */
  timers(): ReadonlyMap<ServiceName, readonly Timer[]> {
    const set = [...this.#timers].filter(([, timers]) => timers.size > 0);
    return new Map(set.map(([name, timers]) => [name, [...timers.keys()]]));
  }

  /** Clears every timer. */
  [Symbol.dispose](): void {
    for (const service of this.#timers.keys()) this.#clearTimers(service);
  }

  #setTimer(effect: Extract<Effect, { type: 'set-timer' }>): void {
    const { service, run, timer } = effect;
    const timers = this.#timers.get(service) ?? new Map<Timer, Disposable>();
    this.#timers.set(service, timers);
    timers.get(timer)?.[Symbol.dispose]();
    const fire = (): void => {
      timers.delete(timer);
      this.#dispatch({ type: 'timer', service, run, timer });
    };
    timers.set(timer, this.#world.clock.after(effect.delayMs, fire));
  }

  #clearTimers(service: ServiceName): void {
    const timers = this.#timers.get(service);
    if (timers === undefined) return;
    for (const timer of timers.values()) timer[Symbol.dispose]();
    this.#timers.delete(service);
  }

  #startProbe(effect: Extract<Effect, { type: 'start-probe' }>): void {
    const { type: _type, ...asked } = effect;
    const probe = probeOf(effect.spec, effect.question);
    if (probe !== null) this.#world.prober.watch({ ...asked, probe });
  }
}

const NOT_RECORDED: StartFault = {
  code: 'never-begun',
  message: 'the state could not be written',
  program: null,
  hint: null,
};

/** The report in the place of an order that would begin a run, by itself or by the hook that comes first; null for others. */
export function unbegun(effect: Effect): Happening | null {
  const { type, service, run } = effect;
  const begins = type === 'start' || (type === 'run-hook' && effect.hook === 'beforeStart');
  return begins ? { type: 'start-failed', service, run, fault: NOT_RECORDED } : null;
}
