// A client that speaks over a real socket to the real API over a fake supervisor.
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADMIN_DOOR } from '../../src/api/door.ts';
import { createApiServer } from '../../src/api/server.ts';
import { type Client, createClient } from '../../src/client/client.ts';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { givenParts } from '../api/given.ts';

export type Parts = ReturnType<typeof givenParts>;

export interface GivenClient extends AsyncDisposable, Parts {
  readonly client: Client;
  readonly socketPath: string;
  readonly server: Server;
  /** The client's own time. */
  readonly time: VirtualClock;
  /** Listens again on the same path after `drop`. */
  restart(): Promise<void>;
  /** Cuts every connection and stops listening. */
  drop(): Promise<void>;
}

export async function givenClient(): Promise<GivenClient> {
  const folder = mkdtempSync(join(tmpdir(), 'rouse-client-'));
  const socketPath = join(folder, 'a.sock');
  const given = givenParts();
  let api = createApiServer(given.parts, ADMIN_DOOR);
  const listen = (): Promise<void> =>
    new Promise((resolve) => {
      api.server.listen(socketPath, resolve);
    });
  await listen();
  const time = new VirtualClock();
  const client = createClient({ socketPath, clock: time, via: 'cli' });
  const drop = async (): Promise<void> => {
    const closed = api.close();
    api.server.closeAllConnections();
    await closed;
  };
  return {
    ...given,
    client,
    socketPath,
    server: api.server,
    time,
    drop,
    restart: async () => {
      api = createApiServer(given.parts, ADMIN_DOOR);
      await listen();
    },
    [Symbol.asyncDispose]: async () => {
      given.ending.abort();
      client[Symbol.dispose]();
      await drop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Lets the client's time pass, `stepMs` a turn, until the promise settles. */
export async function withTime<T>(given: GivenClient, promise: Promise<T>, stepMs = 200): Promise<T> {
  const watched = { state: 'pending' };
  const settle = (): void => {
    watched.state = 'settled';
  };
  promise.then(settle, settle);
  while (watched.state === 'pending') {
    given.time.advance(stepMs);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  return promise;
}
