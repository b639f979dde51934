import { chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { transportTo } from '../../src/client/socket.ts';
import type { Transport } from '../../src/client/transport.ts';
import { givenClient } from './given.ts';

const ask = (transport: Transport): ReturnType<Transport> =>
  transport({
    method: 'GET',
    path: '/healthz',
    headers: {},
    body: null,
    signal: new AbortController().signal,
  });

const refusalOf = async (transport: Transport): Promise<unknown> => {
  try {
    await ask(transport);
  } catch (error) {
    return error;
  }
  return 'not refused';
};

test('what is not a socket is not spoken to, a link to one neither', async () => {
  await using given = await givenClient();
  const folder = mkdtempSync(join(tmpdir(), 'rouse-file-'));
  writeFileSync(join(folder, 'file'), '');
  symlinkSync(given.socketPath, join(folder, 'link'));
  for (const name of ['file', 'link'])
    expect(await refusalOf(transportTo({ socketPath: join(folder, name) }))).toMatchObject({
      code: 'RSE3002',
      message: `cannot use "${join(folder, name)}": it is not a socket`,
    });
  rmSync(folder, { recursive: true });
});

// breaks tests: only root can give a socket away; for anybody else the rule cannot be broken by a test.
test.runIf(process.getuid?.() === 0)('a socket of another user is not spoken to', async () => {
  await using given = await givenClient();
  let asked = 0;
  given.server.on('connection', () => {
    asked += 1;
  });
  chownSync(given.socketPath, 12_345, 12_345);
  expect(await refusalOf(transportTo({ socketPath: given.socketPath }))).toMatchObject({
    code: 'RSE3002',
    message: `cannot use "${given.socketPath}": it belongs to user 12345`,
  });
  expect(asked).toBe(0);
});

test('a dead socket is told as nobody', async () => {
  await using given = await givenClient();
  await given.drop();
  expect(await refusalOf(transportTo({ socketPath: given.socketPath }))).toMatchObject({ code: 'RSE3001' });
});

test('a reader that leaves the body early closes the connection', async () => {
  await using given = await givenClient();
  using transport = transportTo({ socketPath: given.socketPath });
  const closed = new Promise<void>((resolve) => {
    given.server.on('connection', (socket) => {
      socket.on('close', () => {
        resolve();
      });
    });
  });
  const { body } = await transport({
    method: 'GET',
    path: '/api/v1/events',
    headers: { accept: 'text/event-stream' },
    body: null,
    signal: new AbortController().signal,
  });
  for await (const chunk of body) {
    expect(new TextDecoder().decode(chunk)).toBe('retry: 2000\n\n');
    break;
  }
  await closed;
});
