import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openEventStore } from '../../src/store/event-store.ts';
import { createSupervisor } from '../../src/supervisor/create.ts';
import type { SupervisorOptions } from '../../src/supervisor/create.ts';
import { given } from '../core/given.ts';
import { never, stage } from '../engine/given.ts';
import { definition } from './given.ts';

const db = given.service('db');

function options(): SupervisorOptions {
  const folder = mkdtempSync(join(tmpdir(), 'rouse-create-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return {
    definition: definition(db),
    folders: { logs: join(folder, 'logs'), runs: join(folder, 'run'), store: join(folder, 'rouse.db') },
    path: '/usr/bin:/bin',
    environment: {},
    functions: () => undefined,
    keepAlive: 'no',
  };
}

test('a supervisor starts nothing by itself', async () => {
  await using supervisor = createSupervisor(options());
  expect(supervisor.statuses()).toEqual([{ name: 'db', status: 'Stopped' }]);
});

test('a change that an earlier daemon did not live to end is judged on, by the same id', async () => {
  const parts = options();
  const on = stage(db);
  const open = on.wants('start', ['db']);
  const store = openEventStore(parts.folders.store ?? '');
  store.append({ records: on.records, services: [], changes: [open] });
  await store[Symbol.asyncDispose]();
  await using supervisor = createSupervisor(parts);
  const ended = await supervisor.settled(open.id, never());
  // Nothing is known of its service, so nobody wants it up any more.
  expect(ended).toMatchObject({ id: open.id, state: 'failed', tasks: [{ service: 'db', state: 'canceled' }] });
  const query = { sinceSeq: on.records.length, types: ['change.done'], services: [], limit: 10 };
  expect(supervisor.records(query)).toMatchObject([{ body: { type: 'change.done', change: { id: open.id } } }]);
});

test('disposing twice is the same as once', async () => {
  const supervisor = createSupervisor(options());
  await supervisor[Symbol.asyncDispose]();
  await expect(supervisor[Symbol.asyncDispose]()).resolves.toBeUndefined();
});
