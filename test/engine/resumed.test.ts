import { expect, test } from 'vitest';
import { adoptAll, recover } from '../../src/engine/recover.ts';
import type { EventStore } from '../../src/ports/event-store.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import type { Given } from '../core/given.ts';
import { given } from '../core/given.ts';
import { BY, Stage, never, specsOf } from './given.ts';
import { createSystem } from '../../src/core/system.ts';

const db = given.service('db');
const web = given.service('web').requires('db');

/** A daemon on a store that outlives it, and the next one, which goes on. */
function twoDaemons(...services: readonly Given[]): { readonly first: Stage; readonly next: () => Stage } {
  const kept: EventStore = memoryStore();
  const first = new Stage(createSystem(specsOf(...services), 0), kept);
  const next = (): Stage => {
    const recovery = recover(specsOf(...services), { stored: kept.services(), traces: [], boot: '' }, 0);
    const on = new Stage(recovery.system, kept);
    on.engine.resume(kept.changes(1000));
    on.engine.recover(recovery);
    adoptAll(on.engine.system, on.engine.world.runtime);
    on.engine.request({ type: 'spec-changed', specs: specsOf(...services) }, BY, null);
    return on;
  };
  return { first, next };
}

const alive = (on: Stage, service: string): Stage =>
  on.hears({ type: 'recovered', service, run: on.of(service).run, found: 'alive', pid: 812 });

test('an open change goes on under the next daemon with the same id, and whoever waits again gets its result', async () => {
  const { first, next } = twoDaemons(db, web);
  const { id } = first.wants('start', ['web']);
  first.started('db');
  first.engine[Symbol.dispose]();
  const on = next();
  const wait = on.engine.changes.settled(id, never());
  alive(alive(on, 'db'), 'web');
  await expect(wait).resolves.toMatchObject({ id, state: 'done' });
});

test('a task that had its verdict keeps it, whatever became of the service since', () => {
  const { first, next } = twoDaemons(db, web);
  const { id } = first.wants('start', ['web']);
  first.started('db').exits('db', 1);
  first.engine[Symbol.dispose]();
  expect(next().engine.changes.get(id).tasks).toMatchObject([
    { service: 'db', state: 'done', sinceRun: 0 },
    { service: 'web', state: 'doing' },
  ]);
});

test('a restart that had not begun is begun by the next daemon', () => {
  const { first, next } = twoDaemons(db, web);
  first.wants('start', ['web']);
  first.started('db').started('web');
  const { id } = first.wants('restart', ['db']);
  first.engine[Symbol.dispose]();
  const on = next();
  alive(alive(on, 'db'), 'web');
  on.exits('web', 0).exits('db', 0).started('db');
  expect(on.engine.changes.get(id).state).toBe('running');
  on.started('web');
  expect(on.engine.changes.get(id)).toMatchObject({ state: 'done' });
  expect(on.of('db').run).toBe(2);
});

test('an aborted change stays aborted', () => {
  const { first, next } = twoDaemons(db);
  const { id } = first.wants('start', ['db']);
  first.engine.changes.markAborting(id);
  const [open] = first.store.changes(1);
  if (open === undefined) throw new Error('the change is kept');
  first.store.append({ records: [], services: [], changes: [{ ...open, state: 'aborting' }] });
  first.engine[Symbol.dispose]();
  expect(next().engine.changes.get(id).state).toBe('aborting');
});

test('changes that have ended, or are known already, are passed over', () => {
  const { first, next } = twoDaemons(db);
  const { id } = first.wants('start', ['db']);
  first.started('db');
  first.engine[Symbol.dispose]();
  const on = next();
  expect(on.engine.changes.has(id)).toBe(false);
  const again = on.wants('stop', ['db']);
  on.engine.resume([again]);
  expect(on.engine.changes.list()).toHaveLength(1);
});
