/**
 * Listeners on addresses: whether one is safe to open, and what its door looks like.
 *
 * On this machine a token is asked for; beyond it TLS and a token, or the daemon does not start. Names are what a page that
 * was pointed here cannot choose: so the names by which a listener is reached are written down, and no other is answered.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import { createSecureContext } from 'node:tls';
import type { Door } from './door.ts';
import { within } from './peer.ts';
import type { Certificate } from './server.ts';
import { ConnectionError } from '../model/errors.ts';
import { isLoopbackHost, listenText } from '../model/listen.ts';
import type { ListenRule, Policy } from '../model/policy.ts';

const ANY: readonly string[] = ['0.0.0.0', '::'];
const OTHERS_READ = 0o044;

/** Whether a listener is reached from this machine alone. */
function reachOf({ host }: Pick<ListenRule, 'host'>): Door['reach'] {
  return isLoopbackHost(host) ? 'machine' : 'beyond';
}

/** Errors: RSE3009 when the listener would be open beyond this machine without TLS, or without anybody who may use it. */
export function checkSafe(rule: ListenRule, tokens: number): void {
  if (reachOf(rule) === 'machine') return;
  const place = listenText(rule);
  if (rule.tls === null && rule.plainHttp !== 'typed-out')
    throw new ConnectionError(
      'RSE3009',
      `cannot listen on ${place}: it is reached from other machines, and there is no certificate`,
      {
        hint: 'give --tls-cert FILE --tls-key FILE, listen on 127.0.0.1, or type out --insecure-plain-http',
      },
    );
  if (tokens > 0) return;
  throw new ConnectionError(
    'RSE3009',
    `cannot listen on ${place}: it is reached from other machines, and there is no token`,
    {
      hint: 'make one first: rouse token new NAME --role admin',
    },
  );
}

/**
 * The certificate and key of a listener, read and tried; null without TLS. `say` hears what is no reason to refuse.
 * Errors: RSE3009 with the file and what is wrong with it.
 */
export function certificateOf({ tls }: ListenRule, say: (line: string) => void, now: number): Certificate | null {
  if (tls === null) return null;
  const cert = read(tls.cert, 'certificate');
  const key = read(tls.key, 'key');
  let validTo: number;
  try {
    validTo = Date.parse(new X509Certificate(cert).validTo);
  } catch (cause) {
    throw unusable(tls.cert, `it holds no certificate in PEM (${wordsOf(cause)})`);
  }
  if (validTo < now) throw unusable(tls.cert, `it ended on ${new Date(validTo).toISOString().slice(0, 10)}`);
  try {
    createSecureContext({ cert, key, minVersion: 'TLSv1.2' });
  } catch (cause) {
    throw unusable(tls.key, `it does not fit "${tls.cert}" (${wordsOf(cause)})`);
  }
  if ((statSync(tls.key).mode & OTHERS_READ) !== 0) say(`tls: others may read the key "${tls.key}": chmod 0600 it`);
  return { cert, key };
}

/** The door of a listener on an address. `port` is the one that it got. */
export function tcpDoor(rule: ListenRule, port: number, policy: Pick<Policy, 'allowedHosts' | 'trustedProxies'>): Door {
  const own = ownHosts(rule.host, port);
  const named = policy.allowedHosts.flatMap((host) => (/:\d+$/.test(host) ? [host] : [host, `${host}:${port}`]));
  const standard =
    port === (rule.tls === null ? 80 : 443) ? own.map((host) => host.slice(0, host.lastIndexOf(':'))) : [];
  const hosts = new Set([...own, ...standard, ...named].map((host) => host.toLowerCase()));
  const scheme = rule.tls === null ? 'http' : 'https';
  // A proxy that is trusted may add the encryption itself.
  const proxied = policy.trustedProxies.length > 0 ? named.map((host) => `https://${host}`) : [];
  return {
    via: 'tcp',
    name: `tcp:${listenText({ ...rule, port })}`,
    role: null,
    hosts,
    origins: new Set([...Array.from(hosts, (host) => `${scheme}://${host}`), ...proxied]),
    reach: reachOf(rule),
    isProxy: policy.trustedProxies.length === 0 ? () => false : within(policy.trustedProxies),
  };
}

/** The rule with an address in place of a name that means this machine: whatever a file of names says. */
export function settled(rule: ListenRule): ListenRule {
  return rule.host === 'localhost' ? { ...rule, host: '127.0.0.1' } : rule;
}

/** Listens there; resolves with the port. Errors: RSE3003 when it cannot be bound. */
export function listenAt(server: Server, { host, port }: ListenRule): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void => {
      const why = cause.code === 'EADDRINUSE' ? 'another program listens there' : cause.message;
      reject(new ConnectionError('RSE3003', `cannot listen on ${listenText({ host, port })}: ${why}`, { cause }));
    };
    server.once('error', fail);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', fail);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

// An address of this machine is as good as a name of it: only names can be pointed here by somebody else.
function ownHosts(host: string, port: number): string[] {
  const here = ['127.0.0.1', 'localhost', '::1'];
  if (ANY.includes(host)) {
    const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
    return [...new Set([...here, ...addresses])].map((address) => listenText({ host: address, port }));
  }
  const names = reachOf({ host }) === 'machine' ? [...here, host] : [host];
  return [...new Set(names)].map((name) => listenText({ host: name, port }));
}

function read(path: string, what: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw unusable(path, `the ${what} cannot be read (${wordsOf(cause)})`);
  }
}

function unusable(path: string, why: string): ConnectionError {
  return new ConnectionError('RSE3009', `cannot use "${path}" for TLS: ${why}`, {
    hint: 'give a certificate chain and its key in PEM: --tls-cert FILE --tls-key FILE',
  });
}

function wordsOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause && cause.code === 'ENOENT' ? 'it is not there' : cause.message.slice(0, 200);
}
