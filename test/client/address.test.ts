import { expect, test } from 'vitest';
import { type HostAddress, hostOf } from '../../src/client/address.ts';

const TOKEN = `rse_${'a'.repeat(43)}`;

test.for([
  [{ baseUrl: 'http://127.0.0.1:7878' }, { hostname: '127.0.0.1', port: '7878', tls: 'off' }],
  [
    { baseUrl: 'http://localhost', token: TOKEN },
    { hostname: 'localhost', port: '80', tls: 'off' },
  ],
  [
    { baseUrl: 'http://[::1]:1/', token: TOKEN },
    { hostname: '::1', port: '1', tls: 'off' },
  ],
  [
    { baseUrl: 'https://shop.example.org', token: TOKEN },
    { hostname: 'shop.example.org', port: '443', tls: 'on' },
  ],
  [
    { baseUrl: 'http://10.0.0.1', token: TOKEN, plainHttp: 'typed-out' },
    { hostname: '10.0.0.1', port: '80', tls: 'off' },
  ],
  [{ baseUrl: 'http://10.0.0.1' }, { hostname: '10.0.0.1', port: '80', tls: 'off' }],
] as const satisfies readonly (readonly [HostAddress, object])[])('%j is spoken to', ([address, host]) => {
  expect(hostOf(address)).toEqual(host);
});

test.for([
  'http://10.0.0.1:7878',
  'http://127.0.0.1.example.org',
  'http://localhost.example.org',
  'http://0.0.0.0:7878',
  'http://[::]:7878',
  'http://[::ffff:127.0.0.1]:7878',
  'http://shop:7878',
])('a token is not sent in the clear to %s', (baseUrl) => {
  expect(() => hostOf({ baseUrl, token: TOKEN })).toThrow(
    expect.objectContaining({ code: 'RSE3002', message: expect.stringContaining('in the clear') }),
  );
});

test.for([
  '',
  'shop',
  'shop:7878',
  'ftp://shop',
  'unix:///x',
  'http://a/b',
  'http://a/?x',
  'http://a/#x',
  'file:///etc/passwd',
])('"%s" is no address of a daemon', (baseUrl) => {
  expect(() => hostOf({ baseUrl })).toThrow(expect.objectContaining({ code: 'RSE3002' }));
});

test('a credential in an address is refused without being repeated', () => {
  const address = { baseUrl: `https://x:${TOKEN}@shop` };
  expect(() => hostOf(address)).toThrow(expect.not.objectContaining({ message: expect.stringContaining(TOKEN) }));
  expect(() => hostOf(address)).toThrow('an address is only host and port');
});

test.for(['', 'a b', 'a\r\nhost: x', 'ä', 'x'.repeat(257)])('%j is no token', (token) => {
  expect(() => hostOf({ baseUrl: 'https://shop', token })).toThrow(expect.objectContaining({ code: 'RSE3002' }));
});
