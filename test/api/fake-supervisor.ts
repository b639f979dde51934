// A supervisor made of literals: what the API does with the answers is tested, not the answers.
import type { Change } from '../../src/model/change.ts';
import { ConflictError, NotFoundError } from '../../src/model/errors.ts';
import type { LogLine } from '../../src/model/log-line.ts';
import type { Gap, ProjectRecord, RecordBody } from '../../src/model/record.ts';
import type { ChangeRequest } from '../../src/model/request.ts';
import type { Definition, Spec } from '../../src/model/spec.ts';
import type { ServiceView } from '../../src/model/view.ts';
import type { RecordQuery } from '../../src/ports/event-store.ts';
import type { Applied, Subscription, Supervisor } from '../../src/supervisor/port.ts';
import { PLAIN } from '../../src/model/spec.ts';
import { PLAIN_POLICY } from '../../src/model/policy.ts';

export const AT = Date.UTC(2026, 10, 22, 12, 4, 31, 4);

export const view = (name: string, fields: Partial<ServiceView> = {}): ServiceView => ({
  name,
  description: `The ${name}`,
  kind: 'service',
  execution: 'process',
  shell: 'no',
  status: 'Running',
  phase: 'ready',
  word: 'ready',
  step: 'none',
  desired: 'up',
  demand: 'asked',
  ready: true,
  health: { service: name, healthy: true, message: '200 OK', lastCheck: AT, latencyMs: 4 },
  waitingFor: [],
  reason: null,
  saying: null,
  since: AT,
  startedAt: AT - 1000,
  readyAt: AT,
  uptimeMs: 263_608,
  lastStartMs: 1000,
  retryInMs: null,
  run: 1,
  restarts: 0,
  exitCode: null,
  exitSignal: null,
  pid: 41_207,
  urls: [],
  dependsOn: [],
  dependents: [],
  held: null,
  degradedBy: [],
  pin: 'none',
  outdated: false,
  nextRunAt: null,
  labels: {},
  origin: { file: '/p/rouse.toml', line: 3, column: 1 },
  ...fields,
});

export const spec = (name: string, fields: Partial<Spec> = {}): Spec => ({
  name,
  description: `The ${name}`,
  kind: 'service',
  execution: {
    type: 'process',
    command: { argv: ['run', name], via: 'exec', source: `run ${name}`, origin: null },
  },
  dependencies: [],
  env: {},
  inheritEnv: [],
  cwd: '/p',
  umask: null,
  readiness: { type: 'settle', settleMs: 1000 },
  liveness: null,
  startTimeoutMs: 30_000,
  restart: {
    policy: 'on-failure',
    delayMs: 500,
    factor: 2,
    maxDelayMs: 30_000,
    jitter: 0.2,
    resetAfterMs: 60_000,
    limit: 10,
    withinMs: 300_000,
    atLimit: 'fail',
  },
  stop: { signal: 'SIGTERM', timeoutMs: 10_000, command: null, scope: 'tree', drainMs: 0 },
  successCodes: [0],
  noRestartCodes: [],
  autostart: 'yes',
  labels: {},
  logs: { keepBytes: 52_428_800, format: 'text' },
  ...PLAIN,
  healthCheckEndpoint: null,
  url: null,
  hash: `hash-${name}`,
  origin: null,
  ...fields,
});

export const definition = (specs: readonly Spec[], fields: Partial<Definition> = {}): Definition => ({
  name: 'shop',
  directory: '/p',
  files: ['/p/rouse.toml'],
  services: specs,
  settings: {
    orchestration: 'enabled',
    orchestrationOrigin: null,
    dependencyStart: 'automatic',
    dependencyStartOrigin: null,
    nuPath: null,
    provisioningPath: null,
  },
  policy: PLAIN_POLICY,
  hash: 'abc',
  ...fields,
});

export const change = (id: string, fields: Partial<Change> = {}): Change => ({
  id,
  action: 'start',
  services: ['web'],
  state: 'running',
  summary: 'start web (1 service)',
  by: { via: 'api', name: 'unix:admin.sock' },
  createdAt: AT,
  endedAt: null,
  tasks: [
    {
      id: `${id}.1`,
      service: 'web',
      kind: 'start',
      sinceRun: 0,
      state: 'doing',
      waitingFor: [],
      startedAt: AT,
      endedAt: null,
      error: null,
      root: null,
    },
  ],
  error: null,
  ...fields,
});

