// The API of a real daemon over real services: what a fake cannot show.
import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { apiSystem } from '../../src/contract/api-system.ts';
import { apiService } from '../../src/contract/api-service.ts';
import type { StreamedEvent } from '../../src/client/client.ts';
import { type World, until, world } from './daemon-world.ts';

const CHAIN = `
[services.a]
command = "sh -c 'echo a is here; exec sleep 1000'"
settle = "20ms"
[services.b]
command = "sleep 1000"
settle = "20ms"
depends_on = ["a"]
[services.c]
command = "sleep 1000"
settle = "20ms"
depends_on = ["b"]
`;

const FAILING = `
[services.db]
command = "sh -c 'echo no disk >&2; exit 3'"
restart = "no"
settle = "500ms"
[services.web]
command = "sleep 1000"
depends_on = ["db"]
`;

/** A request as curl would make it. */
function ask(shop: World, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: shop.paths.socket, path, headers: { host: '_' } }, (message) => {
      let text = '';
      message.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      message.on('end', () => {
        resolve({ status: message.statusCode ?? 0, text });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the guide', () => {
  test('its list and status come as they stand there, byte for byte', async () => {
    await using shop = world(`
[services.coredns]
description = "CoreDNS DNS server"
start_command = "true"
stop_command = "true"
health_check_endpoint = "http://localhost:53/health"
`);
    await shop.start();
    expect(await ask(shop, '/api/v1/services/list')).toEqual({
      status: 200,
      text:
        '{"success":true,"data":[{"name":"coredns","description":"CoreDNS DNS server","dependencies":[],' +
        '"start_command":"true","stop_command":"true","health_check_endpoint":"http://localhost:53/health"}]}',
    });
    expect(await ask(shop, '/api/v1/services/status')).toEqual({
      status: 200,
      text: '{"success":true,"data":[{"name":"coredns","status":"Stopped"}]}',
    });
  });
});

test('up brings the chain up in order, and what is shown fits the contract', async () => {
  await using shop = world(CHAIN);
  const client = await shop.start();
  const change = await client.changes.create({ action: 'up' }, { waitMs: 20_000 });
  expect(change).toMatchObject({ state: 'done', progress: { done: 3, total: 3 }, by: { via: 'library' } });
  const ready = (await client.events.page({ types: ['service.phase'] })).flatMap((event) =>
    event.type === 'service.phase' && event.to === 'ready' ? [event.service] : [],
  );
  expect(ready).toEqual(['a', 'b', 'c']);
  for (const service of await client.services.list()) expect(apiService.strict().parse(service)).toEqual(service);
  const status = await client.daemon.status();
  expect(apiSystem.strict().parse(status)).toEqual(status);
  const again = await client.changes.create({ action: 'up' });
  expect(again).toMatchObject({ state: 'done' });
});

test('stop with live dependents is refused with their names, and with include stops them first', async () => {
  await using shop = world(CHAIN);
  const client = await shop.start();
  await client.changes.create({ action: 'up' }, { waitMs: 20_000 });
  await expect(client.services.stop('a')).rejects.toMatchObject({ code: 'RSE4005', services: ['b', 'c'] });
  const { id } = await client.services.stop('a', { dependents: 'include' });
  expect(await client.changes.settled(id)).toMatchObject({ state: 'done' });
  expect((await client.services.list()).map(({ phase }) => phase)).toEqual(['stopped', 'stopped', 'stopped']);
});

test('a failed start comes with its last lines, its dependent with the root', async () => {
  await using shop = world(FAILING);
  const client = await shop.start();
  const change = await client.changes.create({ action: 'up' }, { waitMs: 20_000 });
  expect(change).toMatchObject({
    state: 'failed',
    tasks: [
      { service: 'db', state: 'failed', log: ['no disk'] },
      { service: 'web', state: 'failed', root: 'db', log: [] },
    ],
  });
  expect(await client.services.get('web')).toMatchObject({ state: 'blocked', status: 'Stopped', desired: 'up' });
  expect(await client.services.explain('web')).toMatchObject({ service: 'web', root: { service: 'db' } });
});

test('events are told as they happen and resumed by their number', async () => {
  await using shop = world(CHAIN);
  const client = await shop.start();
  const stop = new AbortController();
  const events: StreamedEvent[] = [];
  const following = (async () => {
    for await (const event of client.events.follow({ snapshot: 'first', signal: stop.signal })) {
      events.push(event);
      if (event.type === 'change.done') stop.abort();
    }
  })();
  await until(() => events.length > 0, 'the snapshot is there');
  await client.changes.create({ action: 'up' });
  await following;
  expect(events[0]).toMatchObject({ type: 'snapshot', services: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] });
  const seqs = events.slice(1).flatMap((event) => ('seq' in event ? [event.seq] : []));
  expect(seqs).toEqual(Array.from(seqs, (_, index) => (seqs[0] ?? 0) + index));
  const later = new AbortController();
  const resumed: number[] = [];
  for await (const event of client.events.follow({ sinceSeq: (seqs[0] ?? 0) + 1, signal: later.signal })) {
    if ('seq' in event) resumed.push(event.seq);
    if (resumed.length === seqs.length - 2) later.abort();
  }
  expect(resumed).toEqual(seqs.slice(2));
});

