// Fixtures that speak the domain: specs by a fluent builder, and a system that is told what happens, one event at a time.
import type { Effect } from '../../src/model/effect.ts';
import type { Happening, Question, Timer } from '../../src/model/event.ts';
import type { StartFault } from '../../src/model/reason.ts';
import type { Demand, Phase, Service } from '../../src/model/service.ts';
import { newService } from '../../src/model/service.ts';
import type {
  Dependency,
  Hook,
  HookName,
  Liveness,
  Probe,
  RestartPolicy,
  ServiceName,
  Spec,
} from '../../src/model/spec.ts';
import type { Transition } from '../../src/core/draft.ts';
import type { Limits } from '../../src/core/schedule.ts';
import { holdOf } from '../../src/core/schedule.ts';
import type { StepResult } from '../../src/core/step.ts';
import { step } from '../../src/core/step.ts';
import type { System } from '../../src/core/system.ts';
import { at, createSystem, rebuild } from '../../src/core/system.ts';
import { PLAIN } from '../../src/model/spec.ts';

/** A spec in the making; every word returns a new one. */
export class Given {
  readonly spec: Spec;

  constructor(spec: Spec) {
    this.spec = spec;
  }

  /** Needs the other service, ready unless said otherwise. */
  requires(name: ServiceName, edge: Partial<Omit<Dependency, 'name'>> = {}): Given {
    const dependency: Dependency = { name, when: 'ready', need: 'required', onLoss: 'ignore', origin: null, ...edge };
    return this.with({ dependencies: [...this.spec.dependencies, dependency] });
  }

  /** Waits for the other service if it can be had. */
  wants(name: ServiceName): Given {
    return this.requires(name, { need: 'optional' });
  }

  /** Runs once, and is not tried again. */
  task(): Given {
    const restart: RestartPolicy = { ...this.spec.restart, policy: 'no' };
    return this.with({ kind: 'task', readiness: { type: 'completion' }, startTimeoutMs: Infinity, restart });
  }

  /** Is run elsewhere, and only asked. */
  external(): Given {
    return this.checked({}, 'none').with({
      kind: 'external',
      execution: { type: 'external' },
      startTimeoutMs: Infinity,
    });
  }

  /** Has one check for readiness and liveness. */
  checked(probe: Partial<Probe> = {}, onFailure: Liveness['onFailure'] = 'restart'): Given {
    const full: Probe = { ...PROBE, ...probe };
    return this.with({ readiness: { type: 'probe', probe: full }, liveness: { probe: full, onFailure } });
  }

  /** Has a check for readiness alone. */
  gated(probe: Partial<Probe> = {}): Given {
    return this.with({ readiness: { type: 'probe', probe: { ...PROBE, ...probe } } });
  }

  /** Is ready when it has lived for so long. Units: ms. */
  settles(settleMs: number): Given {
    return this.with({ readiness: { type: 'settle', settleMs } });
  }

  /** Has these hooks, each with a second to end. */
  hooked(...names: readonly HookName[]): Given {
    const hook: Hook = { command: { argv: ['hook'], via: 'exec', source: 'hook', origin: null }, timeoutMs: 1000 };
    const hooks = Object.fromEntries(names.map((name) => [name, hook]));
    return this.with({ hooks: { ...this.spec.hooks, ...hooks } });
  }

  /** Is said to be not ready for so long before it is asked to end. Units: ms. */
  drains(drainMs: number): Given {
    return this.with({ stop: { ...this.spec.stop, drainMs } });
  }

  restarts(policy: Partial<RestartPolicy>): Given {
    return this.with({ restart: { ...this.spec.restart, ...policy } });
  }

  /** The same service by another definition, which a run does not take over. */
  revised(): Given {
    return this.with({ hash: `${this.spec.hash}'`, cwd: `${this.spec.cwd}'` });
  }

  with(patch: Partial<Spec>): Given {
    return new Given({ ...this.spec, ...patch });
  }
}

/** Something happened in a system, and this is what it came to, in short words. */
export interface Outcome {
  /** `db#1 start`, `db#1 set-timer kill 10000`. */
  readonly effects: readonly string[];
  /** `db stopped → waiting` for changes of phase alone. */
  readonly moves: readonly string[];
  readonly result: StepResult;
}

/** A system, its time and its requests. Units: `now` monotonic ms, from 1000. */
export class Told {
  system: System;
  now = 1000;
  intent = 0;
  limits: Partial<Limits> = {};
  readonly #startsAtOnce: number;

