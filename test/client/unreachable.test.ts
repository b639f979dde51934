import { expect, test } from 'vitest';
import { unreachable } from '../../src/client/unreachable.ts';

const failed = (code: string): Error => Object.assign(new Error(code), { code });

test.for([
  ['ECONNREFUSED', 'RSE3001', 'nobody listens on "shop:1"'],
  ['ENOTFOUND', 'RSE3002', 'the name is not known'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'RSE3002', 'its certificate is signed by itself'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'RSE3002', 'nobody who is believed here'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'RSE3002', 'made out to another name'],
  ['CERT_HAS_EXPIRED', 'RSE3002', 'its certificate is over'],
  ['ECONNRESET', 'RSE3002', 'it closed the connection'],
  ['EWHATEVER', 'RSE3002', 'the connection broke (EWHATEVER)'],
] as const)('%s of a host is told as what it is', ([code, expected, words]) => {
  const error = unreachable({ where: 'shop:1', by: 'host' }, failed(code));
  expect(error).toMatchObject({ code: expected, message: expect.stringContaining(words) });
  expect(error.message).toContain('"shop:1"');
});

test('a socket that is closed to us says as whom to run', () => {
  expect(unreachable({ where: '/s', by: 'socket' }, failed('EACCES'))).toMatchObject({
    message: 'cannot reach the daemon: no permission for "/s"',
    fields: { hint: 'run the command as the user that the daemon runs as' },
  });
});
