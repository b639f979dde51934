/**
 * One simulated world: virtual time, seeded chance, fake processes, and the real engine and core.
 *
 * Stages: faults on (nothing forbidden may ever happen), faults off (everything must come to rest, each desire met or
 * its reason named), all down (nothing left), all up (nothing lost). Daemons may die in between; processes live on.
 */
import { VirtualClock } from '../clock/virtual.ts';
import { seededRandom } from '../clock/random.ts';
import type { SeededRandom } from '../clock/random.ts';
import { checkDown, checkRest, checkSpawn, checkStop, checkSystem } from './checkers.ts';
import type { Sight } from './checkers.ts';
import { Coverage } from './coverage.ts';
import { RestartCount } from './damper-checker.ts';
import { FakeProber } from './fake-prober.ts';
import { FakeProcesses, unless } from './fake-runtime.ts';
import { FakeStore } from './fake-store.ts';
import type { LifeSight } from './life-checkers.ts';
import { checkAsked, checkHook, checkLife, checkUp } from './life-checkers.ts';
import { lifeStray, strayOf } from './stray.ts';
import { checkLosses, checkRelations, checkResults } from './relation-checkers.ts';
import { Relations, isSameDefinition } from './relations.ts';
import type { Rates, Scenario } from './scenario.ts';
import { NO_FAULTS, drawScenario, drawWant, redraw, whole } from './scenario.ts';
import { casesOf } from '../core/verdict.ts';
import { Engine } from '../engine/engine.ts';
import type { Remains } from '../engine/recover.ts';
import { adoptAll, recover } from '../engine/recover.ts';
import type { Happening } from '../model/event.ts';
import type { Spec } from '../model/spec.ts';

/** Turns after which a stage is taken for endless. */
const TURNS = 200_000;
const HOUR_MS = 3_600_000;
const BY = { via: 'rouse', name: 'simulator' } as const;

/** A world. Made from a seed, lived once. */
export class World {
  readonly coverage = new Coverage();
  readonly faults: string[] = [];
  readonly scenario: Scenario;
  turns = 0;
  readonly #clock = new VirtualClock();
  readonly #random: SeededRandom;
  readonly #life: SeededRandom;
  readonly #processes: FakeProcesses;
  readonly #store: FakeStore;
  readonly #tell: (line: string) => void;
  readonly #wall: 'steady' | 'jumping';
  readonly #alone = new Set<string>();
  readonly #redefined = new Set<string>();
  readonly #recovered = new Set<string>();
  readonly #stopping = new Set<string>();
  #rates: Rates;
  readonly #relations: Relations;
  /** The definition, and what it was before its services were related. */
  #specs: readonly Spec[];
  #plain: readonly Spec[];
  #prober: FakeProber | null = null;
  #engine: Engine;
  #intent = 0;
  #change = 0;
  #bootedAt = 0;
  #restarts = new RestartCount({ burst: 1, perMs: 0 });
  #daemon: 'alive' | 'dead' = 'alive';

  /**
   * `tell` hears every event and every phase change, for whoever looks into a seed. A `jumping` wall clock goes an hour
   * forth or back before each request, of which nothing else may take notice.
   */
  constructor(seed: number, tell: (line: string) => void = () => {}, wall: 'steady' | 'jumping' = 'steady') {
    this.#tell = tell;
    this.#wall = wall;
    this.#random = seededRandom(seed);
    this.#life = this.#random.fork('strays');
    this.scenario = drawScenario(this.#random.fork('scenario'), this.#random.fork('life'));
    this.#rates = this.scenario.rates;
    this.#relations = new Relations(this.#random.fork('relations'));
    this.#specs = this.#relations.of(this.scenario.specs);
    this.#plain = this.scenario.specs;
    this.#store = new FakeStore({
      refuses: () => this.#random.draw() < this.#rates.appendFails,
      written: ({ records }) => {
        for (const { body } of records)
          if (body.type === 'service.phase')
            this.#say(`  ${body.service} run ${body.run}: ${body.from} -> ${body.to} (${body.text})`);
        if (this.#wall === 'steady') this.#blame(this.#restarts.see(records));
        if (this.#random.draw() < this.#rates.daemonDies) this.#daemon = 'dead';
      },
    });
    this.#processes = new FakeProcesses({
      clock: this.#clock,
      random: this.#random.fork('processes'),
      rates: this.#rates,
      witness: {
        spawned: (process) =>
          this.#blame([...checkSpawn(this.#sight(), process), ...checkRelations(this.#sight(), process)]),
        stopping: (service, run) => {
          // A stop that was begun is finished, whoever lives by now: also by the next daemon.
          const key = `${service} ${run}`;
          if (this.#recovered.has(key) || this.#stopping.has(key)) return;
          this.#stopping.add(key);
          this.#blame(checkStop(this.#sight(), service, this.#alone));
          this.#blame(checkAsked(this.#sight(), service, run));
        },
        hooked: (spec, run, hook) => {
          this.#blame(checkHook(this.#sight(), spec, { run, hook }));
          const begins = hook === 'beforeStop' && !this.#recovered.has(`${spec.name} ${run}`);
          if (begins) this.#blame(checkStop(this.#sight(), spec.name, this.#alone));
        },
      },
    });
    this.#engine = this.#boot('first');
  }

