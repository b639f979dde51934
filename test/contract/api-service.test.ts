import { expect, test } from 'vitest';
import { apiService, toApiService } from '../../src/contract/api-service.ts';
import { view } from '../api/fake-supervisor.ts';

test('a service in the words of the API holds what people see, with absolute times', () => {
  const reason = { code: 'dependency', text: 'blocked by db', service: 'db' } as const;
  const service = toApiService(
    view('web', {
      phase: 'waiting',
      word: 'blocked',
      status: 'Stopped',
      ready: false,
      reason,
      waitingFor: ['db'],
      startedAt: null,
      readyAt: null,
      uptimeMs: null,
      pid: null,
      labels: { team: 'shop' },
    }),
  );
  expect(service).toEqual({
    name: 'web',
    description: 'The web',
    kind: 'service',
    execution: 'process',
    shell: false,
    status: 'Stopped',
    phase: 'waiting',
    state: 'blocked',
    step: 'none',
    desired: 'up',
    ready: false,
    health: { healthy: true, message: '200 OK', last_check: '2026-11-22T12:04:31.004Z', latency_ms: 4 },
    reason,
    saying: null,
    waiting_for: ['db'],
    since: '2026-11-22T12:04:31.004Z',
    started_at: null,
    ready_at: null,
    uptime_ms: null,
    last_start_ms: 1000,
    retry_in_ms: null,
    run: 1,
    restarts: 0,
    exit_code: null,
    exit_signal: null,
    pid: null,
    tree: null,
    tree_note: null,
    confined: null,
    limits: [],
    urls: [],
    depends_on: [],
    dependents: [],
    degraded_by: [],
    pin: 'none',
    outdated: false,
    next_run_at: null,
    labels: { team: 'shop' },
    origin: { file: '/p/rouse.toml', line: 3, column: 1 },
  });
});

test('a live run says how it is held, and which of its limits are in force', () => {
  const limits = {
    memoryBytes: 'enforced',
    cpus: { unavailable: 'there is no controller' },
    processes: 'none',
  } as const;
  const service = toApiService(view('web', { held: { tree: 'session', why: 'there is no control group', limits } }));
  expect(service).toMatchObject({
    tree: 'session',
    tree_note: 'there is no control group',
    limits: [
      { name: 'memory', enforced: true, why: null },
      { name: 'cpus', enforced: false, why: 'there is no controller' },
    ],
  });
  expect(apiService.parse(service)).toEqual(service);
});

test('a live run says as whom it runs, what it is kept from, and which limits of its processes are in force', () => {
  const none = {
    files: 'none',
    coreBytes: 'none',
    fileSizeBytes: 'none',
    cpuTimeMs: 'none',
    stackBytes: 'none',
  } as const;
  const confined = {
    user: { name: 'web', uid: 994, gid: 993 },
    sandbox: 'default',
    gains: { unavailable: 'setpriv is not there' },
    network: 'host',
    limits: { ...none, files: 'enforced', lockedMemoryBytes: 'none', nice: { unavailable: 'only root may' } },
  } as const;
  const limits = { memoryBytes: 'none', cpus: 'none', processes: 'none' } as const;
  const service = toApiService(view('web', { held: { tree: 'cgroup', why: null, limits, confined } }));
  expect(service).toMatchObject({
    confined: {
      user: 'web',
      uid: 994,
      gid: 993,
      sandbox: 'default',
      no_new_privileges: false,
      note: 'setpriv is not there',
      network: 'host',
    },
    limits: [
      { name: 'files', enforced: true, why: null },
      { name: 'nice', enforced: false, why: 'only root may' },
    ],
  });
  expect(apiService.parse(service)).toEqual(service);
});

test('what is made fits the schema, key for key in its order', () => {
  const service = toApiService(view('web'));
  expect(apiService.parse(service)).toEqual(service);
  expect(Object.keys(service)).toEqual(Object.keys(apiService.shape));
});

test('a service without a key, or with a value of another type, does not fit the schema', () => {
  const { pid: _, ...rest } = toApiService(view('web'));
  expect(apiService.safeParse(rest).success).toBe(false);
  expect(apiService.safeParse({ ...rest, pid: '7' }).success).toBe(false);
});
