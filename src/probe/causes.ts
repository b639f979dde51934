/** What an error of the platform means to a person who waits for a service. */
import { evidence } from './kind.ts';

const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection closed before an answer',
  EPIPE: 'connection closed before an answer',
  ECONNABORTED: 'connection closed before an answer',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  EADDRNOTAVAIL: 'no free local address to ask from',
  ENOTFOUND: 'host name not known',
  EAI_NONAME: 'host name not known',
  EAI_NODATA: 'host name has no address',
  EAI_AGAIN: 'name server does not answer',
  EMFILE: 'too many files are open in this program',
  ENFILE: 'too many files are open on this machine',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EPROTO: 'no TLS is spoken there',
  ERR_SSL_WRONG_VERSION_NUMBER: 'no TLS is spoken there',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'no TLS is spoken there',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by an unknown authority',
  HPE_HEADER_OVERFLOW: 'its headers are too long',
};

/** The cause in words, one line: never a bare code such as `ECONNREFUSED`. */
export function causeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  if (!(error instanceof Error)) return evidence(String(error));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = CAUSES[code];
  if (known !== undefined) return known;
  if (code.startsWith('HPE_')) return 'the answer is not HTTP';
  if (code.startsWith('ERR_SSL_')) return 'the TLS handshake failed';
  return evidence(error.message.replace(/^[A-Z_]+: /, '')) || 'it failed without saying why';
}
