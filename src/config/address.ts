/** Addresses of checks: `http://…`, `host:port`, `tcp://host:port`, `dns://server:port/name`. */
import ipaddr from 'ipaddr.js';
import type { Fault } from './fault.ts';

/** Where checks may go: anywhere but link-local, or this machine alone (definitions made over the API). */
export type Reach = 'any' | 'loopback';

/** A host with its port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Why an address cannot be used; code RSE1113. */
export type Refused = Pick<Fault, 'message' | 'hint'>;

/** The address of an HTTP check, made whole; or why it is none. Accepts http and https, no name and password. */
export function httpAddress(text: string, reach: Reach): { url: string } | Refused {
  if (!/^https?:\/\//i.test(text))
    return {
      message: `"${text}" is not an address`,
      hint: 'write http://host:port/path, https://…, tcp://host:port or dns://server:port/name',
    };
  if (!URL.canParse(text)) return { message: `"${text}" is not an address`, hint: 'write http://host:port/path' };
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    return {
      message: 'an address cannot hold a name or a password',
      hint: 'send them as a header: headers = { authorization = "…" }',
    };
  return refusedHost(url.hostname, reach) ?? { url: text };
}

/** The host and port of `host:port`, `[v6]:port` or `scheme://host:port`; or why it is none. */
export function hostPort(text: string, reach: Reach, usual: number | null): HostPort | Refused {
  const bare = text.replace(/^[a-z]+:\/\//i, '').replace(/\/$/, '');
  const match = /^(?:\[([0-9a-f:.%]+)\]|([^\s:[\]/?#@]+))(?::(\d{1,5}))?$/i.exec(bare);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? usual : Number(match[3]);
  if (host === undefined) return { message: `"${text}" is not an address`, hint: 'write host:port' };
  if (port === null) return { message: `"${text}" has no port`, hint: 'write host:port' };
  if (port < 1 || port > 65_535) return { message: `there is no port ${port}`, hint: 'ports go from 1 to 65535' };
  return refusedHost(host, reach) ?? { host, port };
}

function refusedHost(host: string, reach: Reach): Refused | null {
  const bare = host.replace(/^\[|\]$/g, '');
  const range = ipaddr.isValid(bare) ? ipaddr.process(bare).range() : null;
  if (range === 'linkLocal')
    return {
      message: `a check cannot go to the link-local address ${bare}`,
      hint: 'ask an address of the service itself',
    };
  const local = range === 'loopback' || bare === 'localhost' || bare.endsWith('.localhost');
  return reach === 'loopback' && !local
    ? {
        message: `a check of this definition can only go to this machine, not to "${bare}"`,
        hint: 'use localhost, or define the service in a file',
      }
    : null;
}
