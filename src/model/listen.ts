/** Where a listener is: an address and a port, as people write it. */
import type { ListenRule } from './policy.ts';

const WRITTEN = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9.-]{1,253})):(\d{1,5})$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9](?:[a-z0-9-]{0,62}))*$/;

/**
 * Host and port of `127.0.0.1:7878`, `[::1]:7878` or `localhost:0`; null when it is none of these. What looks like an
 * IPv6 address is left to the system to judge.
 * Shapes: the host has no brackets and is in lower case. Units: the port is 0 (any that is free) to 65535.
 */
export function parseListen(text: string): Pick<ListenRule, 'host' | 'port'> | null {
  const [, ipv6, other = '', digits = ''] = WRITTEN.exec(text.toLowerCase()) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535) return null;
  if (ipv6 !== undefined) return ipv6.includes(':') ? { host: ipv6, port } : null;
  const isNumbers = /^[\d.]+$/.test(other);
  return (isNumbers ? IPV4 : NAME).test(other) ? { host: other, port } : null;
}

/** The address as it is written: `127.0.0.1:7878`, `[::1]:7878`. */
export function listenText({ host, port }: Pick<ListenRule, 'host' | 'port'>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether it is reached from this machine alone. A name but `localhost` may be anything. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || (IPV4.test(host) && host.startsWith('127.'));
}
