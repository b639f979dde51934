import { expect, test } from 'vitest';
import { cutShort, recoverSystem } from '../../src/engine/recover.ts';
import type { Change } from '../../src/model/change.ts';
import type { StoredService } from '../../src/ports/event-store.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import { given } from '../core/given.ts';
import { BY, Stage, specsOf, stage } from './given.ts';
import { adoptAll } from '../../src/engine/recover.ts';

const db = given.service('db');

function stored(phase: StoredService['phase'], rest: Partial<StoredService> = {}): StoredService {
  return { name: 'db', demand: 'asked', phase, run: 3, pid: 812, specHash: db.spec.hash, exitCode: null, ...rest };
}

test.for([
  ['starting', 'unknown'],
  ['ready', 'unknown'],
  ['stopping', 'unknown'],
  ['unknown', 'unknown'],
  ['waiting', 'waiting'],
  ['backoff', 'waiting'],
  ['completed', 'completed'],
  ['failed', 'failed'],
  ['stopped', 'stopped'],
] as const)('what was %s is %s to the next daemon', ([before, after]) => {
  const { services } = recoverSystem(specsOf(db), { stored: [stored(before)], leftOut: [] }, 0);
  expect(services).toMatchObject([{ phase: after, run: 3, demand: 'asked' }]);
});

test('only runs in doubt are asked about, and found alive they go on', () => {
  const system = recoverSystem(
    specsOf(db, given.service('web')),
    { stored: [stored('ready'), stored('stopped', { name: 'web', demand: 'none' })], leftOut: [] },
    0,
  );
  const on = new Stage(system);
  adoptAll(on.engine.system, on.engine.world.runtime);
  expect(on.calls).toEqual(['adopt db 3']);
  on.hears({ type: 'recovered', service: 'db', run: 3, found: 'alive', pid: 812 });
  expect(on.of('db')).toMatchObject({ phase: 'ready', pid: 812, run: 3 });
});

test('runs are counted on for a name that comes back', () => {
  const system = recoverSystem(specsOf(), { stored: [stored('stopped')], leftOut: [] }, 0);
  const on = new Stage(system);
  on.engine.request({ type: 'spec-changed', specs: specsOf(db) }, BY, null);
  on.wants('start', ['db']);
  expect(on.calls).toEqual(['start db 4']);
});

test('a live run that the definition no longer has is let go', () => {
  const system = recoverSystem(specsOf(), { stored: [stored('ready')], leftOut: specsOf(db) }, 0);
  expect(system.services).toMatchObject([{ phase: 'unknown', demand: 'none' }]);
  expect([...system.leaving]).toEqual(['db']);
});

test('a change that its daemon did not live to end has failed, and says why', () => {
  const on = stage(db, given.service('web').requires('db'));
  on.wants('start', ['web']);
  on.started('db');
  const open: Change = on.engine.changes.get('1');
  const { records, changes, services } = cutShort([open], { now: 77, newest: 9 });
  expect(changes).toMatchObject([
    {
      id: '1',
      state: 'failed',
      endedAt: 77,
      error: 'the daemon ended before it was done',
      tasks: [
        { service: 'db', state: 'done', error: null },
        { service: 'web', state: 'canceled', endedAt: 77, error: 'the daemon ended before it was done' },
      ],
    },
  ]);
  expect(records).toMatchObject([{ seq: 10, at: 77, body: { type: 'change.done', change: { id: '1' } } }]);
  expect(services).toEqual([]);
  const store = memoryStore();
  store.append({ records: [], services: [], changes: [open] });
  store.append({ records, services, changes });
  expect(store.changes(10)).toMatchObject([{ id: '1', state: 'failed' }]);
});
