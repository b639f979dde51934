import { describe, expect, test } from 'vitest';
import { apiService } from '../../src/contract/api-service.ts';
import { ConflictError } from '../../src/model/errors.ts';
import { spec, view } from './fake-supervisor.ts';
import { contentOf, givenApp } from './given.ts';

describe('the frozen part', () => {
  test('lists services with the members of the guide, in its order, compact, null where there is nothing', async () => {
    const given = givenApp();
    const command = (source: string) => ({ argv: source.split(' '), via: 'exec', source, origin: null }) as const;
    const execution = {
      type: 'command',
      start: command('systemctl start coredns'),
      stop: command('systemctl stop coredns'),
      status: null,
    } as const;
    given.supervisor.definitionNow = {
      ...given.supervisor.definitionNow,
      services: [
        spec('coredns', {
          description: 'CoreDNS DNS server',
          execution,
          healthCheckEndpoint: 'http://localhost:53/health',
        }),
        spec('watched', {
          description: '',
          execution: { type: 'external' },
          dependencies: [{ name: 'coredns', when: 'ready', need: 'required', onLoss: 'ignore', origin: null }],
        }),
      ],
    };
    const response = await given.get('/api/v1/services/list');
    expect(await response.text()).toBe(
      '{"success":true,"data":[{"name":"coredns","description":"CoreDNS DNS server","dependencies":[],' +
        '"start_command":"systemctl start coredns","stop_command":"systemctl stop coredns",' +
        '"health_check_endpoint":"http://localhost:53/health"},' +
        '{"name":"watched","description":null,"dependencies":["coredns"],"start_command":null,"stop_command":null,' +
        '"health_check_endpoint":null}]}',
    );
  });

  test('tells the status of services with the two members of the guide', async () => {
    const given = givenApp();
    given.supervisor.views = [view('coredns'), view('oci-registry', { status: 'Failed' })];
    const response = await given.get('/api/v1/services/status');
    expect(await response.text()).toBe(
      '{"success":true,"data":[{"name":"coredns","status":"Running"},{"name":"oci-registry","status":"Failed"}]}',
    );
  });
});

test('a service is shown with every key, null where there is nothing', async () => {
  const response = await givenApp().get('/api/v1/services/web');
  const service = await contentOf<Record<string, unknown>>(response);
  expect(Object.keys(service)).toEqual(Object.keys(apiService.shape));
  expect(service).toMatchObject({
    name: 'web',
    since: '2026-11-22T12:04:31.004Z',
    health: { healthy: true, message: '200 OK', last_check: '2026-11-22T12:04:31.004Z', latency_ms: 4 },
    reason: null,
    depends_on: ['db'],
    exit_code: null,
  });
});

test.for([
  ['', ['db', 'web']],
  ['?ready=false', ['web']],
  ['?status=Failed', ['web']],
  ['?phase=ready', ['db']],
  ['?q=we', ['web']],
  ['?q=The%20db', ['db']],
] as const)('GET /services%s gives %o', async ([query, names]) => {
  const given = givenApp();
  given.supervisor.views = [view('db'), view('web', { ready: false, phase: 'failed', status: 'Failed' })];
  const response = await given.get(`/api/v1/services${query}`);
  expect((await contentOf<{ name: string }[]>(response)).map(({ name }) => name)).toEqual(names);
});

test('services come in pages that lead from one to the next', async () => {
  const given = givenApp();
  given.supervisor.views = ['a', 'b', 'c'].map((name) => view(name));
  const first = await given.get('/api/v1/services?limit=2');
  expect(first.headers.get('link')).toBe('</api/v1/services?limit=2&cursor=2>; rel="next"');
  expect(await first.json()).toMatchObject({ meta: { next_cursor: '2', total: 3 } });
  const second = await given.get('/api/v1/services?limit=2&cursor=2');
  expect(await second.json()).toMatchObject({ data: [{ name: 'c' }], meta: { next_cursor: null, total: 3 } });
});

test('health is the last answer unless it is to be asked now', async () => {
  const given = givenApp();
  const last = await contentOf(await given.get('/api/v1/services/web/health'));
  expect(last).toEqual({
    name: 'web',
    healthy: true,
    message: '200 OK',
    last_check: '2026-11-22T12:04:31.004Z',
    latency_ms: 4,
  });
  const asked = await contentOf(await given.get('/api/v1/services/web/health?ask=true'));
  expect(asked).toMatchObject({ message: 'asked now' });
});

