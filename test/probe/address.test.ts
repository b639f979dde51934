import { describe, expect, test } from 'vitest';
import { addressResolver, pinnedLookup } from '../../src/probe/address.ts';

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
