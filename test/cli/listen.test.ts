import { expect, test } from 'vitest';
import { checkListeners, listenersOf } from '../../src/cli/listen.ts';
import { optionsOf } from '../../src/cli/options.ts';
import type { ListenRule } from '../../src/model/policy.ts';
import { keptSession } from './session.ts';

const session = keptSession();
const rule = (host: string, port: number, fields: Partial<ListenRule> = {}): ListenRule => ({
  host,
  port,
  tls: null,
  plainHttp: 'loopback-only',
  ...fields,
});

test('nothing said of listeners is something else than none', () => {
  expect(listenersOf(session, optionsOf({}))).toBeNull();
  expect(listenersOf(session, optionsOf({ listen: ['none'] }))).toEqual([]);
});

test('addresses are read, with the certificate as a path from the root', () => {
  expect(listenersOf(session, optionsOf({ listen: ['127.0.0.1:0', '[::1]:7878'] }))).toEqual([
    rule('127.0.0.1', 0),
    rule('::1', 7878),
  ]);
  expect(listenersOf(session, optionsOf({ listen: ['0.0.0.0:7878'], tlsCert: 'a.pem', tlsKey: '/b.key' }))).toEqual([
    rule('0.0.0.0', 7878, { tls: { cert: '/project/a.pem', key: '/b.key' } }),
  ]);
});

test.for([
  { listen: ['7878'] },
  { listen: ['127.0.0.1:1'], tlsCert: 'a' },
  { tlsCert: 'a', tlsKey: 'b' },
  { listen: ['none', '127.0.0.1:1'] },
])('%j is a wrong command line', (options) => {
  expect(() => listenersOf(session, optionsOf(options))).toThrow(expect.objectContaining({ code: 'RSE0107' }));
});

test('an address beyond this machine without a certificate is refused unless it is typed out', () => {
  const options = optionsOf({ listen: ['0.0.0.0:7878'] });
  expect(() => listenersOf(session, options)).toThrow(expect.objectContaining({ code: 'RSE3009' }));
  expect(listenersOf(keptSession({ plainHttp: 'typed-out' }), options)).toEqual([
    rule('0.0.0.0', 7878, { plainHttp: 'typed-out' }),
  ]);
});

const tcp = (address: string, tls = false) => ({ address, kind: 'tcp', role: null, tls }) as const;
const unix = { address: '/run/admin.sock', kind: 'unix', role: 'admin', tls: false } as const;

test.for([
  [[], [unix]],
  [[rule('127.0.0.1', 7878)], [unix, tcp('127.0.0.1:7878')]],
  [[rule('127.0.0.1', 0)], [tcp('127.0.0.1:41000')]],
  [[rule('::1', 0)], [tcp('[::1]:41000')]],
  [[rule('localhost', 80)], [tcp('127.0.0.1:80')]],
] as const)('%j is what a daemon has that answers on %j', ([wanted, listeners]) => {
  expect(() => checkListeners(wanted, { listeners })).not.toThrow();
});

test.for([
  [[rule('127.0.0.1', 7878)], [unix]],
  [[], [tcp('127.0.0.1:7878')]],
  [[rule('127.0.0.1', 7878)], [tcp('127.0.0.1:7879')]],
  [[rule('127.0.0.1', 7878)], [tcp('127.0.0.1:7878', true)]],
  [[rule('127.0.0.1', 7878)], [tcp('127.0.0.1:7878'), tcp('[::1]:7878')]],
  [[rule('0.0.0.0', 7878)], [tcp('127.0.0.1:7878')]],
] as const)('%j differs from a daemon that answers on %j', ([wanted, listeners]) => {
  expect(() => checkListeners(wanted, { listeners })).toThrow(expect.objectContaining({ code: 'RSE3010' }));
});