test('logs are read, followed, and given as bytes', async () => {
  await using shop = world(CHAIN);
  const client = await shop.start();
  await client.changes.create({ action: 'up' }, { waitMs: 20_000 });
  await until(async () => (await client.logs.page({ services: ['a'] })).length > 0, 'the line is written');
  expect(await client.logs.page({ services: ['a'] })).toMatchObject([{ service: 'a', run: 1, text: 'a is here' }]);
  expect(Buffer.from(await client.logs.bytes('a', null)).toString()).toBe('a is here\n');
  const stop = new AbortController();
  for await (const line of client.logs.follow({ services: ['a'], signal: stop.signal })) {
    if (line.run === 2) break;
    await client.services.restart('a');
  }
  stop.abort();
});

test('a new definition is taken as a whole: added, changed and removed', async () => {
  await using shop = world(CHAIN);
  const client = await shop.start();
  await client.changes.create({ action: 'up' }, { waitMs: 20_000 });
  shop.write(`${CHAIN.replace('[services.c]\ncommand = "sleep 1000"', '[services.c]\ncommand = "sleep 2000"')}
[services.d]
command = "sleep 1000"
`);
  const applied = await client.definition.load({ files: shop.order.files });
  expect(applied).toMatchObject({ added: ['d'], changed: ['c'], removed: [], unchanged: ['a', 'b'] });
  expect(await client.services.get('c')).toMatchObject({ phase: 'ready', outdated: true });
  shop.write('[services.web]\ncommand = "sleep 1"\ndepends_on = ["nope"]\n');
  await expect(client.definition.load({ files: shop.order.files })).rejects.toMatchObject({ code: 'RSE1203' });
  expect((await client.definition.get()).document.hash).toBe(applied.hash);
});

test('the resolved definition, sent back as it was read, changes nothing', async () => {
  await using shop = world(`
[services.db]
command = ["sh", "-c", "exec sleep 1000", "a b", "$5"]
env = { PORT = "5432", PG_PASSWORD = "hunter2", PRICE = "$\${vars} $$" }
health = { tcp = "localhost:1", interval = "3s", retries = 5 }
ready = { file = "/nonexistent" }
stop = { signal = "SIGINT", timeout = "3s" }
labels = { team = "shop" }
url = "http://localhost:1"
restart = { policy = "always", delay = "1s", max = 3 }
[services.task]
type = "task"
command = "true"
depends_on = { db = { when = "started", optional = true, on_loss = "stop" } }
[services.managed]
start_command = "true"
stop_command = "true"
status_command = "true"
health_check_endpoint = "http://localhost:53/health"
[services.watched]
external = true
health = "tcp://localhost:1"
autostart = false
`);
  const client = await shop.start();
  const { document, etag } = await client.definition.get();
  expect(JSON.stringify(document)).not.toContain('hunter2');
  const applied = await client.definition.put(document.document, etag);
  expect(applied).toMatchObject({ added: [], changed: [], removed: [] });
  await expect(client.definition.put(document.document, '"stale"')).rejects.toMatchObject({ code: 'RSE4012' });
});