test('an explanation, the checks and the impact of a service are told', async () => {
  const given = givenApp();
  expect(await contentOf(await given.get('/api/v1/services/web/explain'))).toEqual({
    service: 'web',
    phase: 'ready',
    text: 'it is ready',
    chain: [{ service: 'web', phase: 'ready', needs: null, reason: 'ready' }],
    root: { service: 'web', phase: 'ready', needs: null, reason: 'ready' },
    facts: [],
    fixes: [],
    next: null,
  });
  expect(await contentOf(await given.get('/api/v1/services/web/checks'))).toEqual([
    {
      service: 'web',
      run: 1,
      question: 'health',
      target: 'GET http://localhost:1/',
      interval_ms: 1000,
      results: [{ at: '2026-11-22T12:04:31.004Z', answer: 'pass', latency_ms: 3, message: '200 OK' }],
    },
  ]);
  expect(await contentOf(await given.get('/api/v1/services/db/impact'))).toEqual(['web']);
});

test.for(['', '/health', '/explain', '/checks', '/impact', '/logs', '/events'])(
  'GET /services/nope%s is refused with 404',
  async (path) => {
    const response = await givenApp().get(`/api/v1/services/nope${path}`);
    expect(response.status).toBe(404);
  },
);

describe('a signal', () => {
  test('goes to the main process, or to all of them', async () => {
    const given = givenApp();
    expect((await given.post('/api/v1/services/web/signal', { signal: 'SIGHUP' })).status).toBe(200);
    expect((await given.post('/api/v1/services/web/signal', { signal: 'SIGUSR1', scope: 'tree' })).status).toBe(200);
    expect(given.supervisor.signals).toEqual(['web SIGHUP main', 'web SIGUSR1 tree']);
  });

  test.each([{}, { signal: 'HUP' }, { signal: 'SIGNONE' }, { signal: 'toString' }, { signal: 'SIGHUP', scope: 'all' }])(
    'that is none is refused: %j',
    async (body) => {
      const given = givenApp();
      expect((await given.post('/api/v1/services/web/signal', body)).status).toBe(422);
      expect(given.supervisor.signals).toEqual([]);
    },
  );

  test('to a service that is not there is a 404, to one that is not running a 409', async () => {
    const given = givenApp();
    expect((await given.post('/api/v1/services/none/signal', { signal: 'SIGHUP' })).status).toBe(404);
    given.supervisor.refuse = new ConflictError('RSE4019', 'cannot send a signal to "web": it is not running');
    expect((await given.post('/api/v1/services/web/signal', { signal: 'SIGHUP' })).status).toBe(409);
  });
});

describe('a launch', () => {
  test('says how the service would run a command, and starts nothing', async () => {
    const given = givenApp();
    const response = await given.post('/api/v1/services/web/launch', { command: ['ls', '-l'], arguments: ['x'] });
    expect(await contentOf(response)).toEqual({
      file: '/bin/ls',
      args: ['-l', 'x'],
      env: { ROUSE_SERVICE: 'web' },
      cwd: '/p',
    });
    expect(given.supervisor.asked).toEqual([]);
  });

  test('without a command is of the service’s own', async () => {
    const response = await givenApp().post('/api/v1/services/web/launch');
    expect(await contentOf(response)).toMatchObject({ file: '/bin/web', args: [] });
  });

  test('of no words is refused', async () => {
    expect((await givenApp().post('/api/v1/services/web/launch', { command: [] })).status).toBe(422);
  });
});

describe('a pin', () => {
  test('gives the services that it holds', async () => {
    const response = await givenApp().post('/api/v1/pins', { services: ['web', 'db'], pin: 'down' });
    expect(response.status).toBe(200);
    expect(await contentOf(response)).toMatchObject([{ name: 'web' }, { name: 'db' }]);
  });

  test('of nobody, or to nowhere, is refused', async () => {
    expect((await givenApp().post('/api/v1/pins', { services: [], pin: 'up' })).status).toBe(422);
    expect((await givenApp().post('/api/v1/pins', { services: ['web'], pin: 'sideways' })).status).toBe(422);
  });
});
