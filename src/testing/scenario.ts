/** A world drawn from a seed: services, edges, policies and the rates of every fault. */
import type { Event } from '../model/event.ts';
import type { Dependency, Probe, Readiness, RestartPolicy, ServiceName, Spec } from '../model/spec.ts';
import type { Random } from '../ports/random.ts';
import type { RestartBudget } from '../core/damper.ts';
import type { LifeRates } from './liveliness.ts';
import { NO_LIFE_FAULTS, drawLifeRates, enliven } from './liveliness.ts';
import { PLAIN } from '../model/spec.ts';

/** How often the world misbehaves; shares in 0..1 of the occasions. */
export interface Rates extends LifeRates {
  readonly startFails: number;
  readonly exitsByItself: number;
  readonly ignoresTerm: number;
  readonly probeFails: number;
  readonly reportLate: number;
  readonly reportTwice: number;
  readonly reportLost: number;
  readonly stray: number;
  readonly appendFails: number;
  readonly daemonDies: number;
  readonly redefines: number;
}

/**
 * A scenario. `startsAtOnce` is the limit of the scheduler; `requests` how many orders the callers give. In a lively
 * world services have hooks, drains and watchdogs and speak of themselves, and the restarts of all are limited.
 */
export interface Scenario {
  readonly specs: readonly Spec[];
  readonly rates: Rates;
  readonly startsAtOnce: number;
  readonly requests: number;
  readonly life: 'quiet' | 'lively';
  readonly restarts: RestartBudget;
}

/** No faults at all: what a healthy world looks like. */
export const NO_FAULTS: Rates = {
  startFails: 0,
  exitsByItself: 0,
  ignoresTerm: 0,
  probeFails: 0,
  reportLate: 0,
  reportTwice: 0,
  reportLost: 0,
  stray: 0,
  appendFails: 0,
  daemonDies: 0,
  redefines: 0,
  ...NO_LIFE_FAULTS,
};

/** Draws a scenario. Same sources of chance, same scenario; `life` alone decides on what lively worlds have more. */
export function drawScenario(random: Random, life: Random): Scenario {
  const size = 2 + whole(random, 9);
  const specs: Spec[] = [];
  for (let index = 0; index < size; index += 1) specs.push(drawSpec(random, specs));
  const rates = drawRates(random);
  const [startsAtOnce, requests] = [1 + whole(random, 4), 8 + whole(random, 24)];
  const rest = { startsAtOnce, requests };
  if (life.draw() < 0.4) {
    return { specs, rates: { ...rates, ...NO_LIFE_FAULTS }, ...rest, life: 'quiet', restarts: { burst: 1, perMs: 0 } };
  }
  const restarts = { burst: 1 + whole(life, 6), perMs: 20 + whole(life, 200) };
  return { specs: specs.map(enliven), rates: { ...rates, ...drawLifeRates(life) }, ...rest, life: 'lively', restarts };
}

/** A spec with a changed definition, or an edge more or less; stays sound because edges only go to earlier services. */
export function redraw(random: Random, specs: readonly Spec[], life: Scenario['life']): readonly Spec[] {
  const before = new Set(specs);
  const redrawn = changed(random, specs);
  return life === 'quiet' ? redrawn : redrawn.map((spec) => (before.has(spec) ? spec : enliven(spec)));
}

function changed(random: Random, specs: readonly Spec[]): readonly Spec[] {
  const place = whole(random, specs.length);
  const chosen = specs[place];
  if (chosen === undefined) return specs;
  const chance = random.draw();
  if (chance < 0.25 && specs.length > 2) return withoutService(specs, chosen.name);
  if (chance < 0.4) return [...specs, drawSpec(random, specs)];
  // Of the same kind: who waits for a task to complete must not be left waiting for a service.
  let fresh = drawSpec(random, specs.slice(0, place));
  while (fresh.kind !== chosen.kind) fresh = drawSpec(random, specs.slice(0, place));
  fresh = { ...fresh, name: chosen.name };
  return specs.map((spec, index) => (index === place ? fresh : spec));
}

/** What a caller asks for, of services of these names. */
export function drawWant(
  random: Random,
  names: readonly ServiceName[],
): Pick<Extract<Event, { type: 'want' }>, 'services' | 'action' | 'scope' | 'completed'> {
  const count = random.draw() < 0.2 ? names.length : 1 + whole(random, 2);
  const services = [...new Set(Array.from({ length: count }, () => names[whole(random, names.length)] ?? ''))];
  const action = pick(random, ['start', 'start', 'stop', 'restart'] as const);
  const scope = random.draw() < 0.25 ? 'alone' : 'closure';
  return { services, action, scope, completed: random.draw() < 0.5 ? 'keep' : 'again' };
}

/** A whole number in 0..below-1. */
export function whole(random: Random, below: number): number {
  return Math.floor(random.draw() * below);
}

