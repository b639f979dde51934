import { describe, expect, test } from 'vitest';
import { pass } from '../../src/probe/kind.ts';
import { fakeWorld, httpTarget, settled, subject } from './fake-world.ts';

const NEVER = new AbortController().signal;

describe('the first question', () => {
  test('is asked at once, and never inside the call that watches', async () => {
    const world = fakeWorld();
    world.prober.watch(subject('web'));
    expect(world.asked).toEqual([]);
    await world.pass(0);
    expect(world.moments()).toEqual([0]);
  });

  test('of ten thousand services is on its way within a second though few may be asked at once', async () => {
    const world = fakeWorld();
    world.answering = () => pass('fine');
    for (let number = 0; number < 10_000; number += 1) world.prober.watch(subject(`s${number}`));
    await world.pass(0);
    for (let turn = 0; turn < 200 && world.told.length < 10_000; turn += 1) await settled();
    expect(new Set(world.told.map(({ service }) => service)).size).toBe(10_000);
    expect(world.clock.monotonic()).toBe(0);
  });
});

describe('an answer', () => {
  test('is told with its run, question, time, latency and evidence', async () => {
    const world = fakeWorld();
    world.prober.watch(subject('web', { run: 3, question: 'liveness' }));
    await world.pass(0);
    world.clock.advance(7);
    await world.asked[0]?.pass('200 OK in 7 ms');
    expect(world.told).toEqual([
      {
        service: 'web',
        run: 3,
        question: 'liveness',
        at: world.clock.now(),
        answer: 'pass',
        latencyMs: 7,
        message: '200 OK in 7 ms',
      },
    ]);
  });

  test('that breaks is a failure in words', async () => {
    const world = fakeWorld();
    world.prober.watch(subject('web'));
    await world.pass(0);
    await world.asked[0]?.break(Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }));
    expect(world.told.map(({ answer, message }) => [answer, message])).toEqual([['fail', 'connection refused']]);
  });

  test('that does not come in time is a failure, and the question is aborted', async () => {
    const world = fakeWorld();
    world.prober.watch(subject('web', { of: { timeoutMs: 2000 } }));
    await world.pass(1999);
    expect([world.told, world.asked[0]?.signal.aborted]).toEqual([[], false]);
    await world.pass(1);
    expect(world.told.map(({ answer, message, latencyMs }) => [answer, message, latencyMs])).toEqual([
      ['fail', 'no answer in 2s', 2000],
    ]);
    expect(world.asked[0]?.signal.aborted).toBe(true);
  });

  test('that comes after its time is ignored', async () => {
    const world = fakeWorld();
    world.prober.watch(subject('web'));
    await world.pass(2000);
    await world.asked[0]?.pass();
    expect(world.told.map(({ answer }) => answer)).toEqual(['fail']);
    expect(world.prober.checks('web')[0]?.results.length).toBe(1);
  });

  test('of an earlier run is not told as one of the next', async () => {
    const world = fakeWorld();
    world.prober.watch(subject('web', { run: 1 }));
    await world.pass(10);
    world.prober.watch(subject('web', { run: 2 }));
    await world.pass(0);
    expect(world.asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    await world.asked[0]?.pass('of the first run');
    await world.asked[1]?.fail('of the second run');
    expect(world.told.map(({ run, message }) => [run, message])).toEqual([[2, 'of the second run']]);
  });
});

