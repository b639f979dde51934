/** Why no answer came, in words: what the system, the network or TLS says, and what helps. */
import { ConnectionError } from '../model/errors.ts';

/** Where it was tried: a socket's path, or host and port. */
export interface Tried {
  readonly where: string;
  readonly by: 'socket' | 'host';
}

type Words = readonly [why: string, hint: string | null];

const ON_SOCKET: Readonly<Record<string, Words>> = {
  EACCES: ['no permission', 'run the command as the user that the daemon runs as'],
  EPERM: ['no permission', 'run the command as the user that the daemon runs as'],
};

const CA_HINT = 'give the certificate of the daemon, or of its authority: --ca FILE, or ROUSE_CA';
const UNTRUSTED: Words = ['its certificate is signed by nobody who is believed here', CA_HINT];

const ON_HOST: Readonly<Record<string, Words>> = {
  ENOTFOUND: ['the name is not known', 'see the address that --host or ROUSE_HOST gives'],
  EAI_AGAIN: ['the name is not known at present', 'see the address that --host or ROUSE_HOST gives'],
  EHOSTUNREACH: ['there is no way there', null],
  ENETUNREACH: ['there is no way there', null],
  ETIMEDOUT: ['nobody answers there', 'a firewall may be in between'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['its certificate is signed by itself', CA_HINT],
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_HAS_EXPIRED: ['its certificate is over', 'give the daemon a new one: --tls-cert, --tls-key'],
  CERT_NOT_YET_VALID: ['its certificate is not valid yet', 'compare the clocks of both machines'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'its certificate is made out to another name',
    'use a name that the certificate has, or give the daemon one for this name',
  ],
  ERR_SSL_WRONG_VERSION_NUMBER: ['it does not speak TLS', 'use http:// if it listens without, on this machine alone'],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['it does not speak TLS', 'use http:// if it listens without, on this machine alone'],
  EPROTO: ['it does not speak TLS as we do', 'use http:// if it listens without, on this machine alone'],
  HPE_INVALID_CONSTANT: ['it does not speak HTTP', 'use https:// if it listens with a certificate'],
};

/** The error of a connection that did not come about, or broke. RSE3001: nobody listens; RSE3002: anything else. */
export function unreachable({ where, by }: Tried, cause: unknown): ConnectionError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOENT' || code === 'ECONNREFUSED')
    return new ConnectionError('RSE3001', `cannot reach the daemon: nobody listens on "${where}"`, {
      hint: by === 'socket' ? 'bring the project up: rouse up' : 'have the daemon listen there: rouse up --listen',
      cause,
    });
  const [why, hint] = (by === 'socket' ? ON_SOCKET : ON_HOST)[code] ?? [brokenBy(code), null];
  if (by === 'socket' && why === 'no permission')
    return new ConnectionError('RSE3002', `cannot reach the daemon: no permission for "${where}"`, {
      ...(hint === null ? {} : { hint }),
      cause,
    });
  return new ConnectionError('RSE3002', `cannot reach the daemon on "${where}": ${why}`, {
    ...(hint === null ? {} : { hint }),
    cause,
  });
}

function brokenBy(code: string): string {
  return code === 'ECONNRESET' || code === 'EPIPE' ? 'it closed the connection' : `the connection broke (${code})`;
}
