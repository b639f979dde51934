import { expect, test } from 'vitest';
import { foldersOf, pathsOf } from '../../src/model/paths.ts';

const user = { uid: 1000, home: '/home/jo' };
const root = { uid: 0, home: '/root' };

test.for([
  ['a user', user, {}, '/home/jo/.local/state/rouse/run', '/home/jo/.local/state/rouse'],
  [
    'a user with a session',
    user,
    { XDG_RUNTIME_DIR: '/run/user/1000' },
    '/run/user/1000/rouse',
    '/home/jo/.local/state/rouse',
  ],
  ['a user with folders of his own', user, { XDG_STATE_HOME: '/s/' }, '/s/rouse/run', '/s/rouse'],
  ['root', root, {}, '/run/rouse', '/var/lib/rouse'],
  ['whoever says so', root, { ROUSE_RUNTIME_DIR: '/r/', ROUSE_STATE_DIR: '/s', XDG_RUNTIME_DIR: '/x' }, '/r', '/s'],
  ['empty variables', root, { ROUSE_RUNTIME_DIR: '', XDG_STATE_HOME: '' }, '/run/rouse', '/var/lib/rouse'],
  ['relative XDG variables, which do not count', root, { XDG_RUNTIME_DIR: 'x' }, '/run/rouse', '/var/lib/rouse'],
] as const)('%s has his folders', ([, who, env, runtime, state]) => {
  expect(foldersOf({ ...who, env })).toEqual({ runtime, state });
});

test.for(['ROUSE_RUNTIME_DIR', 'ROUSE_STATE_DIR'])('a relative %s is refused', (name) => {
  expect(() => foldersOf({ ...user, env: { [name]: 'run' } })).toThrow(
    expect.objectContaining({ code: 'RSE0107', message: `cannot use ${name}: "run" is not an absolute path` }),
  );
});

test('the files of a project lie in its own folders', () => {
  expect(pathsOf({ runtime: '/run/rouse', state: '/var/lib/rouse' }, 'shop')).toEqual({
    runtime: '/run/rouse/shop',
    socket: '/run/rouse/shop/admin.sock',
    operateSocket: '/run/rouse/shop/operate.sock',
    viewSocket: '/run/rouse/shop/view.sock',
    credentials: '/run/rouse/shop/credentials',
    lock: '/run/rouse/shop/lock.db',
    runs: '/run/rouse/shop/run',
    state: '/var/lib/rouse/shop',
    store: '/var/lib/rouse/shop/rouse.db',
    logs: '/var/lib/rouse/shop/logs',
    daemonLog: '/var/lib/rouse/shop/daemon.log',
    audit: '/var/lib/rouse/shop/audit.jsonl',
    tokens: '/var/lib/rouse/shop/tokens.json',
  });
});

test('a socket path of 107 bytes is used, a longer one is refused with the way out', () => {
  const folder = (bytes: number): string => `/${'é'.repeat(Math.floor((bytes - 1) / 2))}${'a'.repeat((bytes - 1) % 2)}`;
  const rest = '/shop/admin.sock'.length;
  expect(pathsOf({ runtime: folder(107 - rest), state: '/s' }, 'shop').socket).toContain('admin.sock');
  expect(() => pathsOf({ runtime: folder(108 - rest), state: '/s' }, 'shop')).toThrow(
    expect.objectContaining({ code: 'RSE3005', hint: 'set ROUSE_RUNTIME_DIR to a folder with a shorter path' }),
  );
});