  constructor(system: System, startsAtOnce: number) {
    this.system = system;
    this.#startsAtOnce = startsAtOnce;
  }

  start(...services: readonly ServiceName[]): Outcome {
    return this.wants('start', services);
  }

  stop(...services: readonly ServiceName[]): Outcome {
    return this.wants('stop', services);
  }

  restart(...services: readonly ServiceName[]): Outcome {
    return this.wants('restart', services);
  }

  wants(
    action: 'start' | 'stop' | 'restart',
    services: readonly ServiceName[],
    manner: { readonly scope?: 'closure' | 'alone'; readonly completed?: 'keep' | 'again' } = {},
  ): Outcome {
    this.intent += 1;
    const { scope = 'closure', completed = 'keep' } = manner;
    return this.hears({ type: 'want', action, services, scope, completed, intent: this.intent });
  }

  started(service: ServiceName, pid: number | null = 812): Outcome {
    return this.hears({ type: 'started', service, run: this.of(service).run, pid });
  }

  fails(service: ServiceName, fault: Partial<StartFault> = {}): Outcome {
    const full: StartFault = { code: 'refused', message: 'cannot start', program: null, hint: null, ...fault };
    return this.hears({ type: 'start-failed', service, run: this.of(service).run, fault: full });
  }

  hookEnds(service: ServiceName, hook: HookName, result: 'ok' | 'failed' = 'ok'): Outcome {
    const message = result === 'ok' ? 'exit 0' : 'exit 7';
    return this.hears({ type: 'hook-ended', service, run: this.of(service).run, hook, result, message });
  }

  /** Says something of itself; `what` is its text, its time (ms) or its process. */
  says(service: ServiceName, word: Extract<Happening, { type: 'notified' }>['word'], what?: string | number): Outcome {
    const text = typeof what === 'string' ? what : null;
    const number = typeof what === 'number' ? what : null;
    const rest = { text, ms: word === 'extend' ? number : null, pid: word === 'main' ? number : null };
    return this.hears({ type: 'notified', service, run: this.of(service).run, word, ...rest });
  }

  lingers(service: ServiceName, pids: readonly number[], text: string): Outcome {
    return this.hears({ type: 'lingering', service, run: this.of(service).run, pids, text });
  }

  /** Ends with an exit code, or by a signal. */
  exits(service: ServiceName, how: number | string | null): Outcome {
    const exitCode = typeof how === 'number' ? how : null;
    const signal = typeof how === 'string' ? how : null;
    return this.hears({ type: 'exited', service, run: this.of(service).run, exitCode, signal });
  }

  answers(service: ServiceName, answer: 'pass' | 'fail', question: Question = 'health'): Outcome {
    const message = answer === 'pass' ? '200 OK' : 'connection refused';
    return this.hears({ type: 'probe', service, run: this.of(service).run, question, answer, message });
  }

  fires(service: ServiceName, timer: Timer): Outcome {
    return this.hears({ type: 'timer', service, run: this.of(service).run, timer });
  }

  redefines(...services: readonly Given[]): Outcome {
    return this.hears({ type: 'spec-changed', specs: services.map((given) => given.spec) });
  }

  /** Brings services that are to be started to `ready` or `completed`, in order, until nobody is left to help. */
  brings(...services: readonly ServiceName[]): this {
    for (const service of services) {
      this.started(service);
      const { readiness, kind } = this.of(service).spec;
      if (kind === 'task') this.exits(service, 0);
      else if (readiness.type === 'probe')
        this.answers(service, 'pass', this.of(service).spec.liveness ? 'health' : 'readiness');
      else if (readiness.type === 'settle' && readiness.settleMs > 0) this.fires(service, 'settle');
    }
    return this;
  }

  /** Lets time pass. Units: ms. */
  later(ms: number): this {
    this.now += ms;
    return this;
  }