describe('a check', () => {
  test('is asked again at its interval', async () => {
    const world = fakeWorld();
    world.answering = () => pass('fine');
    world.prober.watch(subject('web'));
    await world.pass(60_000);
    const [first = -1, ...rest] = world.moments();
    expect(first).toBe(0);
    expect(rest[0]).toBeGreaterThanOrEqual(5000);
    expect(rest[0]).toBeLessThanOrEqual(15_010);
    expect(rest.slice(1).map((at, index) => Math.round(at - (rest[index] ?? 0)))).toEqual(
      rest.slice(1).map(() => 10_000),
    );
    expect(rest.length).toBeGreaterThanOrEqual(5);
  });

  test('is never asked while an earlier question of it is on its way', async () => {
    const world = fakeWorld();
    world.prober.watch(subject('web', { of: { intervalMs: 100, timeoutMs: 60_000 } }));
    await world.pass(5000);
    world.prober.watch(subject('web', { cadence: 'starting', of: { intervalMs: 100, timeoutMs: 60_000 } }));
    await world.pass(5000);
    expect(world.asked.length).toBe(1);
    await world.asked[0]?.pass();
    await world.pass(0);
    expect(world.asked.length).toBe(2);
  });

  test('whose question does not end fails again at each interval and is not asked beside it', async () => {
    const world = fakeWorld();
    world.prober.watch(subject('web', { of: { intervalMs: 1000, timeoutMs: 500 } }));
    await world.pass(4000);
    expect(world.asked.length).toBe(1);
    const messages = world.told.map(({ message }) => message);
    expect(messages[0]).toBe('no answer in 500ms');
    expect(messages.slice(1)).toEqual(messages.slice(1).map(() => 'the question before has not ended yet'));
    expect(messages.length).toBeGreaterThanOrEqual(4);
    await world.asked[0]?.fail('too late');
    await world.pass(1000);
    expect(world.asked.length).toBe(2);
  });

  test('keeps its last twenty answers, newest last', async () => {
    const world = fakeWorld();
    let number = 0;
    world.answering = () => pass(`answer ${(number += 1)}`);
    world.prober.watch(subject('web', { of: { intervalMs: 1000 } }));
    await world.pass(30_000);
    const [check] = world.prober.checks('web');
    expect(check?.results.length).toBe(20);
    expect(check?.results.at(-1)?.message).toBe(`answer ${number}`);
    expect(check?.results[0]?.message).toBe(`answer ${number - 19}`);
    expect(check).toMatchObject({ run: 1, question: 'health', target: 'GET http://web/', intervalMs: 1000 });
  });

  test('that is watched again as it is goes on as it was', async () => {
    const world = fakeWorld();
    world.prober.watch(subject('web'));
    await world.pass(0);
    await world.asked[0]?.pass();
    world.prober.watch(subject('web'));
    await world.pass(1000);
    expect(world.asked.length).toBe(1);
  });

  test('is asked at once when its cadence changes, and at the new interval from then on', async () => {
    const world = fakeWorld();
    world.answering = () => pass('fine');
    world.prober.watch(subject('web', { cadence: 'starting', of: { startIntervalMs: 20_000, intervalMs: 1000 } }));
    await world.pass(100);
    expect(world.moments()).toEqual([0]);
    world.prober.watch(subject('web', { cadence: 'running', of: { startIntervalMs: 20_000, intervalMs: 1000 } }));
    await world.pass(5000);
    expect(world.moments()[1]).toBe(100);
    expect(world.moments().length).toBeGreaterThanOrEqual(6);
    expect(world.prober.checks('web').map(({ intervalMs }) => intervalMs)).toEqual([1000]);
  });

  test('of a starting service is asked quickly at first where that costs little, until it passes', async () => {
    const world = fakeWorld();
    world.price = 'cheap';
    world.prober.watch(subject('web', { cadence: 'starting', of: { startIntervalMs: 500 } }));
    for (let round = 0; round < 6; round += 1) {
      await world.pass(0);
      await world.asked[round]?.fail();
      await world.pass(round < 4 ? 25 * 2 ** round : 750);
    }
    const moments = world.moments();
    expect(moments.slice(0, 5)).toEqual([0, 25, 75, 175, 375]);
    expect(moments.length).toBe(7);
  });

  test('that starts a program is asked at its cadence from the beginning', async () => {
    const world = fakeWorld();
    world.price = 'dear';
    world.prober.watch(subject('web', { cadence: 'starting', of: { startIntervalMs: 500 } }));
    await world.pass(0);
    await world.asked[0]?.fail();
    await world.pass(249);
    expect(world.asked.length).toBe(1);
    await world.pass(511);
    expect(world.asked.length).toBe(2);
  });
});

