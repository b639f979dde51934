import { expect, test } from 'vitest';
import { causeOf } from '../../src/probe/causes.ts';

const coded = (code: string, message = `${code}: connect 10.0.0.1:80`): Error =>
  Object.assign(new Error(message), { code });

test.for([
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'connection closed before an answer'],
  ['ENOTFOUND', 'host name not known'],
  ['HPE_INVALID_CONSTANT', 'the answer is not HTTP'],
  ['HPE_HEADER_OVERFLOW', 'its headers are too long'],
  ['ERR_SSL_SOMETHING_NEW', 'the TLS handshake failed'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
] as const)('%s is told as "%s"', ([code, words]) => {
  expect(causeOf(coded(code))).toBe(words);
});

test('of several causes the first is told', () => {
  expect(causeOf(new AggregateError([coded('EHOSTUNREACH'), coded('ECONNREFUSED')]))).toBe('host unreachable');
});

test('an unknown error is told in its own words, without its code', () => {
  expect(causeOf(coded('EWHATEVER', 'EWHATEVER: the moon is full'))).toBe('the moon is full');
  expect(causeOf(new Error('plain words'))).toBe('plain words');
  expect(causeOf('a string')).toBe('a string');
});

test('an error without words still gets some', () => {
  expect(causeOf(new Error(''))).toBe('it failed without saying why');
});
