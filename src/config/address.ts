/** Addresses of checks: `http://…`, `host:port`, `tcp://host:port`, `dns://server:port/name`. */
import ipaddr from 'ipaddr.js';
import type { Fault } from './fault.ts';

/**
 * Where checks may go: anywhere but link-local, or this machine alone (definitions made over the API); and besides to the
 * addresses, networks and names of `also`, in lower case.
 */
export interface Reach {
  readonly hosts: 'any' | 'loopback';
  readonly also: readonly string[];
}

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
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  const address = ipaddr.isValid(bare) ? ipaddr.process(bare) : null;
  if (reach.also.some((one) => (address === null ? one === bare : covers(one, address)))) return null;
  const range = address?.range() ?? null;
  if (range === 'linkLocal')
    return {
      message: `a check cannot go to the link-local address ${bare}`,
      hint: 'ask an address of the service itself; the rules may allow it: security.probe_hosts',
    };
  const local = range === 'loopback' || bare === 'localhost' || bare.endsWith('.localhost');
  return reach.hosts === 'loopback' && !local
    ? {
        message: `a check of this definition can only go to this machine, not to "${bare}"`,
        hint: 'use localhost, or define the service in a file; the rules may allow it: security.api_definitions',
      }
    : null;
}

/** Whether a network, or an address, holds that address. */
function covers(network: string, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (ipaddr.isValid(network)) return ipaddr.process(network).toNormalizedString() === address.toNormalizedString();
  if (!ipaddr.isValidCIDR(network)) return false;
  const [base, bits] = ipaddr.parseCIDR(network);
  return base.kind() === address.kind() && address.match(base, bits);
}