describe('many checks', () => {
  test('spread over their interval', async () => {
    const world = fakeWorld();
    world.answering = () => pass('fine');
    for (let number = 0; number < 1000; number += 1) world.prober.watch(subject(`s${number}`));
    await world.pass(20_000);
    await world.pass(10_000);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const at of world.moments().filter((moment) => moment >= 20_000)) {
      const tenth = Math.min(9, Math.floor((at - 20_000) / 1000));
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(tenths.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(990);
    for (const count of tenths) expect(count).toBeGreaterThan(60);
  });

  test('are asked by one timer that wakes at most a hundred times a second', async () => {
    const world = fakeWorld();
    world.answering = () => pass('fine');
    for (let number = 0; number < 3000; number += 1)
      world.prober.watch(subject(`s${number}`, { of: { intervalMs: 1000 } }));
    await world.pass(2000);
    const before = new Set(world.moments()).size;
    await world.pass(1000);
    expect(new Set(world.moments()).size - before).toBeLessThanOrEqual(101);
    expect(world.clock.pending()).toBeLessThanOrEqual(1);
  });

  test('are under way up to the bound and no further', async () => {
    const world = fakeWorld({ concurrency: 3 });
    for (let number = 0; number < 10; number += 1) world.prober.watch(subject(`s${number}`));
    await world.pass(0);
    expect(world.asked.length).toBe(3);
    await world.asked[1]?.pass();
    expect(world.asked.map(({ url }) => url)).toEqual(['http://s0/', 'http://s1/', 'http://s2/', 'http://s3/']);
    // The rest gives its place up when its time is over.
    await world.pass(2000);
    expect(world.asked.length).toBe(7);
  });

  test('do not lose their time while they queue', async () => {
    const world = fakeWorld({ concurrency: 1 });
    world.prober.watch(subject('slow', { of: { timeoutMs: 3000 } }));
    world.prober.watch(subject('quick', { of: { timeoutMs: 500 } }));
    await world.pass(2900);
    await world.asked[0]?.pass();
    await world.pass(400);
    await world.asked[1]?.pass('in time');
    expect(world.told.map(({ message }) => message)).toEqual(['fine', 'in time']);
  });
});

describe('equal questions', () => {
  const same = { of: { target: httpTarget('http://shared/') } };

  test('are asked once, and the answer is told for each', async () => {
    const world = fakeWorld();
    for (const name of ['a', 'b', 'c']) world.prober.watch(subject(name, same));
    await world.pass(0);
    expect(world.asked.length).toBe(1);
    await world.asked[0]?.pass();
    expect(world.told.map(({ service }) => service)).toEqual(['a', 'b', 'c']);
  });

  test('with intervals that are multiples fall on the same moments', async () => {
    const world = fakeWorld();
    world.answering = () => pass('fine');
    world.prober.watch(subject('often', { of: { ...same.of, intervalMs: 1000 } }));
    await world.pass(300);
    world.prober.watch(subject('rarely', { of: { ...same.of, intervalMs: 5000 } }));
    await world.pass(20_000);
    const [often, rarely] = ['often', 'rarely'].map((name) => world.told.filter(({ service }) => service === name));
    expect(rarely?.length).toBeGreaterThanOrEqual(4);
    expect(world.asked.length).toBe((often?.length ?? 0) + 1);
  });

  test('with other headers are other questions', async () => {
    const world = fakeWorld();
    const target = { ...httpTarget('http://shared/'), headers: { accept: 'text/plain' } };
    world.prober.watch(subject('a', same));
    world.prober.watch(subject('b', { of: { target: { ...httpTarget('http://shared/'), ...target } } }));
    await world.pass(0);
    expect(world.asked.length).toBe(2);
  });

  test('are not shared with a run that began after the question was asked', async () => {
    const world = fakeWorld();
    world.prober.watch(subject('a', same));
    await world.pass(100);
    world.prober.watch(subject('b', same));
    await world.pass(0);
    expect(world.asked.length).toBe(2);
    await world.asked[0]?.pass('asked before b ran');
    expect(world.told.map(({ service }) => service)).toEqual(['a']);
    await world.asked[1]?.pass('asked after');
    expect(world.told.map(({ service, message }) => [service, message])).toEqual([
      ['a', 'asked before b ran'],
      ['b', 'asked after'],
    ]);
  });

  test('go on for the others when one service is forgotten', async () => {
    const world = fakeWorld();
    for (const name of ['a', 'b']) world.prober.watch(subject(name, same));
    await world.pass(0);
    world.prober.forget('a');
    expect(world.asked[0]?.signal.aborted).toBe(false);
    await world.asked[0]?.pass();
    expect(world.told.map(({ service }) => service)).toEqual(['b']);
    expect(world.closed).toEqual([]);
  });
});

describe('a question that tells when its answer changes', () => {
  test('is asked again when it says so', async () => {
    const world = fakeWorld();
    world.isWatching = true;
    world.answering = () => pass('fine');
    world.prober.watch(subject('web'));
    await world.pass(2000);
    world.wake('http://web/');
    await world.pass(0);
    expect(world.moments()).toEqual([0, 2000]);
  });

  test('is asked rarely once its answer has been given as often as the threshold wants', async () => {
    const world = fakeWorld();
    world.isWatching = true;
    world.prober.watch(subject('web', { of: { failureThreshold: 3, intervalMs: 1000 } }));
    for (let round = 0; round < 4; round += 1) {
      await world.pass(round === 0 ? 0 : 1520);
      await world.asked[round]?.fail();
    }
    expect(world.asked.length).toBe(3);
    const third = world.asked[2]?.at ?? 0;
    await world.pass(40_000);
    expect(world.asked.length).toBe(4);
    expect((world.asked[3]?.at ?? 0) - third).toBeGreaterThanOrEqual(30_000);
  });

  test('is asked once more when it changes while it is asked', async () => {
    const world = fakeWorld();
    world.isWatching = true;
    world.prober.watch(subject('web'));
    await world.pass(0);
    world.wake('http://web/');
    await world.asked[0]?.fail('as it was');
    await world.pass(0);
    await world.asked[1]?.pass('as it is');
    expect(world.told.map(({ message }) => message)).toEqual(['as it was', 'as it is']);
  });
});

describe('a forgotten service', () => {
  test('is asked no more, and what is on its way is aborted and not told', async () => {
    const world = fakeWorld();
    world.prober.watch(subject('web'));
    await world.pass(0);
    world.prober.forget('web');
    expect(world.asked[0]?.signal.aborted).toBe(true);
    await world.asked[0]?.pass();
    await world.pass(60_000);
    expect([world.told, world.asked.length, world.clock.pending(), world.closed]).toEqual([[], 1, 0, ['http://web/']]);
  });

  test('keeps its last answers until its next run', async () => {
    const world = fakeWorld();
    world.answering = () => pass('of the first run');
    world.prober.watch(subject('web'));
    await world.pass(0);
    world.prober.forget('web');
    expect(world.prober.checks('web')[0]?.results.map(({ message }) => message)).toEqual(['of the first run']);
    world.prober.watch(subject('web', { run: 2, question: 'readiness' }));
    expect(world.prober.checks('web').map(({ run, question, results }) => [run, question, results])).toEqual([
      [2, 'readiness', []],
    ]);
  });

  test('that was never watched is nothing to forget', () => {
    const world = fakeWorld();
    world.prober.forget('web');
    expect(world.prober.checks('web')).toEqual([]);
  });
});

describe('asking on demand', () => {
  test('asks at once, tells and resolves', async () => {
    const world = fakeWorld();
    world.answering = () => pass('fine');
    world.prober.watch(subject('web'));
    await world.pass(3000);
    const result = world.prober.ask(subject('web'), NEVER);
    await world.pass(0);
    await expect(result).resolves.toMatchObject({ answer: 'pass', message: 'fine' });
    expect(world.moments()).toEqual([0, 3000]);
    expect([world.told.length, world.prober.checks('web')[0]?.results.length]).toEqual([2, 2]);
  });

  test('about a service that nobody watches leaves nothing behind', async () => {
    const world = fakeWorld();
    world.answering = () => pass('fine');
    const result = world.prober.ask(subject('web'), NEVER);
    await world.pass(0);
    await expect(result).resolves.toMatchObject({ answer: 'pass' });
    await world.pass(60_000);
    expect([world.asked.length, world.told.length, world.closed]).toEqual([1, 1, ['http://web/']]);
    expect(world.prober.checks('web')).toEqual([]);
  });

  test('takes the answer that is on its way', async () => {
    const world = fakeWorld();
    world.prober.watch(subject('web'));
    await world.pass(100);
    const results = [world.prober.ask(subject('web'), NEVER), world.prober.ask(subject('web'), NEVER)];
    await world.pass(0);
    expect(world.asked.length).toBe(1);
    await world.asked[0]?.pass();
    expect((await Promise.all(results)).map(({ answer }) => answer)).toEqual(['pass', 'pass']);
    expect(world.told.length).toBe(1);
  });

  test('many times at once asks once, watched or not', async () => {
    const world = fakeWorld();
    const results: Promise<unknown>[] = [];
    for (let call = 0; call < 20; call += 1) {
      results.push(world.prober.ask(subject('web'), NEVER));
      await world.pass(10);
    }
    expect(world.asked.length).toBe(1);
    await world.asked[0]?.pass();
    expect((await Promise.all(results)).length).toBe(20);
  });

  test('rejects with the reason when it is aborted, and ends the question', async () => {
    const world = fakeWorld();
    const abort = new AbortController();
    const result = world.prober.ask(subject('web'), abort.signal);
    await world.pass(0);
    abort.abort(new Error('enough'));
    await expect(result).rejects.toThrow('enough');
    expect(world.asked[0]?.signal.aborted).toBe(true);
    await expect(world.prober.ask(subject('web'), abort.signal)).rejects.toThrow('enough');
  });

  test('resolves when the service is forgotten meanwhile', async () => {
    const world = fakeWorld();
    world.prober.watch(subject('web'));
    const result = world.prober.ask(subject('web'), NEVER);
    world.prober.forget('web');
    await expect(result).resolves.toMatchObject({ answer: 'fail', message: 'it is not asked any more' });
    expect(world.told).toEqual([]);
  });
});

describe('a disposed prober', () => {
  test('ends every question, awaits the end, and leaves no timer', async () => {
    const world = fakeWorld();
    for (const name of ['a', 'b']) world.prober.watch(subject(name));
    await world.pass(0);
    const order: string[] = [];
    const disposal = world.prober[Symbol.asyncDispose]().then(() => order.push('disposed'));
    expect(world.asked.every(({ signal }) => signal.aborted)).toBe(true);
    await settled();
    order.push('ended');
    for (const one of world.asked) await one.fail();
    await disposal;
    expect([order, world.told, world.clock.pending()]).toEqual([['ended', 'disposed'], [], 0]);
  });

  test('asks nothing more', async () => {
    const world = fakeWorld();
    await world.prober[Symbol.asyncDispose]();
    world.prober.watch(subject('web'));
    await expect(world.prober.ask(subject('web'), NEVER)).resolves.toMatchObject({
      answer: 'fail',
      message: 'it is not asked any more',
    });
    await world.pass(60_000);
    expect([world.asked, world.told, world.clock.pending()]).toEqual([[], [], 0]);
  });

  test('does not wait for ever', async () => {
    const world = fakeWorld();
    world.prober.watch(subject('web'));
    await world.pass(0);
    const disposal = world.prober[Symbol.asyncDispose]();
    await world.pass(5000);
    await expect(disposal).resolves.toBeUndefined();
  });
});