export const record = (seq: number, body: RecordBody = phaseBody('web')): ProjectRecord => ({
  seq,
  at: AT + seq,
  actor: { via: 'rouse', name: 'rouse' },
  body,
});

export const phaseBody = (service: string): RecordBody => ({
  type: 'service.phase',
  service,
  from: 'starting',
  to: 'ready',
  run: 1,
  reason: { code: 'ready' },
  text: 'ready',
  elapsedMs: 3402,
  pid: 7,
});

/** A supervisor over what a test says. `asked` is every order in turn; `publish` tells the subscribers. */
export interface FakeSupervisor extends Supervisor {
  readonly asked: ChangeRequest[];
  /** `NAME SIGNAL SCOPE`. */
  readonly signals: string[];
  readonly defined: Definition[];
  views: ServiceView[];
  kept: ProjectRecord[];
  known: Change[];
  lines: LogLine[];
  refuse: Error | null;
  publish(entry: ProjectRecord | Gap): void;
  /** Resolves when the first order is given. */
  readonly ordered: Promise<void>;
  /** Resolves when somebody subscribes. */
  readonly subscribed: Promise<void>;
  endChange(id: string): void;
  definitionNow: Definition;
}

export function fakeSupervisor(): FakeSupervisor {
  const readers = new Set<(entry: ProjectRecord | Gap) => void>();
  const waiting = new Map<string, ((change: Change) => void)[]>();
  const hello = Promise.withResolvers<undefined>();
  const first = Promise.withResolvers<undefined>();
  const known = (name: string): ServiceView => {
    const found = fake.views.find((each) => each.name === name);
    if (found === undefined) throw new NotFoundError('RSE4001', `cannot find "${name}": there is no such service`);
    return found;
  };
  const changeOf = (id: string): Change => {
    const found = fake.known.find((each) => each.id === id);
    if (found === undefined) throw new NotFoundError('RSE4002', `cannot find change "${id}"`);
    return found;
  };
  const fake: FakeSupervisor = {
    asked: [],
    signals: [],
    defined: [],
    views: [view('db'), view('web', { dependsOn: ['db'] })],
    kept: [],
    known: [],
    lines: [],
    refuse: null,
    definitionNow: definition([spec('db'), spec('web')]),
    ordered: first.promise,
    subscribed: hello.promise,
    publish: (entry) => {
      for (const tell of readers) tell(entry);
    },
    endChange: (id) => {
      const ended: Change = { ...changeOf(id), state: 'done', endedAt: AT + 5 };
      fake.known = fake.known.map((each) => (each.id === id ? ended : each));
      for (const tell of waiting.get(id) ?? []) tell(ended);
    },
    logs: {
      open: () => ({ fd: -1, path: '' }),
      end: () => undefined,
      async *read(query, signal) {
        const found = fake.lines.filter(
          ({ service }) => query.services.length === 0 || query.services.includes(service),
        );
        yield* found.slice(query.tail === null ? 0 : Math.max(0, found.length - query.tail));
        if (query.mode === 'once' || signal.aborted) return;
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        });
      },
      bytes: (service, tail) => Promise.resolve(Buffer.from(`${service} ${tail}\u001b[0m\n`)),
      last: (service, run, count) => [`${service} run ${run}: the last of ${count}`],
    },
    definition: () => fake.definitionNow,
    define: (next): Applied => {
      fake.defined.push(next);
      fake.definitionNow = next;
      return { added: ['new'], changed: [], removed: [], unchanged: ['db', 'web'] };
    },
    differences: (next) =>
      next.services.map((after) => {
        const before = fake.definitionNow.services.find(({ name }) => name === after.name) ?? null;
        const action = before === null ? 'add' : before.hash === after.hash ? 'none' : 'restart';
        return { name: after.name, action, before, after, runs: 'yes', starts: 'no' };
      }),
    reload: (next, by, restart) => {
      const applied = fake.define(next, by);
      const order = { dependencies: 'closure', dependents: 'leave', completed: 'keep', by } as const;
      const changes = restart === 'none' ? [] : [fake.request({ action: 'restart', services: ['web'], ...order })];
      return { ...applied, changes };
    },
    signal: (services, { signal, scope }) => {
      if (fake.refuse !== null) throw fake.refuse;
      for (const name of services) fake.signals.push(`${known(name).name} ${signal} ${scope}`);
    },
    launching: (name, { command, more }) => ({
      file: `/bin/${command?.[0] ?? known(name).name}`,
      args: [...(command?.slice(1) ?? []), ...more],
      env: { ROUSE_SERVICE: known(name).name },
      cwd: '/p',
    }),
    note: () => undefined,
    services: () => fake.views,
    statuses: () => fake.views.map(({ name, status }) => ({ name, status })),
    service: known,
    request: (order) => {
      if (fake.refuse !== null) throw fake.refuse;
      for (const name of order.services) known(name);
      fake.asked.push(order);
      const id = String(fake.known.length + 1);
      const next = change(id, { action: order.action, services: order.services, by: order.by });
      fake.known = [next, ...fake.known];
      first.resolve(undefined);
      return next;
    },
    plan: (order) => ({
      targets: order.services,
      order: order.services,
      waves: [order.services],
      steps: order.services.map((service) => ({ service, action: 'start', why: 'it was asked for' })),
      criticalPath: order.services,
    }),
    change: changeOf,
    changes: () => fake.known,
    settled: (id, signal) =>
      new Promise((resolve, reject) => {
        const present = changeOf(id);
        if (present.endedAt !== null) resolve(present);
        waiting.set(id, [...(waiting.get(id) ?? []), resolve]);
        signal.addEventListener('abort', () => {
          reject(new Error('aborted', { cause: signal.reason }));
        });
      }),
    abort: (id) => ({ ...changeOf(id), state: 'aborting' }),
    pin: (names, pin) => names.map((name) => ({ ...known(name), pin })),
    incidents: () => [],
    explain: (name) => {
      const link = { service: known(name).name, phase: 'ready', needs: null, reason: 'ready' } as const;
      return {
        service: name,
        phase: 'ready',
        text: 'it is ready',
        chain: [link],
        root: link,
        facts: [],
        fixes: [],
        next: null,
      };
    },
    health: (name, mode) =>
      Promise.resolve({ ...known(name).health, message: mode === 'ask' ? 'asked now' : known(name).health.message }),
    checks: (name) => [
      {
        service: known(name).name,
        run: 1,
        question: 'health',
        target: 'GET http://localhost:1/',
        intervalMs: 1000,
        results: [{ at: AT, answer: 'pass', latencyMs: 3, message: '200 OK' }],
      },
    ],
    graph: () => ({
      services: ['db', 'web'],
      edges: [{ from: 'web', to: 'db', when: 'ready', need: 'required', onLoss: 'ignore' }],
      waves: [['db'], ['web']],
      criticalPath: ['db', 'web'],
    }),
    impact: (name) => (known(name).name === 'db' ? ['web'] : []),
    records: ({ sinceSeq, types, services, limit }: RecordQuery) =>
      fake.kept.filter(({ seq, body }) => seq > sinceSeq && passes(body, types, services)).slice(-limit),
    subscribe: (subscription: Subscription, signal) => {
      const queue: (ProjectRecord | Gap)[] = [];
      let wake: (() => void) | null = null;
      const tell = (entry: ProjectRecord | Gap): void => {
        if (!('dropped' in entry) && !passes(entry.body, subscription.types, subscription.services)) return;
        queue.push(entry);
        wake?.();
      };
      return (async function* () {
        readers.add(tell);
        hello.resolve(undefined);
        try {
          while (!signal.aborted) {
            const next = queue.shift();
            if (next !== undefined) yield next;
            else
              await new Promise<void>((resolve) => {
                wake = resolve;
                signal.addEventListener('abort', () => {
                  resolve();
                });
              });
          }
        } finally {
          readers.delete(tell);
        }
      })();
    },
    down: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return fake;
}

export const liveDependents = (): ConflictError =>
  new ConflictError('RSE4005', 'cannot stop "db": web depends on it', { service: 'db', services: ['web'] });

function passes(body: RecordBody, types: readonly string[], services: readonly string[]): boolean {
  return (
    (types.length === 0 || types.includes(body.type)) &&
    (services.length === 0 || ('service' in body && services.includes(body.service)))
  );
}
