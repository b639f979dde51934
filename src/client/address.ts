/** Where a daemon is, and whether it may be spoken to there. */
import { ConnectionError } from '../model/errors.ts';
import { isLoopbackHost } from '../model/listen.ts';

/** A daemon on this machine, by the path of its socket. */
export interface SocketAddress {
  readonly socketPath: string;
}

/** A daemon at an address, `http://HOST:PORT` or `https://HOST:PORT`. */
export interface HostAddress {
  readonly baseUrl: string;
  /** The credential; sent in the Authorization header, and nowhere else. */
  readonly token?: string;
  /** Certificates in PEM of the authorities that are believed, instead of the usual ones. */
  readonly ca?: string;
  /** `typed-out`: plain HTTP beyond this machine was asked for in full words. Default `loopback-only`. */
  readonly plainHttp?: 'loopback-only' | 'typed-out';
}

/** Where the daemon is. */
export type Address = SocketAddress | HostAddress;

/** A host that may be spoken to. */
export interface Host {
  /** Without brackets. */
  readonly hostname: string;
  readonly port: string;
  readonly tls: 'on' | 'off';
}

/**
 * The host of an address. A credential is not sent in the clear to another machine: whoever listens in between would have it.
 * Errors: RSE3002 when it is no such address, or a credential would be sent in the clear.
 */
export function hostOf({ baseUrl, token, plainHttp }: HostAddress): Host {
  const url = URL.parse(baseUrl);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw refused(baseUrl, 'only http:// and https:// addresses are spoken to', 'for example: https://host:7878');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '' || url.pathname !== '/')
    // Not repeated: it may hold a credential.
    throw refused(url.host, 'an address is only host and port', 'a credential is handed over by ROUSE_TOKEN');
  const tls = url.protocol === 'https:' ? 'on' : 'off';
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (tls === 'off' && token !== undefined && plainHttp !== 'typed-out' && !isLoopbackHost(hostname))
    throw refused(baseUrl, 'the token would be sent there in the clear', 'use https://, or a tunnel to 127.0.0.1');
  if (token !== undefined && !/^[\x21-\x7e]{1,256}$/.test(token))
    throw refused(baseUrl, 'the token is none: it has other characters than a token has', 'rouse token new prints one');
  return { hostname, port: url.port === '' ? (tls === 'on' ? '443' : '80') : url.port, tls };
}

/** Why an address is not spoken to. */
export function refused(where: string, why: string, hint?: string): ConnectionError {
  return new ConnectionError('RSE3002', `cannot use "${where}": ${why}`, hint === undefined ? {} : { hint });
}
