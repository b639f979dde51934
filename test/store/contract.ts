// What every store promises, as one suite that each of them runs.
import { expect, test } from 'vitest';
import type { Change } from '../../src/model/change.ts';
import type { ProjectRecord, RecordBody } from '../../src/model/record.ts';
import { type Service, newService } from '../../src/model/service.ts';
import type { Spec } from '../../src/model/spec.ts';
import type { Batch, EventStore, RecordQuery } from '../../src/ports/event-store.ts';
import type { Retention } from '../../src/store/retention.ts';
import { PLAIN } from '../../src/model/spec.ts';

export const EMPTY: Batch = { records: [], services: [], changes: [] };
export const ALL: RecordQuery = { sinceSeq: 0, types: [], services: [], limit: Infinity };
const ACTOR = { via: 'cli', name: 'ada' } as const;

export const exit = (service: string, run = 1): RecordBody => ({
  type: 'service.exit',
  service,
  run,
  exitCode: null,
  signal: 'SIGKILL',
});
export const health = (service: string): RecordBody => ({
  type: 'service.health',
  service,
  run: 1,
  from: 'unknown',
  to: 'healthy',
  message: '200 OK in 3 ms',
});
const stopping: RecordBody = { type: 'system.stopping' };

/** Records numbered from `seq`, one second apart. */
export const numbered = (seq: number, ...bodies: readonly RecordBody[]): ProjectRecord[] =>
  bodies.map((body, at) => ({ seq: seq + at, at: 1_700_000_000_000 + (seq + at) * 1000, actor: ACTOR, body }));

export const change = (id: string, state: Change['state'] = 'done'): Change => ({
  id,
  action: 'up',
  services: ['web'],
  state,
  summary: 'up web',
  by: ACTOR,
  createdAt: 1,
  endedAt: state === 'running' ? null : 2,
  tasks: [],
  error: null,
});

const command = { argv: ['/bin/true'], via: 'exec', source: 'true', origin: null } as const;

export const spec = (name: string, hash: string): Spec => ({
  name,
  description: '',
  kind: 'service',
  execution: { type: 'process', command },
  dependencies: [],
  env: {},
  inheritEnv: [],
  cwd: '/',
  umask: null,
  readiness: { type: 'settle', settleMs: 0 },
  liveness: null,
  startTimeoutMs: 1000,
  restart: {
    policy: 'no',
    delayMs: 0,
    factor: 1,
    maxDelayMs: 0,
    jitter: 0,
    resetAfterMs: 0,
    limit: 1,
    withinMs: 1,
    atLimit: 'fail',
  },
  stop: { signal: 'SIGTERM', timeoutMs: 1000, command: null, scope: 'tree', drainMs: 0 },
  successCodes: [0],
  noRestartCodes: [],
  autostart: 'yes',
  labels: {},
  logs: { keepBytes: 1, format: 'text' },
  ...PLAIN,
  healthCheckEndpoint: null,
  url: null,
  origin: null,
  hash,
});

const service = (name: string, changes: Partial<Service> = {}): Service => ({
  ...newService(spec(name, `hash of ${name}`), 0),
  ...changes,
});

const seqs = (records: readonly ProjectRecord[]): number[] => records.map(({ seq }) => seq);

