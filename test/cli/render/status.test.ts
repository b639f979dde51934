import { expect, test } from 'vitest';
import { psScreen } from '../../../src/cli/render/ps.ts';
import { statusScreen } from '../../../src/cli/render/status.ts';
import { NOW, ready, service } from '../services.ts';

test('the detail of a service has every fact that there is and none that there is not', () => {
  const web = ready('web', {
    description: 'the shop',
    depends_on: ['db'],
    restarts: 2,
    tree: 'session',
    tree_note: 'no control groups of version 2 are mounted',
    limits: [
      { name: 'memory', enforced: true, why: null },
      { name: 'cpus', enforced: false, why: 'the controller "cpu" is not there' },
    ],
    urls: ['http://localhost:3000'],
    origin: { file: '/project/rouse.toml', line: 9, column: 1 },
  });
  const context = {
    services: [web, service('db')],
    lastLines: ['hello\u001B[2J'],
    style: { color: 'off', glyphs: 'unicode' },
    now: NOW,
  } as const;
  expect(statusScreen(web, context)).toEqual([
    '● web  ready  http://localhost:3000',
    '  about      the shop',
    '  kind       service, process',
    '  since      2026-11-24T12:00:31.120Z (4 min ago)',
    '  health     healthy: 200 OK (1s ago)',
    '  process    pid 812, run 1',
    '  held by    session, parents and environment (no control groups of version 2 are mounted)',
    '  limits     memory, cpus not held: the controller "cpu" is not there',
    '  restarts   2',
    '  start      0.6s',
    '  wanted     up',
    '  needs      ○ db',
    '  address    http://localhost:3000',
    '  defined    /project/rouse.toml:9:1',
    '  │ hello\\u001b[2J',
  ]);
});

test('the detail says as whom a service runs and what it is kept from', () => {
  const plain = {
    user: 'web',
    uid: 994,
    gid: 994,
    sandbox: 'default',
    no_new_privileges: true,
    note: null,
    network: 'host',
  } as const;
  const context = { services: [], lastLines: [], style: { color: 'off', glyphs: 'unicode' }, now: NOW } as const;
  const row = (confined: typeof plain | Record<string, unknown>): string | undefined =>
    statusScreen(ready('web', { confined: { ...plain, ...confined } }), context)
      .find((line) => line.includes('runs as'))
      ?.replace(/ *runs as */, '');
  expect(row(plain)).toBe('web (994)');
  expect(row({ user: null, uid: 0 })).toBe('root');
  expect(row({ sandbox: 'strict', network: 'none' })).toBe('web (994), strict sandbox, no network');
  expect(row({ sandbox: 'none', no_new_privileges: false })).toBe('web (994), no sandbox, may gain rights');
  expect(row({ no_new_privileges: false, note: 'no setpriv' })).toBe('web (994), may gain rights: no setpriv');
});

test('the detail and the wide table say that a shell reads a command of a service', () => {
  const style = { color: 'off', glyphs: 'unicode' } as const;
  const web = ready('web', { shell: true });
  const context = { services: [web], lastLines: [], style, now: NOW };
  expect(statusScreen(web, context)).toContain('  kind       service, process, shell');
  const rows = psScreen([web, ready('db')], { style, width: null, now: NOW, columns: 'wide' });
  expect(rows.map((row) => row.includes('service,shell'))).toEqual([false, true, false]);
});
