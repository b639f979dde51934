// A daemon of root as its users have it, and attackers beside it: bytes on its socket, and programs of a user who is nobody.
// A refusal counts only when nothing has changed by it and, where one is due, a record says so.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { type Socket, connect } from 'node:net';
import { dirname } from 'node:path';
import { connect as connectSafely } from 'node:tls';
import { expect } from 'vitest';
import type { DaemonOrder } from '../../src/daemon/order.ts';
import { type World, until, world } from '../e2e/daemon-world.ts';

/** A number that no user of the machine has. */
export const STRANGER = 61_184;

/** An answer, as bytes gave it. `status` 0: the connection was closed without one. */
export interface Answer {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
  /** The stable code of a refusal, or null. */
  readonly code: string | null;
}

/** What an attack must not have changed. */
interface State {
  readonly services: readonly string[];
  readonly definition: string;
}

/** A world with a daemon that runs as root, whose folders everybody may enter as far as their own modes allow. */
export interface AttackWorld extends AsyncDisposable {
  readonly shop: World;
  /** Sends bytes to the socket of admins, and reads until the other end closes. */
  raw(text: string | Uint8Array): Promise<Answer>;
  ask(method: string, path: string, more?: Partial<Ask>): Promise<Answer>;
  stateOf(): Promise<State>;
  /** Records of the trail, oldest first. */
  records(): readonly Record<string, unknown>[];
  /** The attack is answered with that, and nothing changes; where a record is due, `onRecord` waits for it. */
  refusedWithoutTrace(attack: () => Promise<Answer>, wanted: Wanted): Promise<'refused'>;
  /** Waits until every refusal so far is on record; repeats of ten seconds are one record that counts them. */
  onRecord(): Promise<'on record'>;
}

/** What is sent. `headers` are lines as they go out. */
export interface Ask {
  readonly body: string;
  readonly headers: readonly string[];
  /** Left out: the socket of admins. */
  readonly to: Place;
}

/** Where bytes go: a socket by its path, or a listener on an address; `ca` is the certificate that is believed, for TLS. */
export type Place = string | { readonly host: string; readonly port: number; readonly ca?: string };

/** What differs from a daemon that was told nothing. `at` names folders that are there. */
export interface Given {
  readonly order?: Partial<DaemonOrder>;
  readonly at?: Partial<DaemonOrder['folders']>;
}

/** How an attack is answered. */
export interface Wanted {
  readonly status: number;
  readonly code: string | null;
  readonly recorded: 'denied' | 'no';
}

/** Two services that last, under a daemon that has begun. */
const TWO = `
[services.db]
command = "sleep 1000"
[services.web]
command = "sleep 1000"
depends_on = ["db"]
`;

/** Begins it and brings it up. A text that names its own folders is made from them. */
export async function attackWorld(
  text: string | ((shop: World) => string) = TWO,
  { order = {}, at = {} }: Given = {},
): Promise<AttackWorld> {
  const shop = world(typeof text === 'string' ? text : '', at);
  if (typeof text !== 'string') shop.write(text(shop));
  // What keeps strangers out is to be the daemon's folders, not that of the test run around them.
  for (const folder of [dirname(shop.root), shop.root])
    if ((statSync(folder).mode & 0o001) === 0) chmodSync(folder, 0o711);
  const client = await shop.start(order);
  const change = await client.changes.create({ action: 'up' });
  await until(async () => (await client.changes.get(change.id)).ended_at !== null, 'everything is up');
  const ask: AttackWorld['ask'] = (method, path, { body = '', headers = [], to = shop.paths.socket } = {}) => {
    const typed = body === '' || headers.some((line) => /^content-type:/i.test(line));
    const lines = [
      `${method} ${path} HTTP/1.1`,
      ...(headers.some((line) => /^host:/i.test(line)) ? [] : [`host: ${hostOf(to)}`]),
      ...headers,
      ...(typed ? [] : ['content-type: application/json']),
      ...(body === '' ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
      'connection: close',
    ];
    return exchange(to, `${lines.join('\r\n')}\r\n\r\n${body}`);
  };
  let due = 0;
  const stateOf = async (): Promise<State> => {
    const services = await client.services.list();
    const { definition_hash: definition } = await client.daemon.status();
    return { definition, services: services.map(({ name, phase, pid, run }) => `${name} ${phase} ${pid} ${run}`) };
  };
  const records = (): readonly Record<string, unknown>[] =>
    existsSync(shop.paths.audit)
      ? readFileSync(shop.paths.audit, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
          .map((line): Record<string, unknown> => JSON.parse(line))
      : [];
  return {
    shop,
    ask,
    stateOf,
    records,
    raw: (bytes) => exchange(shop.paths.socket, bytes),
    refusedWithoutTrace: async (attack, { status, code, recorded }) => {
      const before = await stateOf();
      const answer = await attack();
      expect({ status: answer.status, code: answer.code }).toEqual({ status, code });
      expect(await stateOf()).toEqual(before);
      if (recorded === 'denied') due += 1;
      return 'refused';
    },
    onRecord: async () => {
      await expect.poll(() => denialsOf(records()), { timeout: 15_000 }).toBeGreaterThanOrEqual(due);
      return 'on record';
    },
    [Symbol.asyncDispose]: () => shop[Symbol.asyncDispose](),
  };
}

/** Refusals, each sum counted for as many as it stands for. */
function denialsOf(records: readonly Record<string, unknown>[]): number {
  return records
    .filter(({ stage }) => stage === 'denied')
    .map(({ params }) =>
      typeof params === 'object' && params !== null && 'count' in params ? Number(params.count) : 1,
    )
    .reduce((sum, count) => sum + count, 0);
}

/** What a program of the stranger, or of another user, said and how it ended. */
export function asStranger(
  words: readonly string[],
  uid = STRANGER,
  gid = uid,
): { readonly code: number | null; readonly text: string } {
  const drop = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs', '--'];
  const { status, stdout, stderr } = spawnSync('setpriv', [...drop, ...words], { encoding: 'utf8', timeout: 10_000 });
  return { code: status, text: `${stdout}${stderr}` };
}

/** Sends bytes, and reads until the other end closes. */
export function exchange(to: Place, bytes: string | Uint8Array): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const chunks: Buffer[] = [];
  const socket = socketTo(to);
  socket.setTimeout(15_000, () => socket.destroy());
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A refused connection is answered by what came before it; the end of it is told by `close`.
  socket.on('error', () => undefined);
  socket.on('close', () => resolve(answerOf(Buffer.concat(chunks).toString('utf8'))));
  socket.on(typeof to === 'object' && to.ca !== undefined ? 'secureConnect' : 'connect', () => socket.write(bytes));
  return promise;
}

function socketTo(to: Place): Socket {
  if (typeof to === 'string') return connect(to);
  const { host, port, ca } = to;
  return ca === undefined ? connect({ host, port }) : connectSafely({ host, port, ca });
}

const hostOf = (to: Place): string => (typeof to === 'string' ? 'localhost' : `${to.host}:${to.port}`);

function answerOf(text: string): Answer {
  const [headers = '', ...rest] = text.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(headers)?.[1] ?? 0),
    headers,
    body,
    code: /"code":"(RSE\d{4})"/.exec(body)?.[1] ?? null,
  };
}
