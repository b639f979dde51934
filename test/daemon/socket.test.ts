import { existsSync, lstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listenOn, stateOf } from '../../src/daemon/socket.ts';

let root = '';
let path = '';
const servers: Server[] = [];

const server = (): Server => {
  const made = createServer();
  servers.push(made);
  return made;
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rouse-socket-'));
  path = join(root, 'admin.sock');
});
afterEach(() => {
  for (const each of servers.splice(0)) each.close();
  rmSync(root, { recursive: true });
});

/** What a killed daemon leaves: a bound socket that nobody listens on. */
async function leaveDead(): Promise<void> {
  const gone = server();
  await listenOn(gone, path);
  // Closing removes the file; a killed process does not close.
  const { renameSync } = await import('node:fs');
  renameSync(path, `${path}.kept`);
  await new Promise((resolve) => {
    gone.close(resolve);
  });
  renameSync(`${path}.kept`, path);
}

test.for([0o000, 0o022, 0o777])('the socket is for its owner alone under the mask %o, which is kept', async (mask) => {
  const before = process.umask(mask);
  try {
    await listenOn(server(), path);
    expect(process.umask()).toBe(mask);
  } finally {
    process.umask(before);
  }
  expect(lstatSync(path).mode & 0o777).toBe(0o600);
});

test('a socket that nobody listens on any more is replaced', async () => {
  await leaveDead();
  expect(await stateOf(path)).toBe('dead');
  await listenOn(server(), path);
  expect(await stateOf(path)).toBe('listening');
});

test('a socket that somebody answers on is left alone', async () => {
  await listenOn(server(), path);
  await expect(listenOn(server(), path)).rejects.toMatchObject({ code: 'RSE4015' });
  expect(await stateOf(path)).toBe('listening');
});

test('what is no socket is left alone', async () => {
  writeFileSync(path, 'mine');
  expect(await stateOf(path)).toBe('foreign');
  await expect(listenOn(server(), path)).rejects.toMatchObject({ code: 'RSE3006' });
  expect(existsSync(path)).toBe(true);
});

test('where there is nothing, nothing is found', async () => {
  expect(await stateOf(path)).toBe('absent');
  expect(await stateOf(join(root, 'a/b'))).toBe('absent');
});

test('a folder that is missing is said', async () => {
  await expect(listenOn(server(), join(root, 'a/admin.sock'))).rejects.toMatchObject({ code: 'RSE3003' });
});
