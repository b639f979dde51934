// An engine whose world is told by hand: virtual time, processes that do nothing by themselves, a store that may refuse.
import { seededRandom } from '../../src/clock/random.ts';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { createSystem } from '../../src/core/system.ts';
import type { System } from '../../src/core/system.ts';
import { casesOf } from '../../src/core/verdict.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { Actor, Change } from '../../src/model/change.ts';
import { RouseError } from '../../src/model/errors.ts';
import type { Happening, Question } from '../../src/model/event.ts';
import type { ProjectRecord } from '../../src/model/record.ts';
import type { Phase, Service } from '../../src/model/service.ts';
import type { ServiceName, Spec } from '../../src/model/spec.ts';
import type { EventStore } from '../../src/ports/event-store.ts';
import type { Prober } from '../../src/ports/prober.ts';
import type { Runtime } from '../../src/ports/runtime.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import type { Given } from '../core/given.ts';

export const BY: Actor = { via: 'cli', name: 'ada' };
const SILENT = new AbortController().signal;

/** A signal that never aborts. */
export const never = (): AbortSignal => SILENT;

/** An engine and the strings of its world. */
export class Stage {
  readonly clock = new VirtualClock();
  readonly store: EventStore;
  readonly engine: Engine;
  /** What was asked of the world, in order: `start db 1`. */
  readonly calls: string[] = [];
  /** The services of every batch that was written. */
  readonly batches: (readonly ServiceName[])[] = [];
  /** Whether the store refuses to write. */
  disk: 'fine' | 'full' = 'fine';
  /** Called inside `runtime.start`, as a service that is a function of the program is. */
  onStart: (service: ServiceName) => void = () => {};
  #intent = 0;
  #change = 0;

  constructor(system: System, kept: EventStore = memoryStore()) {
    this.store = {
      ...kept,
      append: (batch) => {
        if (this.disk === 'full') throw new RouseError('RSE3008', 'cannot write the state: no space left');
        kept.append(batch);
        this.batches.push(batch.services.map(({ spec }) => spec.name));
      },
    };
    this.engine = new Engine(
      {
        clock: this.clock,
        random: seededRandom(1),
        store: this.store,
        limits: { startsAtOnce: 1000 },
        connect: () => ({ runtime: this.#runtime(), prober: this.#prober() }),
      },
      system,
    );
  }

  wants(
    action: 'start' | 'stop' | 'restart',
    services: readonly ServiceName[],
    scope: 'closure' | 'alone' = 'closure',
  ): Change {
    this.#intent += 1;
    this.#change += 1;
    const want = { type: 'want', action, services, scope, completed: 'keep', intent: this.#intent } as const;
    const id = String(this.#change);
    const cases = casesOf(this.engine.system, want);
    const rest = { summary: '', by: BY, createdAt: this.clock.now() };
    this.engine.request(want, BY, { id, action, services, cases, ...rest });
    return this.engine.changes.get(id);
  }

  /** The world reports, and the turn ends. */
  hears(...happenings: readonly Happening[]): this {
    for (const happening of happenings) this.engine.report(happening);
    return this.later(0);
  }

  started(...services: readonly ServiceName[]): this {
    return this.hears(
      ...services.map((service) => ({ type: 'started', service, run: this.of(service).run, pid: 812 }) as const),
    );
  }

  exits(service: ServiceName, exitCode = 0, run = this.of(service).run): this {
    return this.hears({ type: 'exited', service, run, exitCode, signal: null });
  }

  answers(service: ServiceName, answer: 'pass' | 'fail', question: Question = 'health'): this {
    return this.hears({ type: 'probe', service, run: this.of(service).run, question, answer, message: answer });
  }

  /** Lets time pass. Units: ms. */
  later(ms: number): this {
    this.clock.advance(ms);
    return this;
  }

  of(name: ServiceName): Service {
    const found = this.engine.system.services.find((service) => service.spec.name === name);
    if (found === undefined) throw new Error(`no "${name}"`);
    return found;
  }

  phase(name: ServiceName): Phase {
    return this.of(name).phase;
  }

  /** What was recorded, oldest first. */
  get records(): readonly ProjectRecord[] {
    return this.store.records({ sinceSeq: 0, types: [], services: [], limit: 100_000 });
  }

  get recorded(): readonly string[] {
    return this.records.map(({ body }) => body.type);
  }

  #runtime(): Runtime {
    const note = (word: string, name: ServiceName, run: number): void => void this.calls.push(`${word} ${name} ${run}`);
    return {
      start: ({ name }, run) => {
        note('start', name, run);
        this.onStart(name);
      },
      stop: ({ name }, run) => note('stop', name, run),
      hook: ({ name }, run, hook) => note(`hook ${hook}`, name, run),
      signal: () => {},
      kill: (name, run) => note('kill', name, run),
      adopt: ({ name }, run) => note('adopt', name, run),
      release: (name, run) => note('release', name, run),
    };
  }

  #prober(): Prober {
    return {
      watch: ({ service, run, question }) => void this.calls.push(`ask ${service} ${run} ${question}`),
      forget: (service) => void this.calls.push(`forget ${service}`),
      ask: () => Promise.resolve({ at: this.clock.now(), answer: 'pass', latencyMs: 2, message: '200 OK' }),
      checks: () => [],
    };
  }
}

/** A stage with stopped services, or the one that goes on with what a store kept. */
export const stage = (...services: readonly Given[]): Stage => new Stage(createSystem(specsOf(...services), 0));

export const specsOf = (...services: readonly Given[]): readonly Spec[] => services.map((each) => each.spec);
