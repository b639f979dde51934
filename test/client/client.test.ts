import { expect, test } from 'vitest';
import { createClient } from '../../src/client/client.ts';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { ConflictError, ConnectionError, DefinitionError, NotFoundError } from '../../src/model/errors.ts';
import { change, liveDependents } from '../api/fake-supervisor.ts';
import { givenClient } from './given.ts';

test('every noun is read over the socket', async () => {
  await using given = await givenClient();
  const { client } = given;
  given.supervisor.known = [change('3', { state: 'done', endedAt: 5 })];
  expect((await client.services.list()).map(({ name }) => name)).toEqual(['db', 'web']);
  expect(await client.services.get('web')).toMatchObject({ name: 'web', phase: 'ready' });
  expect(await client.services.health('web', 'last')).toMatchObject({ message: '200 OK' });
  expect(await client.services.health('web', 'ask')).toMatchObject({ message: 'asked now' });
  expect(await client.services.explain('web')).toMatchObject({ text: 'it is ready' });
  expect(await client.services.checks('web')).toMatchObject([{ question: 'health' }]);
  expect(await client.services.impact('db')).toEqual(['web']);
  expect(await client.services.listed()).toMatchObject([{ name: 'db', start_command: 'run db' }, { name: 'web' }]);
  expect(await client.services.statuses()).toMatchObject([{ status: 'Running' }, { status: 'Running' }]);
  expect(await client.changes.list('all')).toMatchObject([{ id: '3' }]);
  expect(await client.changes.get('3')).toMatchObject({ state: 'done' });
  expect(await client.plans.graph()).toMatchObject({ services: ['db', 'web'] });
  expect(await client.plans.plan({ action: 'up', services: ['web'] })).toMatchObject({ order: ['web'] });
  expect(await client.daemon.status()).toMatchObject({ project: 'shop', pid: 4711 });
});

test('an order is given with its options, by the face that the client speaks for', async () => {
  await using given = await givenClient();
  await given.client.changes.create({ action: 'stop', services: ['db'], options: { dependents: 'include' } });
  await given.client.services.start('web', { dependencies: 'alone' });
  expect(given.supervisor.asked).toMatchObject([
    { action: 'stop', services: ['db'], dependents: 'include', by: { via: 'cli' } },
    { action: 'start', services: ['web'], dependencies: 'alone' },
  ]);
});

test('signals, pins and launches go to the services that are named', async () => {
  await using given = await givenClient();
  const { services } = given.client;
  expect(await services.signal('web', { signal: 'SIGHUP', scope: 'tree' })).toMatchObject({ name: 'web' });
  expect(given.supervisor.signals).toEqual(['web SIGHUP tree']);
  expect(await services.pin({ services: ['db'], pin: 'up' })).toMatchObject([{ name: 'db', pin: 'up' }]);
  expect(await services.launch('web', { command: ['ls'], arguments: ['-l'] })).toMatchObject({
    args: ['-l'],
    cwd: '/p',
  });
  await expect(services.launch('none', {})).rejects.toThrow(NotFoundError);
});

test('a change is waited for until it has ended', async () => {
  await using given = await givenClient();
  const { id } = await given.client.changes.create({ action: 'up' });
  const settled = given.client.changes.settled(id);
  const other = given.client.changes.settled(id);
  await given.client.daemon.status();
  given.supervisor.endChange(id);
  expect([await settled, await other]).toMatchObject([{ state: 'done' }, { state: 'done' }]);
});

test('waiting for a change ends with the reason of its signal', async () => {
  await using given = await givenClient();
  const { id } = await given.client.changes.create({ action: 'up' });
  const leave = new AbortController();
  const settled = given.client.changes.settled(id, leave.signal);
  leave.abort(new Error('no patience'));
  await expect(settled).rejects.toThrow('no patience');
});

test('a refusal is thrown in the class of the library, with what it carries', async () => {
  await using given = await givenClient();
  const unknown = given.client.services.get('nope');
  await expect(unknown).rejects.toBeInstanceOf(NotFoundError);
  await expect(unknown).rejects.toMatchObject({ code: 'RSE4001', message: expect.stringContaining('nope') as string });
  given.supervisor.refuse = liveDependents();
  const stop = given.client.services.stop('db');
  await expect(stop).rejects.toBeInstanceOf(ConflictError);
  await expect(stop).rejects.toMatchObject({ code: 'RSE4005', service: 'db', services: ['web'] });
  const sound = given.client.definition.validate([]);
  await expect(sound).rejects.toBeInstanceOf(DefinitionError);
  await expect(sound).rejects.toMatchObject({ issues: [{ code: 'RSE1103', path: ['services'] }] });
});

test('the definition is read, replaced by its ETag, and loaded again', async () => {
  await using given = await givenClient();
  const { document, etag } = await given.client.definition.get();
  expect([document.name, etag]).toEqual(['shop', '"abc"']);
  const next = { name: 'shop', services: { web: {} } };
  await expect(given.client.definition.put(next, '"old"')).rejects.toMatchObject({ code: 'RSE4012' });
  expect(await given.client.definition.put(next, etag)).toMatchObject({ hash: 'def', added: ['new'] });
  expect(await given.client.definition.load({ files: ['/p/rouse.toml'] })).toMatchObject({ hash: 'loaded' });
  await expect(given.client.definition.load({ files: ['/q/rouse.toml'] })).rejects.toMatchObject({ code: 'RSE4010' });
});

test('nobody on the socket is told as such, with the way out', async () => {
  const client = createClient({ socketPath: '/nonexistent/rouse/admin.sock', clock: new VirtualClock() });
  const status = client.daemon.status();
  await expect(status).rejects.toBeInstanceOf(ConnectionError);
  await expect(status).rejects.toMatchObject({ code: 'RSE3001', hint: 'bring the project up: rouse up' });
});

test('a client of an address speaks to it, and to nothing but http', async () => {
  await using given = await givenClient();
  await given.drop();
  await new Promise<void>((resolve) => {
    given.server.listen(0, '127.0.0.1', resolve);
  });
  const address = given.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const baseUrl = `http://127.0.0.1:${address.port}`;
  using client = createClient({ baseUrl, clock: given.time });
  expect(await client.daemon.status()).toMatchObject({ project: 'shop' });
  client[Symbol.dispose]();
  await new Promise((resolve) => {
    given.server.close(resolve);
    given.server.closeAllConnections();
  });
  using other = createClient({ baseUrl: 'ftp://localhost', clock: given.time });
  await expect(other.daemon.status()).rejects.toMatchObject({ code: 'RSE3002' });
});