function drawRates(random: Random): Omit<Rates, keyof LifeRates> {
  const rate = (most: number): number => (random.draw() < 0.4 ? 0 : random.draw() * most);
  return {
    startFails: rate(0.4),
    exitsByItself: rate(0.8),
    ignoresTerm: rate(0.6),
    probeFails: rate(0.6),
    reportLate: rate(0.5),
    reportTwice: rate(0.5),
    reportLost: rate(0.2),
    stray: rate(0.5),
    appendFails: rate(0.1),
    daemonDies: rate(0.05),
    redefines: rate(0.35),
  };
}

function drawSpec(random: Random, earlier: readonly Spec[]): Spec {
  const name = nameFor(earlier);
  const kind = random.draw() < 0.2 ? 'task' : 'service';
  const probe = drawProbe(random);
  const readiness = kind === 'task' ? ({ type: 'completion' } as const) : drawReadiness(random, probe);
  const onFailure = pick(random, ['restart', 'restart', 'stop', 'none'] as const);
  return {
    name,
    description: '',
    kind,
    execution: { type: 'process', command: { argv: ['fake'], via: 'exec', source: 'fake', origin: null } },
    dependencies: drawDependencies(random, earlier),
    env: {},
    inheritEnv: [],
    cwd: '/',
    umask: null,
    readiness,
    liveness:
      kind === 'task' || random.draw() < 0.4
        ? null
        : { probe: random.draw() < 0.5 ? probe : drawProbe(random), onFailure },
    startTimeoutMs: kind === 'task' ? Number.POSITIVE_INFINITY : 2000 + whole(random, 4000),
    restart: drawPolicy(random, kind),
    stop: { signal: 'SIGTERM', timeoutMs: 200 + whole(random, 2000), command: null, scope: 'tree', drainMs: 0 },
    successCodes: [0],
    noRestartCodes: random.draw() < 0.2 ? [78] : [],
    autostart: 'yes',
    labels: {},
    logs: { keepBytes: 0, format: 'text' },
    ...PLAIN,
    healthCheckEndpoint: null,
    url: null,
    hash: `${name}-${String(random.draw())}`,
    origin: null,
  };
}

function nameFor(earlier: readonly Spec[]): string {
  const taken = new Set(earlier.map((spec) => spec.name));
  let number = earlier.length;
  while (taken.has(`s${number}`)) number += 1;
  return `s${number}`;
}

function drawDependencies(random: Random, earlier: readonly Spec[]): readonly Dependency[] {
  const edges: Dependency[] = [];
  const density = random.draw() * 0.6;
  for (const spec of earlier) {
    if (random.draw() >= density) continue;
    const when =
      spec.kind === 'task'
        ? pick(random, ['ready', 'completed', 'ended'] as const)
        : pick(random, ['ready', 'ready', 'ready', 'started'] as const);
    const need = random.draw() < 0.2 ? 'optional' : 'required';
    const onLoss = pick(random, ['ignore', 'ignore', 'restart', 'stop'] as const);
    edges.push({ name: spec.name, when, need, onLoss, origin: null });
  }
  return edges;
}

function drawProbe(random: Random): Probe {
  const port = 1 + whole(random, 60_000);
  return {
    target: { type: 'tcp', host: 'localhost', port },
    intervalMs: 200 + whole(random, 800),
    startIntervalMs: 50 + whole(random, 200),
    timeoutMs: 100,
    failureThreshold: 1 + whole(random, 3),
    successThreshold: 1 + whole(random, 2),
    graceMs: random.draw() < 0.5 ? 0 : whole(random, 500),
  };
}

function drawReadiness(random: Random, probe: Probe): Readiness {
  if (random.draw() < 0.5) return { type: 'probe', probe };
  return { type: 'settle', settleMs: random.draw() < 0.3 ? 0 : whole(random, 500) };
}

function drawPolicy(random: Random, kind: 'task' | 'service'): RestartPolicy {
  const policy =
    kind === 'task'
      ? pick(random, ['no', 'no', 'on-failure'] as const)
      : pick(random, ['no', 'on-failure', 'on-failure', 'always'] as const);
  return {
    policy,
    delayMs: 20 + whole(random, 100),
    factor: 2,
    maxDelayMs: 1000,
    jitter: 0.2,
    resetAfterMs: 1500,
    limit: whole(random, 6),
    withinMs: 20_000,
    atLimit: random.draw() < 0.2 ? 'slow' : 'fail',
  };
}

function withoutService(specs: readonly Spec[], name: string): readonly Spec[] {
  return specs
    .filter((spec) => spec.name !== name)
    .map((spec) => {
      const dependencies = spec.dependencies.filter((edge) => edge.name !== name);
      return dependencies.length === spec.dependencies.length ? spec : { ...spec, dependencies, hash: `${spec.hash}'` };
    });
}

function pick<T>(random: Random, choices: readonly [T, ...T[]]): T {
  return choices[whole(random, choices.length)] ?? choices[0];
}
