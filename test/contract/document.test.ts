import { expect, test } from 'vitest';
import { masked, masksIn, toDocument, unmasked, withoutValues } from '../../src/contract/document.ts';
import { definition, spec } from '../api/fake-supervisor.ts';

const probe = {
  target: {
    type: 'http',
    url: 'http://localhost:1/',
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
} as const;

test('a service is written down in the words of the definition file, durations exact', () => {
  const web = spec('web', {
    dependencies: [{ name: 'db', when: 'completed', need: 'optional', onLoss: 'restart', origin: null }],
    readiness: { type: 'probe', probe },
    liveness: { probe, onFailure: 'restart' },
  });
  expect(toDocument(definition([web]))).toMatchObject({
    name: 'shop',
    services: {
      web: {
        command: ['run', 'web'],
        depends_on: { db: { when: 'completed', optional: true, on_loss: 'restart' } },
        health: { http: 'http://localhost:1/', status: ['200-299'], interval: '10000ms', on_failure: 'restart' },
        start_timeout: '30000ms',
        restart: { policy: 'on-failure', max: 10, within: '300000ms' },
      },
    },
    orchestrator: { services: { manager_enabled: true, auto_start_dependencies: true } },
  });
  expect(toDocument(definition([web]))).not.toHaveProperty('services.web.ready');
});

test.for([
  [{ type: 'tcp', host: '::1', port: 5432 }, { tcp: '[::1]:5432' }],
  [
    { type: 'dns', server: '127.0.0.1', port: 53, name: 'a.test', record: 'A' },
    { dns: { name: 'a.test', server: '127.0.0.1:53', record: 'A' } },
  ],
  [{ type: 'process', name: null }, { process: true }],
  [{ type: 'log', pattern: 'up' }, { log: 'up' }],
  [{ type: 'file', path: '/p/ready' }, { file: '/p/ready' }],
  [{ type: 'fd', fd: 3 }, { fd: 3 }],
] as const)('the question %o is written as %o', ([target, words]) => {
  const document = toDocument(definition([spec('web', { readiness: { type: 'probe', probe: { ...probe, target } } })]));
  expect(document).toMatchObject({ services: { web: { ready: words } } });
});

test('a value that looks like something to fill in is kept from being filled in', () => {
  const present = definition([spec('web', { env: { A: '${HOME}', B: '$$', C: '$5' } })]);
  expect(unmasked(toDocument(present), present)).toMatchObject({
    services: { web: { env: { A: '$${HOME}', B: '$$$', C: '$5' } } },
  });
});

test('every value of the environment is masked, whatever its name says', () => {
  expect(masked({ PORT: '1', PG_PASSWORD: 'a' })).toEqual({ PORT: '***', PG_PASSWORD: '***' });
});

test('a document that is sent back as it was shown keeps its secrets', () => {
  const present = definition([spec('db', { env: { PORT: '1', PG_PASSWORD: 'hunter2' } })]);
  const shown = toDocument(present);
  expect(unmasked(shown, present)).toMatchObject({ services: { db: { env: { PORT: '1', PG_PASSWORD: 'hunter2' } } } });
  expect(shown).toMatchObject({ services: { db: { env: { PG_PASSWORD: '***' } } } });
});

test.for([
  null,
  7,
  'x',
  [],
  {},
  { services: 7 },
  { services: { new: { env: { A: '***' } } } },
  { services: { db: { env: { B: '***' } } } },
])('the document %o holds nothing to unmask', (document) => {
  expect(unmasked(document, definition([]))).toEqual(document);
});

test('a mask that stands for nothing is told with its place', () => {
  const present = definition([spec('db', { env: { A: '1' } })]);
  const document = {
    services: { db: { env: { A: '***', B: '***', constructor: '***' } }, new: { env: { A: '***' } } },
  };
  expect(masksIn(unmasked(document, present)).map((path) => path.join('.'))).toEqual([
    'services.db.env.B',
    'services.db.env.constructor',
    'services.new.env.A',
  ]);
  for (const other of [null, 7, {}, { services: 7 }, { services: { a: 7 } }]) expect(masksIn(other)).toEqual([]);
});

test('a document is shown without the values of env, and of vars that are named like secrets', () => {
  const document = {
    name: 'shop',
    vars: { port: '80', db_password: 'hunter2' },
    services: { db: { command: 'run', env: { A: '1' } }, web: { command: 'run' } },
  };
  expect(withoutValues(document)).toEqual({
    name: 'shop',
    vars: { port: '80', db_password: '***' },
    services: { db: { command: 'run', env: { A: '***' } }, web: { command: 'run' } },
  });
});
