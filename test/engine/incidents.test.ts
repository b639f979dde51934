import { expect, test } from 'vitest';
import { createSystem } from '../../src/core/system.ts';
import { recover } from '../../src/engine/recover.ts';
import type { RecordBody } from '../../src/model/record.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import { given } from '../core/given.ts';
import { Stage, specsOf, stage } from './given.ts';

const db = given.service('db');
const web = given.service('web').requires('db');
const ui = given.service('ui').requires('web', { onLoss: 'stop' });

const told = (on: Stage): readonly RecordBody[] =>
  on.records.map(({ body }) => body).filter(({ type }) => type.startsWith('incident.'));

test('a crash opens one incident with the service at its root, and its return closes it with how long it took', () => {
  const on = stage(db, web, ui);
  on.wants('start', ['ui']);
  on.started('db').started('web').started('ui').exits('db', 1);
  expect(told(on)).toMatchObject([{ type: 'incident.opened', service: 'db', text: 'exit 1', services: ['web'] }]);
  expect(on.engine.incidents.list()).toMatchObject([{ service: 'db', text: 'exit 1', services: ['web'] }]);
  on.later(700).started('db');
  const closed = { type: 'incident.closed', service: 'db', end: 'mended', services: ['web'], elapsedMs: 700 };
  expect(told(on)[1]).toMatchObject(closed);
  expect(on.engine.incidents.list()).toEqual([]);
});

test('what fails because of it opens no second one', () => {
  const on = stage(db, web.restarts({ policy: 'no' }), ui);
  on.wants('start', ['ui']);
  on.started('db').started('web').started('ui').exits('db', 1);
  on.exits('web', 1);
  expect(told(on).map(({ type }) => type)).toEqual(['incident.opened']);
  expect(on.engine.incidents.list()[0]?.services).toEqual(['web', 'ui']);
});

test('of two that end in one turn, the one that the other requires is the root', () => {
  const on = stage(db, web.restarts({ policy: 'no' }));
  on.wants('start', ['web']);
  on.started('db').started('web');
  const ended = (service: string) => ({ type: 'exited', service, run: 1, exitCode: 1, signal: null }) as const;
  on.hears(ended('web'), ended('db'));
  expect(told(on)).toMatchObject([{ type: 'incident.opened', service: 'db' }]);
});

test('a person who puts the root to rest ends it', () => {
  const on = stage(db);
  on.wants('start', ['db']);
  on.started('db').exits('db', 1);
  on.wants('stop', ['db']);
  expect(told(on)[1]).toMatchObject({ type: 'incident.closed', end: 'put-to-rest' });
});

test('lasting unhealthiness is one, until it is healthy again', () => {
  const on = stage(db.checked({ failureThreshold: 1 }, 'none'), web);
  on.wants('start', ['web']);
  on.started('db').answers('db', 'pass').started('web').answers('db', 'fail').answers('db', 'fail');
  expect(told(on)).toMatchObject([{ type: 'incident.opened', service: 'db', services: ['web'] }]);
  on.answers('db', 'pass');
  expect(told(on)).toHaveLength(2);
});

test('it stays open for the next daemon, which closes it', () => {
  const kept = memoryStore();
  const first = new Stage(createSystem(specsOf(db), 0), kept);
  first.wants('start', ['db']);
  first.started('db').exits('db', 1);
  first.engine[Symbol.dispose]();
  const { system } = recover(specsOf(db), { stored: kept.services(), traces: [], boot: '' }, 0);
  const next = new Stage(system, kept);
  expect(next.engine.incidents.list()).toMatchObject([{ service: 'db' }]);
  next.wants('start', ['db']);
  next.started('db');
  expect(told(next).at(-1)).toMatchObject({ type: 'incident.closed', service: 'db', end: 'mended' });
});