  /** Lives through all stages. Returns what was broken, at most the first few. */
  live(): readonly string[] {
    this.#stormy();
    this.#calm('after the storm');
    this.#request({ type: 'pinned', services: this.#engine.system.graph.names, pin: 'none' });
    for (const stage of [() => this.#down(), () => this.#up(), () => this.#down()])
      if (this.faults.length === 0) stage();
    if (this.faults.length === 0) this.#blame(checkResults(this.#store.written));
    this.#engine[Symbol.dispose]();
    return this.faults;
  }

  #stormy(): void {
    for (let request = 0; request < this.scenario.requests && this.faults.length === 0; request += 1) {
      if (this.#wall === 'jumping') this.#clock.jumpWall(request % 3 === 0 ? -HOUR_MS : HOUR_MS);
      this.#act();
      this.#pass(this.#random.draw() * 1500);
    }
  }

  #calm(when: string): void {
    this.#rates = NO_FAULTS;
    this.#processes.rates = NO_FAULTS;
    if (this.#prober !== null) this.#prober.rates = NO_FAULTS;
    this.#pass(60_000);
    this.#blame([...checkRest(this.#sight()), ...checkLosses(this.#sight())].map((fault) => `${when}: ${fault}`));
  }

  #down(): void {
    const services = this.#engine.system.graph.names;
    this.#want({ services, action: 'stop', scope: 'closure', completed: 'keep' });
    this.#pass(60_000);
    this.#blame(checkDown(this.#sight()).map((fault) => `all down: ${fault}`));
  }

  #up(): void {
    const services = this.#engine.system.graph.names;
    this.#want({ services, action: 'start', scope: 'closure', completed: 'keep' });
    this.#pass(60_000);
    this.#blame([...checkUp(this.#sight()), ...checkRest(this.#sight())].map((fault) => `all up: ${fault}`));
  }

