import { describe, expect, test } from 'vitest';
import { certificateOf, checkSafe, tcpDoor } from '../../src/api/tcp-door.ts';
import { type ListenRule, PLAIN_POLICY } from '../../src/model/policy.ts';

const rule = (host: string, fields: Partial<ListenRule> = {}): ListenRule => ({
  host,
  port: 7878,
  tls: null,
  plainHttp: 'loopback-only',
  ...fields,
});
const tls = { cert: '/no/such.crt', key: '/no/such.key' };

describe('a listener', () => {
  test.for(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])(
    'on %s needs neither a certificate nor a token to start',
    (host) => {
      expect(() => checkSafe(rule(host), 0)).not.toThrow();
      expect(tcpDoor(rule(host), 7878, PLAIN_POLICY).reach).toBe('machine');
    },
  );

  test.for([
    '0.0.0.0',
    '::',
    '10.0.0.5',
    '192.168.1.1',
    '::ffff:10.0.0.1',
    'rouse.example',
    '128.0.0.1',
    '127.evil.example',
  ])('on %s needs a certificate and a token', (host) => {
    expect(tcpDoor(rule(host), 7878, PLAIN_POLICY).reach).toBe('beyond');
    expect(() => checkSafe(rule(host), 1)).toThrow('there is no certificate');
    expect(() => checkSafe(rule(host, { tls }), 0)).toThrow('there is no token');
    expect(() => checkSafe(rule(host, { plainHttp: 'typed-out' }), 0)).toThrow('there is no token');
    expect(() => checkSafe(rule(host, { tls }), 1)).not.toThrow();
    expect(() => checkSafe(rule(host, { plainHttp: 'typed-out' }), 1)).not.toThrow();
  });

  test('is asked by its own addresses, with its port', () => {
    expect([...(tcpDoor(rule('::1'), 7878, PLAIN_POLICY).hosts ?? [])]).toEqual([
      '127.0.0.1:7878',
      'localhost:7878',
      '[::1]:7878',
    ]);
    expect([...(tcpDoor(rule('10.0.0.5'), 7878, PLAIN_POLICY).hosts ?? [])]).toEqual(['10.0.0.5:7878']);
  });

  test('on any address is asked by every one of this machine, and never by the one that means any', () => {
    const { hosts } = tcpDoor(rule('0.0.0.0'), 7878, PLAIN_POLICY);
    expect([hosts?.has('127.0.0.1:7878'), hosts?.has('0.0.0.0:7878'), hosts?.has('[::]:7878')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('is asked by names that are allowed, in lower case, with its port and without', () => {
    const policy = { ...PLAIN_POLICY, allowedHosts: ['Rouse.example', 'other.example:443'] };
    const { hosts, origins } = tcpDoor(rule('10.0.0.5', { tls }), 7878, policy);
    expect([...(hosts ?? [])]).toEqual(['10.0.0.5:7878', 'rouse.example', 'rouse.example:7878', 'other.example:443']);
    expect(origins.has('https://rouse.example')).toBe(true);
    expect(origins.has('http://rouse.example')).toBe(false);
  });

  test('on the port that a browser leaves out is asked without it', () => {
    expect(tcpDoor(rule('127.0.0.1'), 80, PLAIN_POLICY).hosts?.has('localhost')).toBe(true);
    expect(tcpDoor(rule('127.0.0.1', { tls }), 443, PLAIN_POLICY).hosts?.has('localhost')).toBe(true);
    expect(tcpDoor(rule('127.0.0.1', { tls }), 80, PLAIN_POLICY).hosts?.has('localhost')).toBe(false);
  });

  test('believes the proxies of the rules, by address and by network, and nobody without them', () => {
    const policy = { ...PLAIN_POLICY, trustedProxies: ['10.0.0.1', '192.168.0.0/16', 'fd00::/8'] };
    const { isProxy } = tcpDoor(rule('10.0.0.5'), 7878, policy);
    expect(['10.0.0.1', '::ffff:10.0.0.1', '192.168.7.7', 'fd12::1'].map(isProxy)).toEqual([true, true, true, true]);
    expect(['10.0.0.2', '193.168.0.1', '::1', 'nonsense'].map(isProxy)).toEqual([false, false, false, false]);
    expect(tcpDoor(rule('10.0.0.5'), 7878, PLAIN_POLICY).isProxy('10.0.0.1')).toBe(false);
  });
});

test('a certificate that cannot be read is told with its file', () => {
  expect(() => certificateOf(rule('10.0.0.5', { tls }), () => undefined, 0)).toThrow(
    'cannot use "/no/such.crt" for TLS: the certificate cannot be read (it is not there)',
  );
  expect(certificateOf(rule('10.0.0.5'), () => undefined, 0)).toBeNull();
});
