import { describe, expect, test } from 'vitest';
import { document, faultsOf, specOf } from './given.ts';

const RESTART = { delayMs: 500, factor: 2, maxDelayMs: 30_000, jitter: 0.2, resetAfterMs: 60_000 };

describe('what is left out', () => {
  test('a process is restarted on failure, settles for a second and starts within 30 seconds', async () => {
    const spec = await specOf('[services.web]\ncommand = "node x.js"');
    expect(spec).toMatchObject({
      name: 'web',
      description: '',
      kind: 'service',
      dependencies: [],
      env: {},
      inheritEnv: [],
      umask: null,
      readiness: { type: 'settle', settleMs: 1000 },
      liveness: null,
      startTimeoutMs: 30_000,
      restart: { policy: 'on-failure', ...RESTART, limit: 10, withinMs: 300_000, atLimit: 'fail' },
      stop: { signal: 'SIGTERM', timeoutMs: 10_000, command: null, scope: 'tree', drainMs: 0 },
      successCodes: [0],
      noRestartCodes: [],
      autostart: 'yes',
      labels: {},
      logs: { keepBytes: 50 * 1024 ** 2, format: 'text' },
      healthCheckEndpoint: null,
      url: null,
    });
    expect(spec.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(spec.origin).toMatchObject({ line: 1, column: 1 });
  });

  test('a command-managed service is ready when its start command has ended well', async () => {
    expect(await specOf('[services.dns]\nstart_command = "systemctl start dns"')).toMatchObject({
      readiness: { type: 'settle', settleMs: 0 },
      liveness: null,
      startTimeoutMs: 30_000,
    });
  });

  test('a command-managed service with a status command is ready, and stays so, as that says', async () => {
    const spec = await specOf('[services.dns]\nstart_command = "s start"\nstatus_command = "s status"');
    const target = { type: 'exec', command: { argv: ['s', 'status'] } };
    expect(spec).toMatchObject({
      readiness: { type: 'probe', probe: { target } },
      liveness: { probe: { target }, onFailure: 'none' },
    });
  });

  test('a task is never ready, has all the time it needs and is not restarted', async () => {
    expect(await specOf('[services.migrate]\ntype = "task"\ncommand = "x"')).toMatchObject({
      kind: 'task',
      readiness: { type: 'completion' },
      liveness: null,
      startTimeoutMs: Infinity,
      restart: { policy: 'no', ...RESTART },
    });
  });

  test('an external service is waited for without an end', async () => {
    expect(await specOf('[services.db]\nexternal = true\nhealth = "tcp://localhost:5432"')).toMatchObject({
      kind: 'external',
      execution: { type: 'external' },
      readiness: { type: 'probe', probe: { target: { type: 'tcp', host: 'localhost', port: 5432 } } },
      liveness: { onFailure: 'none' },
      startTimeoutMs: Infinity,
      restart: { policy: 'no' },
    });
  });
});

describe('health and ready', () => {
  const web = '[services.web]\ncommand = "node x.js"\n';

  test('health says both that it is ready and that it stays healthy', async () => {
    const spec = await specOf(`${web}health = "http://localhost:3000/healthz"`);
    const probe = spec.readiness.type === 'probe' ? spec.readiness.probe : null;
    expect(probe).toEqual({
      target: {
        type: 'http',
        url: 'http://localhost:3000/healthz',
        method: 'GET',
        headers: {},
        status: [[200, 299]],
        redirects: 'refuse',
      },
      intervalMs: 10_000,
      startIntervalMs: 500,
      timeoutMs: 2000,
      failureThreshold: 3,
      successThreshold: 1,
      graceMs: 0,
    });
    expect(spec.liveness).toEqual({ probe, onFailure: 'restart' });
    expect(spec).toMatchObject({ url: 'http://localhost:3000', healthCheckEndpoint: 'http://localhost:3000/healthz' });
  });

  test('ready says alone that it is ready where it is given', async () => {
    const spec = await specOf(`${web}health = "http://localhost:3000/"\nready = { log = "listening" }`);
    expect(spec.readiness).toMatchObject({ probe: { target: { type: 'log', pattern: 'listening' } } });
    expect(spec.liveness?.probe.target.type).toBe('http');
  });

  test('a line of output and a descriptor say that it is ready, not that it stays healthy', async () => {
    expect((await specOf(`${web}health = { log = "listening" }`)).liveness).toBeNull();
    const spec = await specOf(`${web}ready = { fd = 3 }`);
    expect(spec).toMatchObject({ liveness: null, readiness: { probe: { target: { type: 'fd', fd: 3 } } } });
  });

  test('an address declared by health_check_endpoint marks, and restarts nothing', async () => {
    expect(await specOf(`${web}health_check_endpoint = "http://localhost:3000/"`)).toMatchObject({
      liveness: { onFailure: 'none' },
    });
    expect(await specOf(`${web}health = { http = "http://localhost:3000/", on_failure = "stop" }`)).toMatchObject({
      liveness: { onFailure: 'stop' },
    });
    expect(await specOf('[services.a]\nstart_command = "x"\nhealth = "http://localhost:1/"')).toMatchObject({
      liveness: { onFailure: 'none' },
    });
  });

  test('health and health_check_endpoint exclude each other', async () => {
    const text = `${web}health = "http://localhost:1/"\nhealth_check_endpoint = "http://localhost:2/"`;
    expect(await faultsOf(text)).toEqual([
      'RSE1106 rouse.toml:4:1+21 "health" and "health_check_endpoint" of "web" exclude each other',
    ]);
  });

  test('a task has no health', async () => {
    expect(await faultsOf('[services.a]\ntype = "task"\ncommand = "x"\nready = { fd = 3 }')).toEqual([
      'RSE1106 rouse.toml:4:1+5 "a" is a task, and "ready" is for services that are kept up',
    ]);
  });
});

describe('the start timeout', () => {
  const web = '[services.web]\ncommand = "x"\n';

  test.for([
    ['health = { tcp = "localhost:1", interval = "20s", retries = 5, grace = "10s" }', 110_000],
    ['health = { tcp = "localhost:1", interval = "1s", retries = 5 }', 30_000],
    ['ready = { log = "x", interval = "20s", retries = 50 }', 30_000],
    ['ready = { file = "x" }', 30_000],
    ['ready = { fd = 3 }', 30_000],
    ['settle = "40s"', 80_000],
    ['start_timeout = "5s"', 5000],
    ['start_timeout = "none"', Infinity],
  ] as const)('of %s is %s ms', async ([line, timeout]) => {
    expect((await specOf(`${web}${line}`)).startTimeoutMs).toBe(timeout);
  });

  test('of a task may be set', async () => {
    expect((await specOf('[services.a]\ntype = "task"\ncommand = "x"\nstart_timeout = "1m"')).startTimeoutMs).toBe(
      60_000,
    );
  });
});

describe('every key', () => {
  test('goes where it belongs', () => {
    const { definition } = document({
      services: {
        a: {
          description: 'An api',
          command: 'x',
          env: { A: '1' },
          inheritEnv: ['TZ'],
          cwd: 'api',
          umask: '027',
          settle: '3s',
          autostart: false,
          labels: { team: 'shop' },
          logs: { keep: '1MiB', format: 'json' },
          successCodes: [0, 143],
          noRestartCodes: [78],
          url: 'http://a.test/',
        },
      },
    });
    expect(definition.services[0]).toMatchObject({
      description: 'An api',
      env: { A: '1' },
      inheritEnv: ['TZ'],
      cwd: '/srv/shop/api',
      umask: 0o027,
      readiness: { settleMs: 3000 },
      autostart: 'no',
      labels: { team: 'shop' },
      logs: { keepBytes: 1024 ** 2, format: 'json' },
      successCodes: [0, 143],
      noRestartCodes: [78],
      url: 'http://a.test/',
    });
  });

  test('of another type is a fault, and the others are looked at all the same', async () => {
    const text = '[services.a]\ncommand = "x; y"\nautostart = "no"\nenv = { A = 1, LD_PRELOAD = "x" }\nsettle = 3';
    expect(await faultsOf(text)).toEqual([
      'RSE1107 rouse.toml:2:13+1 ";" is shell syntax, and this command runs without a shell',
      'RSE1101 rouse.toml:3:13+4 "autostart" of "a" must be true or false',
      'RSE1101 rouse.toml:4:13+1 "env.A" of "a" must be a text',
      'RSE1112 rouse.toml:4:16+10 "LD_PRELOAD" changes which code the program of "a" loads',
      'RSE1111 rouse.toml:5:10+1 "settle" of "a" needs its unit',
    ]);
  });
});