  #act(): void {
    const pinned = this.#relations.pin(this.#engine.system.graph.names);
    if (pinned !== null) this.#request(pinned);
    const chance = this.#random.draw();
    if (chance < this.#rates.redefines) {
      if (this.#random.draw() < 0.5) this.#askSomething();
      const before = new Map(this.#specs.map((spec) => [spec.name, spec]));
      this.#plain = redraw(this.#random, this.#plain, this.scenario.life);
      this.#specs = this.#relations.of(this.#plain);
      for (const spec of this.#specs)
        if (!isSameDefinition(before.get(spec.name), spec)) this.#redefined.add(spec.name);
      this.#request({ type: 'spec-changed', specs: this.#specs });
    } else if (chance > 1 - this.#rates.stray) {
      for (const service of this.#engine.system.services) {
        const stray = strayOf(service, this.#random);
        if (stray !== null) this.#engine.report(stray);
        if (this.scenario.life === 'lively' && service.run > 0) this.#engine.report(lifeStray(service, this.#life));
      }
    } else this.#askSomething();
  }

  #askSomething(): void {
    const callers = 1 + whole(this.#random, 3);
    for (let caller = 0; caller < callers; caller += 1) {
      const want = drawWant(this.#random, this.#engine.system.graph.names);
      if (want.scope === 'alone') for (const name of want.services) this.#alone.add(name);
      this.#want(want);
    }
  }

  #want(want: Omit<Extract<Happening, { type: 'want' }>, 'type' | 'intent'>): void {
    this.#intent += 1;
    this.#change += 1;
    const grace = this.#relations.grace();
    const happening = { type: 'want', intent: this.#intent, grace, ...want } as const;
    const cases = casesOf(this.#engine.system, happening);
    const { services, action } = want;
    const rest = { summary: '', by: BY, createdAt: this.#clock.now() };
    this.#request(happening, { id: String(this.#change), action, services, cases, ...rest });
  }

  #request(happening: Happening, opening: Parameters<Engine['request']>[2] = null): void {
    if (this.#engine.storeFault !== null) return;
    this.#engine.request(happening, BY, opening);
    this.#afterTurn();
  }

  /** Lets time pass, one turn after the other. Units: ms. */
  #pass(ms: number): void {
    const until = this.#clock.monotonic() + ms;
    const from = this.turns;
    while (this.faults.length === 0) {
      const due = this.#clock.nextAt();
      if (due === null || due > until) break;
      this.#clock.runNext();
      this.#afterTurn();
      if (this.turns - from > TURNS) this.#blame([`no rest after ${TURNS} turns`]);
    }
    if (this.#clock.monotonic() < until) this.#clock.advance(until - this.#clock.monotonic());
  }

  #afterTurn(): void {
    this.turns += 1;
    if (this.#daemon === 'dead') this.#boot('again');
    if (this.#engine.waiting > 0) return;
    this.#blame(checkSystem(this.#sight()));
    if (this.scenario.life === 'lively') this.#blame(checkLife(this.#sight()));
  }

  /** A daemon begins: the first with a clean slate, the others with what the store and the processes tell. */
  #boot(which: 'first' | 'again'): Engine {
    if (which === 'again') this.#engine[Symbol.dispose]();
    this.#prober?.[Symbol.dispose]();
    this.#daemon = 'alive';
    this.#restarts = new RestartCount(this.scenario.restarts);
    this.#bootedAt = this.#clock.monotonic();
    const at = this.#bootedAt;
    const recovery = recover(this.#specs, this.#remains(), at);
    const engine = new Engine(
      {
        clock: this.#clock,
        random: this.#random.fork(`engine ${this.turns}`),
        store: this.#store,
        limits: { startsAtOnce: this.scenario.startsAtOnce, restarts: this.scenario.restarts },
        trace: (seen, event) => {
          this.coverage.see(seen, event);
          if (event.type === 'recovered') this.#recovered.add(`${event.service} ${event.run}`);
          this.#say(
            JSON.stringify(event, (key, value: unknown) => (key === 'specs' || key === 'draw' ? undefined : value)),
          );
        },
        connect: (report, tell) => {
          const isDead = (): boolean => this.#daemon === 'dead' || this.#engine !== engine;
          this.#processes.report = (said) => (which === 'again' && this.#daemon === 'dead' ? undefined : report(said));
          this.#prober = new FakeProber({
            clock: this.#clock,
            random: this.#random.fork(`prober ${this.turns}`),
            rates: this.#rates,
            tell,
          });
          return { runtime: unless(isDead, this.#processes.runtime()), prober: this.#prober };
        },
      },
      recovery.system,
    );
    this.#engine = engine;
    if (which === 'again') {
      engine.resume(this.#store.changes(1000));
      engine.recover(recovery);
      adoptAll(engine.system, this.#processes.runtime());
      this.#request({ type: 'spec-changed', specs: this.#specs });
    }
    return engine;
  }

  /** What the store and the living processes tell a new daemon. */
  #remains(): Remains {
    const stored = this.#store.services();
    return { stored, traces: stored.flatMap(({ name }) => this.#processes.traces(name)), boot: '' };
  }

  #say(line: string): void {
    this.#tell(`${this.#clock.monotonic().toFixed(0)} ${line}`);
  }

  #sight(): Sight & LifeSight {
    const { startsAtOnce } = this.scenario;
    return {
      engine: this.#engine,
      processes: this.#processes,
      watched: this.#prober?.watched ?? [],
      startsAtOnce,
      bootedAt: this.#bootedAt,
      alone: this.#alone,
      redefined: this.#redefined,
      recovered: this.#recovered,
      recordedRun: (name) => this.#store.services().find((each) => each.name === name)?.run ?? 0,
    };
  }

  #blame(faults: readonly string[]): void {
    for (const fault of faults.slice(0, 5)) this.faults.push(`at ${Math.round(this.#clock.monotonic())} ms: ${fault}`);
  }
}