/** Runs the suite; `open` makes an empty store that keeps so much. */
export function storeTests(open: (retention: Retention) => EventStore): void {
  const roomy: Retention = { records: 1000, recordAgeMs: Infinity, changes: 1000 };

  test('an empty store knows nothing', () => {
    const store = open(roomy);
    expect([store.records(ALL), store.changes(10), store.services()]).toEqual([[], [], []]);
    expect(store.extent()).toEqual({ oldest: 0, newest: 0 });
  });

  test('records come back as they were, oldest first', () => {
    const store = open(roomy);
    const records = numbered(1, exit('web'), stopping, health('db'), { type: 'change.created', change: change('1') });
    store.append({ ...EMPTY, records: records.slice(0, 2) });
    store.append({ ...EMPTY, records: records.slice(2) });
    expect(store.records(ALL)).toEqual(records);
    expect(store.extent()).toEqual({ oldest: 1, newest: 4 });
  });

  test('a limit keeps the newest', () => {
    const store = open(roomy);
    store.append({ ...EMPTY, records: numbered(1, stopping, stopping, stopping, stopping) });
    expect(seqs(store.records({ ...ALL, limit: 2 }))).toEqual([3, 4]);
    expect(seqs(store.records({ ...ALL, limit: 0 }))).toEqual([]);
  });

  test('a query begins after the number it names', () => {
    const store = open(roomy);
    store.append({ ...EMPTY, records: numbered(1, stopping, stopping, stopping) });
    expect(seqs(store.records({ ...ALL, sinceSeq: 1 }))).toEqual([2, 3]);
    expect(seqs(store.records({ ...ALL, sinceSeq: 3 }))).toEqual([]);
  });

  test('a query may name types, services, or both', () => {
    const store = open(roomy);
    const bodies = [exit('web'), health('web'), exit('db'), health('db'), exit('cache'), stopping, exit('web')];
    store.append({ ...EMPTY, records: numbered(1, ...bodies) });
    const ask = (query: Partial<RecordQuery>): number[] => seqs(store.records({ ...ALL, ...query }));
    expect(ask({ types: ['service.exit'] })).toEqual([1, 3, 5, 7]);
    expect(ask({ types: ['system.stopping', 'service.health'] })).toEqual([2, 4, 6]);
    expect(ask({ services: ['web', 'cache'] })).toEqual([1, 2, 5, 7]);
    expect(ask({ services: ['web', 'db', 'web'], types: ['service.health', 'system.stopping'] })).toEqual([2, 4]);
    expect(ask({ services: ['web', 'db'], types: ['service.exit'], sinceSeq: 1, limit: 1 })).toEqual([7]);
    expect(ask({ services: ['nobody'] })).toEqual([]);
  });

  test('a batch that is appended twice counts once', () => {
    const store = open(roomy);
    const batch = { ...EMPTY, records: numbered(1, exit('web')), services: [service('web')], changes: [change('1')] };
    store.append(batch);
    store.append(batch);
    expect([store.records(ALL).length, store.services().length, store.changes(9).length]).toEqual([1, 1, 1]);
  });

  test('numbers that do not grow inside a batch are a bug', () => {
    const store = open(roomy);
    const [first, second] = numbered(1, stopping, stopping);
    const records = [second, first].flatMap((record) => record ?? []);
    expect(() => store.append({ ...EMPTY, records })).toThrow('record 1 follows record 2');
    expect(store.extent()).toEqual({ oldest: 0, newest: 0 });
  });

  test('a service is known as it was last, with the definition of its last run', () => {
    const store = open(roomy);
    const ran = spec('web', 'of the run');
    store.append({ ...EMPTY, services: [service('web'), service('db')] });
    store.append({
      ...EMPTY,
      services: [service('web', { demand: 'needed', phase: 'ready', run: 3, pid: 4711, exitCode: 9, runSpec: ran })],
    });
    expect(store.services()).toMatchObject([
      { name: 'db', demand: 'none', phase: 'stopped', run: 0, pid: null, specHash: 'hash of db', exitCode: null },
      { name: 'web', demand: 'needed', phase: 'ready', run: 3, pid: 4711, specHash: 'of the run', exitCode: 9 },
    ]);
  });

  test('of a service everything is kept but its definitions', () => {
    const store = open(roomy);
    const now = service('web', {
      phase: 'backoff',
      reason: { code: 'exited', ending: { exitCode: 3, signal: null } },
      restarts: 4,
      recentRestarts: [1.5, 20.25],
      health: { verdict: 'unhealthy', failures: 3, successes: 0, message: 'refused' },
      saying: 'warming up',
      since: 12.5,
      retryAt: 99.75,
    });
    store.append({ ...EMPTY, services: [now] });
    const { spec: _spec, runSpec: _runSpec, ...state } = now;
    expect(store.services()).toMatchObject([state]);
  });

  test('changes come newest first, each as it was last', () => {
    const store = open(roomy);
    for (const id of ['9', '10', '11']) store.append({ ...EMPTY, changes: [change(id, 'running')] });
    store.append({ ...EMPTY, changes: [change('9', 'failed')] });
    expect(store.changes(Infinity).map(({ id, state }) => `${id} ${state}`)).toEqual([
      '11 running',
      '10 running',
      '9 failed',
    ]);
    expect(store.changes(2).map(({ id }) => id)).toEqual(['11', '10']);
  });

  test('the oldest records go when there are too many, and numbers go on', () => {
    const store = open({ ...roomy, records: 10 });
    for (let seq = 1; seq <= 25; seq += 1) store.append({ ...EMPTY, records: numbered(seq, exit('web')) });
    expect(store.extent()).toEqual({ oldest: 16, newest: 25 });
    expect(seqs(store.records(ALL))).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
  });

  test('a batch larger than the bound leaves its newest records', () => {
    const store = open({ ...roomy, records: 3 });
    store.append({ ...EMPTY, records: numbered(1, ...Array.from({ length: 50 }, () => exit('web'))) });
    expect(seqs(store.records(ALL))).toEqual([48, 49, 50]);
  });

  test('a bound is overstepped by a hundredth at most', () => {
    const store = open({ ...roomy, records: 200 });
    for (let seq = 1; seq <= 500; seq += 1) {
      store.append({ ...EMPTY, records: numbered(seq, stopping) });
      const { oldest, newest } = store.extent();
      expect(newest - oldest + 1).toBeLessThanOrEqual(202);
      expect(newest - oldest + 1).toBeGreaterThanOrEqual(Math.min(seq, 200));
    }
  });

  test('records that are too old beside the newest go, and the newest stays', () => {
    const store = open({ ...roomy, recordAgeMs: 2500 });
    store.append({ ...EMPTY, records: numbered(1, stopping, stopping, stopping, stopping) });
    expect(seqs(store.records(ALL))).toEqual([2, 3, 4]);
    store.append({ ...EMPTY, records: numbered(100, stopping) });
    expect(store.extent()).toEqual({ oldest: 100, newest: 100 });
  });

  test('ended changes go when there are too many, running ones stay', () => {
    const store = open({ ...roomy, changes: 3 });
    store.append({ ...EMPTY, changes: [change('1', 'running'), change('2'), change('3')] });
    store.append({ ...EMPTY, changes: [change('4'), change('5', 'aborting')] });
    expect(store.changes(9).map(({ id }) => id)).toEqual(['5', '4', '1']);
  });
}
