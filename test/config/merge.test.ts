import { describe, expect, test } from 'vitest';
import { document, faultsOf, load, specOf } from './given.ts';

const first = (value: unknown) => document(value).definition.services[0];

describe('layers', () => {
  test('defaults lose to templates, those in the order of use, and all lose to the service', () => {
    const spec = first({
      defaults: { env: { A: 'd', B: 'd', C: 'd', D: 'd' }, autostart: false },
      templates: { one: { env: { B: '1', C: '1', D: '1' } }, two: { env: { C: '2', D: '2' }, command: 'two' } },
      services: { a: { use: ['one', 'two'], env: { D: 's' } } },
    });
    expect(spec?.env).toEqual({ A: 'd', B: '1', C: '2', D: 's' });
    expect(spec).toMatchObject({ autostart: 'no', execution: { command: { argv: ['two'] } } });
  });

  test('lists and values are replaced, not joined', () => {
    const spec = first({
      defaults: { depends_on: ['x', 'y'], labels: { a: '1' } },
      services: { a: { command: 'x', dependencies: ['z'], labels: { b: '2' } } },
    });
    expect(spec?.dependencies.map(({ name }) => name)).toEqual(['z']);
    expect(spec?.labels).toEqual({ a: '1', b: '2' });
  });

  test('conditions of a table are merged by name', () => {
    const spec = first({
      defaults: { depends_on: { x: 'started', y: { when: 'ready', optional: true } } },
      services: { a: { command: 'x', depends_on: { y: { optional: false }, z: 'ended' } } },
    });
    expect(spec?.dependencies.map(({ name, when, need }) => [name, when, need])).toEqual([
      ['x', 'started', 'required'],
      ['y', 'ready', 'required'],
      ['z', 'ended', 'required'],
    ]);
  });

  test('a template that does not exist is shown with the nearest one', async () => {
    expect(await faultsOf('[templates.api]\ncommand = "x"\n[services.a]\nuse = ["api", "ap"]')).toEqual([
      'RSE1205 rouse.toml:4:15+4 "a" uses the template "ap", which does not exist',
    ]);
  });
});

describe('short forms', () => {
  const probeOf = (value: unknown) => first(value)?.liveness?.probe;

  test('a bare address over a table sets only the address', () => {
    const probe = probeOf({
      defaults: { health: { http: 'http://a/', interval: '2s', status: [204] } },
      services: { a: { command: 'x', health: 'http://b/' } },
    });
    expect(probe).toMatchObject({ target: { url: 'http://b/', status: [[204, 204]] }, intervalMs: 2000 });
  });

  test('a table over a bare address keeps the address', () => {
    const probe = probeOf({
      defaults: { health: 'http://a/' },
      services: { a: { command: 'x', health: { interval: '2s' } } },
    });
    expect(probe).toMatchObject({ target: { url: 'http://a/' }, intervalMs: 2000 });
  });

  test('a question of another kind replaces the question and what belongs to it, and keeps how often it is asked', () => {
    const probe = probeOf({
      defaults: { health: { http: 'http://a/', method: 'HEAD', interval: '2s' } },
      services: { a: { command: 'x', health: 'tcp://b:1' } },
    });
    expect(probe).toMatchObject({ target: { type: 'tcp', host: 'b', port: 1 }, intervalMs: 2000 });
  });

  test('a policy and a signal stand for their tables', () => {
    const spec = first({
      defaults: { restart: { max: 3 }, stop: 'SIGINT' },
      services: { a: { command: 'x', restart: 'always', stop: { timeout: '1s' } } },
    });
    expect(spec?.restart).toMatchObject({ policy: 'always', limit: 3 });
    expect(spec?.stop).toMatchObject({ signal: 'SIGINT', timeoutMs: 1000 });
  });
});

describe('unset', () => {
  test('forgets what lower layers say, also inside tables', () => {
    const spec = first({
      defaults: { health: 'http://a/', env: { A: '1', B: '1' }, cwd: 'x' },
      services: { a: { command: 'x', unset: ['health', 'env.A', 'nothing'] } },
    });
    expect(spec).toMatchObject({ readiness: { type: 'settle' }, env: { B: '1' }, cwd: '/srv/shop/x' });
  });

  test('does not forget what its own layer says', () => {
    const spec = first({
      defaults: { health: { http: 'http://a/', interval: '2s' } },
      services: { a: { command: 'x', unset: ['health'], health: 'http://b/' } },
    });
    expect(spec?.liveness?.probe).toMatchObject({ target: { url: 'http://b/' }, intervalMs: 10_000 });
  });

  test('of a later file reaches the earlier file and the templates', async () => {
    const { definition } = await load(
      {
        'a.toml': '[templates.t]\nautostart = false\n[services.a]\nuse = "t"\ncommand = "x"\ncwd = "y"\n',
        'b.toml': '[services.a]\nunset = ["cwd", "autostart"]\n',
      },
      { files: ['a.toml', 'b.toml'] },
    );
    expect(definition.services[0]).toMatchObject({ cwd: definition.directory, autostart: 'yes' });
  });

  test('lets a service run in another way than its template', async () => {
    const spec = await specOf(
      '[templates.t]\ncommand = "x"\n[services.a]\nuse = "t"\nunset = ["command"]\nstart_command = "y"',
    );
    expect(spec.execution.type).toBe('command');
  });
});

test('a value keeps the place where it was written, through every layer', async () => {
  const { origins } = await load({
    'rouse.toml':
      '[defaults]\nlabels = { a = "1" }\n[templates.t]\ncwd = "x"\n[services.a]\nuse = "t"\ncommand = "y"\n',
    'rouse.local.toml': '[services.a.labels]\nb = "2"\n',
  });
  const places = Object.fromEntries(
    [...origins].map(([pointer, { file, line }]) => [pointer, `${file.replace(/^.*\//, '')}:${line}`]),
  );
  expect(places).toMatchObject({
    '/services/a': 'rouse.toml:5',
    '/services/a/labels/a': 'rouse.toml:2',
    '/services/a/labels/b': 'rouse.local.toml:2',
    '/services/a/cwd': 'rouse.toml:4',
    '/services/a/command': 'rouse.toml:7',
  });
});
