import { expect, test } from 'vitest';
import { runningFindings } from '../../src/cli/doctor-places.ts';

const HERE = { version: '1.0.0', path: '/usr/bin' };
type Status = Parameters<typeof runningFindings>[0];
const status = (fields: Partial<Status> = {}): Status => ({
  version: '1.0.0',
  pid: 7,
  path: '/usr/bin',
  audit: { state: 'whole', why: null, head: null },
  listeners: [{ address: '/run/rouse/shop/admin.sock', kind: 'unix', role: 'admin', tls: false }],
  tokens: 0,
  ...fields,
});
const listening = (address: string, tls: boolean): Status['listeners'] => [{ address, kind: 'tcp', role: null, tls }];
const amiss = (fields: Partial<Status>): readonly (readonly [what: string, state: string, why: string | null])[] =>
  runningFindings(status(fields), HERE)
    .filter(({ state }) => state !== 'ok')
    .map(({ what, state, why }) => [what, state, why] as const);

test('a daemon that is as this command is gives no reason to act', () => {
  expect(amiss({})).toEqual([]);
  expect(amiss({ listeners: listening('127.0.0.1:7878', false), tokens: 2 })).toEqual([]);
});

test('a trail that cannot be written is a problem, with the reason', () => {
  expect(amiss({ audit: { state: 'degraded', why: 'the disk is full', head: null } })).toEqual([
    ['audit trail', 'problem', 'the disk is full'],
  ]);
});

test('a listener that nobody has a token for is noted', () => {
  expect(amiss({ listeners: listening('127.0.0.1:7878', false) })).toEqual([
    ['listens on 127.0.0.1:7878', 'note', 'nobody can use it: there is no token'],
  ]);
});

test('a listener beyond this machine without TLS is a problem', () => {
  expect(amiss({ listeners: listening('10.0.0.7:7878', false), tokens: 1 })).toEqual([
    ['listens on 10.0.0.7:7878 without TLS', 'problem', 'tokens can be read on the way'],
  ]);
  expect(amiss({ listeners: listening('10.0.0.7:7878', true), tokens: 1 })).toEqual([]);
});

test('another version, and folders that are not searched for who asks, are noted', () => {
  expect(amiss({ path: '/bin:/usr/bin' })).toEqual([]);
  expect(amiss({ version: '0.9.0', path: '/bin' })).toEqual([
    ['version 0.9.0, pid 7', 'note', 'this program is 1.0.0'],
    ['PATH of programs without a folder: /bin', 'note', 'folders of yours are not in it: /usr/bin'],
  ]);
});
