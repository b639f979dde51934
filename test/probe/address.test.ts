import { describe, expect, test } from 'vitest';
import { PLAIN_POLICY } from '../../src/model/policy.ts';
import {
  ANYWHERE,
  type Reach,
  addressResolver,
  afterRedirect,
  pinnedLookup,
  reachBy,
} from '../../src/probe/address.ts';

const resolve = addressResolver();

test.for([
  ['127.0.0.1', ['127.0.0.1']],
  ['10.1.2.3', ['10.1.2.3']],
  ['::1', ['::1']],
  ['[::1]', ['::1']],
  ['fd00::1', ['fd00::1']],
  ['2130706433', ['127.0.0.1']],
  ['localhost', ['127.0.0.1', '::1']],
  ['LOCALHOST', ['127.0.0.1', '::1']],
  ['db.localhost', ['127.0.0.1', '::1']],
] as const)('%s may be asked at %j', async ([host, addresses]) => {
  expect((await resolve(host)).map(({ address }) => address)).toEqual(addresses);
});

describe('a link-local address is never asked', () => {
  test.for([
    '169.254.169.254',
    '169.254.0.1',
    'fe80::1',
    '[fe80::1]',
    'fe80::1%lo',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '2852039166',
    '0xa9fea9fe',
    '169.16689662',
  ])('%s', async (host) => {
    await expect((async () => resolve(host))()).rejects.toThrow(
      `"${host.replaceAll(/[[\]]/g, '')}" is a link-local address, which is never asked`,
    );
  });
});

test('a family is told with its address', async () => {
  expect(await resolve('localhost')).toEqual([
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]);
  expect(await resolve('::ffff:127.0.0.1')).toEqual([{ address: '127.0.0.1', family: 4 }]);
});

test('a pinned lookup gives what was found, whatever is asked', () => {
  const look = pinnedLookup([
    { address: '10.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]);
  const answers: unknown[][] = [];
  look('evil.test', { all: true }, (...answer) => answers.push(answer));
  look('evil.test', {}, (...answer) => answers.push(answer));
  expect(answers).toEqual([
    [
      null,
      [
        { address: '10.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ],
    ],
    [null, '10.0.0.1', 4],
  ]);
});

const at = async (
  host: string,
  reach: Partial<Reach> = {},
  ask: readonly string[] = [],
): Promise<readonly string[]> => {
  const resolver = addressResolver(async () => Promise.resolve(ask));
  return (await resolver(host, { ...ANYWHERE, ...reach })).map(({ address }) => address);
};

test.for(['64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::1', '::169.254.169.254'])(
  'a link-local address inside another, %s, is never asked either',
  async (host) => {
    await expect(at(host)).rejects.toThrow('link-local');
  },
);

test.for(['fd00:ec2::254', '100.100.100.200', '192.0.0.192', '168.63.129.16', '::ffff:168.63.129.16'])(
  'credentials of a cloud machine, at %s, are not asked for',
  async (host) => {
    await expect(at(host)).rejects.toThrow("an address of a cloud's own");
  },
);

test('the rules may let an address or a network through, a name never lets through what it happens to mean', async () => {
  expect(await at('169.254.1.2', { also: ['169.254.1.0/24'] })).toEqual(['169.254.1.2']);
  expect(await at('metadata', { also: ['169.254.169.254'] }, ['169.254.169.254'])).toEqual(['169.254.169.254']);
  await expect(at('metadata', { also: ['metadata'] }, ['169.254.169.254'])).rejects.toThrow('link-local');
});

test('of the addresses of a name, each is judged', async () => {
  expect(await at('mixed', {}, ['169.254.1.1', '10.0.0.1', '::ffff:169.254.1.1', '::1'])).toEqual(['10.0.0.1', '::1']);
  expect(await at('mixed', { hosts: 'loopback' }, ['10.0.0.1', '127.0.0.9', '0.0.0.0', '::'])).toEqual(['127.0.0.9']);
  await expect(at('far', { hosts: 'loopback' }, ['10.0.0.1'])).rejects.toThrow('is not an address of this machine');
  expect(await at('far', { hosts: 'loopback', also: ['far'] }, ['10.0.0.1'])).toEqual(['10.0.0.1']);
});

test('what a check of the API asks on this machine cannot send it elsewhere, unless the rules say so', () => {
  const rules = { apiDefinitions: PLAIN_POLICY.apiDefinitions, probeHosts: [] };
  const origin = { file: '/srv/rouse.toml', line: 1, column: 1 };
  const here = [{ address: '127.0.0.1', family: 4 }] as const;
  const after = (from: typeof origin | null, probes: 'loopback' | 'anywhere' = 'loopback'): string => {
    const policy = { ...rules, apiDefinitions: { ...rules.apiDefinitions, probes } };
    return afterRedirect(reachBy(() => policy)({ origin: from }), here).hosts;
  };
  expect([after(null), after(origin), after(null, 'anywhere')]).toEqual(['loopback', 'any', 'any']);
});
