import { describe, expect, test } from 'vitest';
import { Buckets, Failures, RATES, STREAMS_A_TOKEN, Slots } from '../../src/api/rates.ts';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { ask, codeOf, tcpDoor } from './given-door.ts';
import { token } from './fake-access.ts';
import { givenApp } from './given.ts';

const STATUS = '/api/v1/services/status';

test('a bucket gives its burst at once and then evenly, and says how long to wait', () => {
  const clock = new VirtualClock(0);
  const buckets = new Buckets({ perSecond: 10, burst: 3 }, clock);
  const taken = Array.from({ length: 4 }, () => buckets.take('a'));
  expect(taken).toEqual([0, 0, 0, 100]);
  expect(buckets.take('b')).toBe(0);
  clock.advance(100);
  expect([buckets.take('a'), buckets.take('a')]).toEqual([0, 100]);
  clock.advance(60_000);
  expect(Array.from({ length: 4 }, () => buckets.take('a'))).toEqual([0, 0, 0, 100]);
});

test('what is remembered of those who ask is bounded, however many they are', () => {
  const clock = new VirtualClock(0);
  const buckets = new Buckets(RATES.requests, clock);
  const failures = new Failures(clock);
  for (let count = 0; count < 5000; count += 1) {
    buckets.take(String(count));
    failures.count(String(count));
  }
  expect([buckets.size, failures.size]).toEqual([1024, 1024]);
});

test('a slot that is given back twice counts once', () => {
  const slots = new Slots();
  const taken = Array.from({ length: STREAMS_A_TOKEN }, () => slots.take('a'));
  expect([taken.includes(null), slots.take('a'), slots.take('b')]).toEqual([false, null, expect.anything()]);
  taken[0]?.[Symbol.dispose]();
  taken[0]?.[Symbol.dispose]();
  expect([slots.take('a'), slots.take('a')]).toEqual([expect.anything(), null]);
});

describe('a token', () => {
  test('asks a hundred times at once and fifty times a second, and another as often', async () => {
    const { app, clock } = givenApp(tcpDoor());
    const statuses: number[] = [];
    for (let count = 0; count < 101; count += 1) statuses.push((await ask(app, STATUS, { token: 'viewer' })).status);
    expect([statuses.filter((status) => status === 200).length, statuses.at(-1)]).toEqual([100, 429]);
    const late = await ask(app, '/nothing', { token: 'viewer' });
    expect([late.status, late.headers.get('retry-after'), await codeOf(late)]).toEqual([429, '1', 'RSE4115']);
    expect((await ask(app, STATUS, { token: 'admin' })).status).toBe(200);
    clock.advance(1000);
    let count = 0;
    while ((await ask(app, STATUS, { token: 'viewer' })).status === 200) count += 1;
    expect(count).toBe(50);
  });

  test('gives ten orders a second, and may still look', async () => {
    const { app } = givenApp(tcpDoor());
    const order = { method: 'POST', token: 'operator', body: { action: 'start', services: ['web'] } };
    const statuses: number[] = [];
    for (let count = 0; count < 11; count += 1) statuses.push((await ask(app, '/api/v1/changes', order)).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 202), 429]);
    expect((await ask(app, STATUS, { token: 'operator' })).status).toBe(200);
  });

  test('holds 32 streams, and another one when one of them has gone', async () => {
    const given = givenApp(tcpDoor());
    given.tokens.known = [token('viewer'), token('viewer', { id: 'tok_other', name: 'other' })];
    const open = (name: string): Promise<Response> =>
      ask(given.app, '/api/v1/events', { token: name, headers: { accept: 'application/x-ndjson' } });
    const streams: Response[] = [];
    for (let count = 0; count < STREAMS_A_TOKEN; count += 1) streams.push(await open('viewer'));
    expect(streams.every(({ status }) => status === 200)).toBe(true);
    const refused = await open('viewer');
    expect([refused.status, await codeOf(refused)]).toEqual([429, 'RSE4117']);
    expect((await open('other')).status).toBe(200);
    await streams[3]?.body?.cancel();
    expect((await open('viewer')).status).toBe(200);
    given.ending.abort();
  });
});

test('whoever comes by a socket is held to no rate', async () => {
  const given = givenApp();
  for (let count = 0; count < 300; count += 1) expect((await given.get(STATUS)).status).toBe(200);
});
