import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { DaemonDefinitions } from '../../src/daemon/definitions.ts';
import type { DaemonOrder } from '../../src/daemon/order.ts';
import { recallOrder, rememberOrder, remembering } from '../../src/daemon/remembered.ts';
import { definition } from '../supervisor/given.ts';

const ORDER: DaemonOrder = {
  project: 'shop',
  directory: '/home/ada',
  files: ['/home/ada/rouse.toml'],
  overlays: [],
  variables: { PORT: '80' },
  stdin: null,
  naming: 'found',
  startedBy: 'up',
  folders: { runtime: '/run/rouse', state: '/var/lib/rouse' },
};

function folder(): { readonly state: string } {
  const state = mkdtempSync(join(tmpdir(), 'rouse-remembered-'));
  onTestFinished(() => rmSync(state, { recursive: true }));
  return { state };
}

const DEFINITIONS: DaemonDefinitions = {
  files: () => ORDER.files,
  first: () => Promise.resolve(definition()),
  again: () => Promise.resolve(definition()),
  load: () => Promise.resolve(definition()),
  look: () => Promise.resolve(definition()),
  parse: () => definition(),
  scale: () => Promise.resolve({ definition: definition(), keep: () => undefined }),
};

test('an order is noted for its owner alone, and recalled as it was', () => {
  const paths = folder();
  rememberOrder(paths, ORDER);
  expect(recallOrder(paths)).toEqual(ORDER);
  expect(statSync(join(paths.state, 'daemon.json')).mode & 0o777).toBe(0o600);
});

test('nothing is recalled where there is no note, or one that is cut off', () => {
  const paths = folder();
  expect(recallOrder(paths)).toBeNull();
  writeFileSync(join(paths.state, 'daemon.json'), '{"project":');
  expect(recallOrder(paths)).toBeNull();
});

test('what is read later takes the place of what was read first', async () => {
  const paths = folder();
  const definitions = remembering(DEFINITIONS, ORDER, { paths, say: () => undefined });
  expect(recallOrder(paths)).toBeNull();
  definitions.remember();
  await definitions.load({ files: ['/srv/shop.toml'], variables: { HOST: 'a' } });
  expect(recallOrder(paths)).toEqual({ ...ORDER, files: ['/srv/shop.toml'], variables: { PORT: '80', HOST: 'a' } });
});

test('that files are watched is remembered for the next daemon', () => {
  const paths = folder();
  remembering(DEFINITIONS, ORDER, { paths, say: () => undefined }).watched('on');
  expect(recallOrder(paths)).toEqual({ ...ORDER, watch: 'on' });
});

test('a folder that cannot be written is said, and keeps nobody from serving', () => {
  const said: string[] = [];
  remembering(DEFINITIONS, ORDER, { paths: { state: '/proc/nothing' }, say: (line) => said.push(line) }).remember();
  expect(said).toEqual([expect.stringMatching(/^cannot note what this daemon reads: /)]);
});

test('a document that was put is remembered until the files are read again, in whatever way', async () => {
  const paths = folder();
  const kept = remembering(DEFINITIONS, ORDER, { paths, say: () => undefined });
  const ways = [
    () => kept.load({ files: ORDER.files }),
    () => kept.again(),
    async () => (await kept.scale('web', 2)).keep(),
  ];
  for (const way of ways) {
    kept.accepted?.({ services: {} });
    expect(recallOrder(paths)).toMatchObject({ document: { services: {} } });
    await way();
    expect(recallOrder(paths)).not.toHaveProperty('document');
  }
});
