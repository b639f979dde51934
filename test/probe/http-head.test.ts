import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ReadHead, readHead } from '../../src/probe/http-head.ts';

const head = (different: Partial<Extract<ReadHead, { type: 'head' }>>, text: string): ReadHead => ({
  type: 'head',
  status: 200,
  location: null,
  bodyBytes: null,
  headBytes: text.length,
  ...different,
});

describe('a head', () => {
  test.for([
    ['HTTP/1.1 200 OK\r\n\r\n', {}],
    ['HTTP/1.0 404 Not Found\r\nServer: a b c\r\n\r\n', { status: 404 }],
    ['HTTP/1.1 204\r\n\r\n', { status: 204 }],
    ['HTTP/1.1 299 \r\n\r\n', { status: 299 }],
    ['HTTP/1.1 200 \xc3\xa4\xff\r\nX: \xe4\tb\r\nEmpty:\r\n\r\n', {}],
    ['HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n', { bodyBytes: 12 }],
    ['HTTP/1.1 200 OK\r\ncontent-LENGTH:5 \r\nLocation: /x\r\n\r\n', { bodyBytes: 5 }],
    ['HTTP/1.1 200 OK\r\nContent-Length: twelve\r\n\r\n', {}],
    ['HTTP/1.1 302 Found\r\nLocation:  http://a.test/b?c \r\n\r\n', { status: 302, location: 'http://a.test/b?c' }],
    ['HTTP/1.1 301 Moved\r\nX-Location: /no\r\n\r\n', { status: 301 }],
    ['HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n', { status: 101 }],
  ] as const)('%j is read', ([text, different]) => {
    expect(readHead(text)).toEqual(head(different, text));
  });

  test('ends where the body begins', () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n';
    expect(readHead(`${text}b\r\n\r\n`)).toEqual(head({ bodyBytes: 4 }, text));
  });

  test('is read after interim ones', () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
    expect(readHead(interim)).toEqual({ type: 'more' });
    const text = `${interim}HTTP/1.1 503 Busy\r\n\r\n`;
    expect(readHead(text)).toEqual(head({ status: 503 }, text));
  });

  test('that comes in pieces is unfinished up to its last byte', () => {
    const text = 'HTTP/1.1 302 Found\r\nContent-Length: 7\r\nLocation: /login\r\n\r\n';
    for (let length = 0; length < text.length; length += 1)
      expect(readHead(text.slice(0, length))).toEqual({ type: 'more' });
    expect(readHead(text)).toEqual(head({ status: 302, bodyBytes: 7, location: '/login' }, text));
  });
});

describe('what is not HTTP is told as soon as it is seen', () => {
  test.for([
    ['another protocol', 'SSH-2.0-OpenSSH'],
    ['another protocol, one byte', '*'],
    ['another version', 'HTTP/2 200\r\n'],
    ['an older version', 'HTTP/0.9 200 OK\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n'],
    ['a status that begins with zero', 'HTTP/1.1 099 OK\r\n'],
    ['two spaces', 'HTTP/1.1  200 OK\r\n'],
    ['a bare line feed', 'HTTP/1.1 200 OK\n'],
    ['a bare line feed further down', 'HTTP/1.1 200 OK\r\na: b\nc: d\r\n\r\n'],
    ['a bare carriage return', 'HTTP/1.1 200 OK\r\na: b\rc\r\n\r\n'],
    ['NUL in a header', 'HTTP/1.1 200 OK\r\na: \0\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\na : b\r\n\r\n'],
    ['a folded line', 'HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n'],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: b\r\n\r\n'],
    ['a header without a colon', 'HTTP/1.1 200 OK\r\nab\r\n\r\n'],
    ['a malformed head after an interim one', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 OK\r\n\r\n'],
  ] as const)('%s', ([, text]) => {
    expect(readHead(text)).toEqual({ type: 'malformed' });
  });
});

test('any bytes are read without an error, and never as a head that is longer than they are', () => {
  const bytes = fc.string({
    unit: fc.constantFrom('HTTP/1.1 200 OK', '\r\n', '\r', '\n', ':', ' ', 'a', '\0', '\xff', '1'),
  });
  fc.assert(
    fc.property(bytes, (text) => {
      const found = readHead(text);
      expect(found.type === 'head' ? found.headBytes : 0).toBeLessThanOrEqual(text.length);
    }),
  );
});

test.for([
  ['spaces in a value', `HTTP/1.1 302 Found\r\nLocation: a${' '.repeat(16_000)}b\r\n\r\n`],
  ['many short headers', `HTTP/1.1 200 OK\r\n${'a:\r\n'.repeat(4000)}\r\n`],
  ['a long name', `HTTP/1.1 200 OK\r\n${'a'.repeat(16_000)}\r\n\r\n`],
  ['many interim heads', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(640)],
] as const)('a head that is made to be slow is not: %s', ([, text]) => {
  const from = process.cpuUsage();
  for (let round = 0; round < 20; round += 1) readHead(text);
  // A thousandth of a quadratic reading's time would already be more; 50 ms a head only excuses a sick machine.
  expect(process.cpuUsage(from).user / 20_000).toBeLessThan(50);
});
