// Services as the API shows them, for screens.
import type { ApiService } from '../../src/contract/api-service.ts';

/** The time at which every screen of these tests is drawn. */
export const NOW = Date.parse('2026-11-24T12:04:31.120Z');

const at = (agoMs: number): string => new Date(NOW - agoMs).toISOString();

const RESTING: ApiService = {
  name: 'web',
  description: '',
  kind: 'service',
  execution: 'process',
  shell: false,
  status: 'Stopped',
  phase: 'stopped',
  state: 'stopped',
  step: 'none',
  desired: 'down',
  ready: false,
  health: { healthy: null, message: '', last_check: null, latency_ms: null },
  reason: null,
  saying: null,
  waiting_for: [],
  since: at(240_000),
  started_at: null,
  ready_at: null,
  uptime_ms: null,
  last_start_ms: null,
  retry_in_ms: null,
  run: 0,
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
  labels: {},
  origin: null,
};

/** A service that never ran, but for what is given. */
export function service(name: string, more: Partial<ApiService> = {}): ApiService {
  return { ...RESTING, name, ...more };
}

/** A service that is ready since four minutes. */
export function ready(name: string, more: Partial<ApiService> = {}): ApiService {
  return service(name, {
    status: 'Running',
    phase: 'ready',
    state: 'ready',
    desired: 'up',
    ready: true,
    health: { healthy: true, message: '200 OK', last_check: at(1000), latency_ms: 4.2 },
    started_at: at(240_600),
    ready_at: at(240_000),
    uptime_ms: 240_600,
    last_start_ms: 600,
    run: 1,
    pid: 812,
    ...more,
  });
}

/** The guide's small platform of four: cache is ready, db starts, migrate waits for db, web for migrate. */
export function fourOnTheWay(): readonly ApiService[] {
  return [
    ready('cache', { urls: ['redis://localhost:6379'] }),
    service('db', {
      phase: 'starting',
      state: 'starting',
      status: 'Unknown',
      desired: 'up',
      since: at(2100),
      started_at: at(2100),
      health: { healthy: null, message: 'connection refused', last_check: at(100), latency_ms: 1 },
      run: 1,
      pid: 813,
    }),
    service('migrate', {
      kind: 'task',
      phase: 'waiting',
      state: 'waiting',
      desired: 'up',
      waiting_for: ['db'],
      depends_on: ['db'],
      reason: { code: 'asked', text: 'waiting for db', service: 'db' },
    }),
    service('web', {
      phase: 'waiting',
      state: 'waiting',
      desired: 'up',
      waiting_for: ['migrate'],
      depends_on: ['cache', 'migrate'],
      reason: { code: 'needed', text: 'waiting for migrate', service: 'migrate' },
    }),
  ];
}

/** The same when all is well: 7.5 s later. */
export function fourReady(): readonly ApiService[] {
  return [
    ready('cache', { ready_at: at(7000) }),
    ready('db', { ready_at: at(4000), last_start_ms: 3400 }),
    service('migrate', {
      kind: 'task',
      phase: 'completed',
      state: 'done',
      exit_code: 0,
      since: at(2200),
      last_start_ms: 1900,
      depends_on: ['db'],
      run: 1,
    }),
    ready('web', {
      ready_at: at(0),
      last_start_ms: 2200,
      depends_on: ['cache', 'migrate'],
      urls: ['http://localhost:3000'],
    }),
  ];
}