  hears(happening: Happening, draw = 0.5): Outcome {
    const limits = { startsAtOnce: this.#startsAtOnce, ...this.limits };
    const result = step(this.system, { ...happening, at: this.now, draw }, limits);
    this.system = result.system;
    return { effects: result.effects.map(effectWords), moves: result.transitions.flatMap(moveWords), result };
  }

  of(service: ServiceName): Service {
    return at(this.system, this.index(service));
  }

  index(service: ServiceName): number {
    return this.system.graph.indexOf.get(service) ?? -1;
  }

  phase(service: ServiceName): Phase {
    return this.of(service).phase;
  }

  /** Every service with its phase. */
  get phases(): Readonly<Record<ServiceName, Phase>> {
    return Object.fromEntries(this.system.services.map((service) => [service.spec.name, service.phase]));
  }

  /** What holds the service: `dependency: db, cache`; null when nothing does. */
  hold(service: ServiceName): string | null {
    const hold = holdOf(this.system, this.index(service));
    return hold === null ? null : [hold.reason, ...(hold.on.length === 0 ? [] : [hold.on.join(', ')])].join(': ');
  }
}

/** Where every fixture begins. */
export const given = {
  service: (name: ServiceName): Given => new Given(specOf(name)),
  /** Stopped services, wanted by nobody, at 1000 ms. */
  system: (...services: readonly Given[]): Told => given.limited(1000, ...services),
  /** The same with so many starts at once. */
  limited: (startsAtOnce: number, ...services: readonly Given[]): Told =>
    new Told(
      createSystem(
        services.map((each) => each.spec),
        1000,
      ),
      startsAtOnce,
    ),
  /** Services as they are, whatever led to it. */
  found: (...services: readonly Service[]): Told => new Told(rebuild(services, new Set()), 1000),
  /** A service in a phase, with what that phase brings along. */
  state: (phase: Phase, of: Given = given.service('db'), patch: Partial<Service> = {}): Service =>
    stateOf(phase, of, patch),
};

const PROBE: Probe = {
  target: { type: 'tcp', host: 'localhost', port: 5432 },
  intervalMs: 10_000,
  startIntervalMs: 500,
  timeoutMs: 2000,
  failureThreshold: 3,
  successThreshold: 1,
  graceMs: 0,
};

function specOf(name: ServiceName): Spec {
  return {
    name,
    description: '',
    kind: 'service',
    execution: { type: 'process', command: { argv: ['run', name], via: 'exec', source: `run ${name}`, origin: null } },
    dependencies: [],
    env: {},
    inheritEnv: [],
    cwd: '/srv',
    umask: null,
    readiness: { type: 'settle', settleMs: 0 },
    liveness: null,
    startTimeoutMs: 60_000,
    restart: {
      policy: 'on-failure',
      delayMs: 500,
      factor: 2,
      maxDelayMs: 30_000,
      jitter: 0.2,
      resetAfterMs: 60_000,
      limit: 10,
      withinMs: 300_000,
      atLimit: 'fail',
    },
    stop: { signal: 'SIGTERM', timeoutMs: 10_000, command: null, scope: 'tree', drainMs: 0 },
    successCodes: [0],
    noRestartCodes: [],
    autostart: 'yes',
    labels: {},
    logs: { keepBytes: 1_000_000, format: 'text' },
    ...PLAIN,
    healthCheckEndpoint: null,
    url: null,
    hash: `hash of ${name}`,
    origin: null,
  };
}

function stateOf(phase: Phase, { spec }: Given, patch: Partial<Service>): Service {
  const live = ['starting', 'ready', 'stopping', 'unknown'].includes(phase);
  const demand: Demand = phase === 'stopped' || phase === 'stopping' ? 'none' : 'asked';
  const never = phase === 'stopped' || phase === 'waiting';
  return {
    ...newService(spec, 1000),
    phase,
    demand,
    run: never ? 0 : 1,
    runSpec: never ? null : spec,
    reason: phase === 'ready' ? { code: 'ready' } : { code: 'asked' },
    spawned: live ? 'yes' : 'no',
    pid: live ? 812 : null,
    startedAt: live ? 1000 : null,
    readyAt: phase === 'ready' ? 1000 : null,
    retryAt: phase === 'backoff' ? 1500 : null,
    ...patch,
  };
}

function effectWords(effect: Effect): string {
  const words = [`${effect.service}#${effect.run}`, effect.type];
  if (effect.type === 'set-timer') words.push(effect.timer, String(effect.delayMs));
  if (effect.type === 'run-hook') words.push(effect.hook);
  if (effect.type === 'stop' && effect.spec.stop.signal !== 'SIGTERM') words.push(effect.spec.stop.signal);
  if (effect.type === 'start-probe') words.push(effect.question, effect.cadence);
  return words.join(' ');
}

function moveWords({ before, after }: Transition): string[] {
  return before.phase === after.phase ? [] : [`${after.spec.name} ${before.phase} → ${after.phase}`];
}
