/** Starting many services in simulated time: what one of them costs the real core and engine must not grow with their number. */
import assert from 'node:assert/strict';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { seededRandom } from '../../src/clock/random.ts';
import { createSystem } from '../../src/core/system.ts';
import { casesOf } from '../../src/core/verdict.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { Dependency, Spec } from '../../src/model/spec.ts';
import { FakeProber } from '../../src/testing/fake-prober.ts';
import { FakeProcesses } from '../../src/testing/fake-runtime.ts';
import { FakeStore } from '../../src/testing/fake-store.ts';
import { NO_FAULTS } from '../../src/testing/scenario.ts';
import type { Figure } from './figure.ts';
import { median } from './figure.ts';
import { trivialSpec } from './trivial-spec.ts';

/** The figures of scale. */
export async function scale(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const [shape, needs] of [
    ['wide', 0],
    ['layered', 3],
  ] as const) {
    const small = median([1, 2, 3, 4, 5].map(() => startAll(100, needs)));
    for (const size of [1000, 10_000]) {
      const value = median([1, 2, 3].map(() => startAll(size, needs)));
      figures.push({
        name: `start of one of ${size.toLocaleString('en')} services, ${shape}, floor: of 100`,
        value,
        unit: 'µs',
        floor: small,
        goal: 'ratio about 1',
      });
    }
  }
  return figures;
}

/** Starts that many and returns µs a service. */
function startAll(size: number, needs: number): number {
  const clock = new VirtualClock();
  const random = seededRandom(7);
  const specs = manySpecs(size, needs);
  const processes = new FakeProcesses({
    clock,
    random,
    rates: NO_FAULTS,
    witness: { spawned: () => {}, stopping: () => {}, hooked: () => {} },
  });
  const store = new FakeStore({ refuses: () => false, written: () => {} });
  const engine = new Engine(
    {
      clock,
      random,
      store,
      limits: { startsAtOnce: 64 },
      connect: (report, tell) => {
        processes.report = report;
        return { runtime: processes.runtime(), prober: new FakeProber({ clock, random, rates: NO_FAULTS, tell }) };
      },
    },
    createSystem(specs, clock.monotonic()),
  );
  const want = {
    type: 'want',
    services: specs.map((spec) => spec.name),
    action: 'start',
    scope: 'closure',
    completed: 'keep',
    intent: 1,
  } as const;
  const from = performance.now();
  const by = { via: 'library', name: 'bench' } as const;
  const opening = {
    id: '1',
    action: 'up',
    services: want.services,
    summary: '',
    by,
    createdAt: 0,
    cases: casesOf(engine.system, want),
  } as const;
  engine.request(want, by, opening);
  while (clock.runNext());
  const took = performance.now() - from;
  assert(engine.changes.get('1').state === 'done', 'all are ready');
  engine[Symbol.dispose]();
  return (took * 1000) / size;
}

function manySpecs(size: number, needs: number): readonly Spec[] {
  const layer = Math.max(10, Math.floor(size / 20));
  return Array.from({ length: size }, (_, index) => {
    const first = Math.floor(index / layer) * layer - layer;
    const count = first < 0 ? 0 : needs;
    const dependencies = Array.from({ length: count }, (_unused, edge): Dependency => {
      const name = `s${first + ((index * 7 + edge * 13) % layer)}`;
      return { name, when: 'ready', need: 'required', onLoss: 'ignore', origin: null };
    });
    return trivialSpec(`s${index}`, dependencies);
  });
}
