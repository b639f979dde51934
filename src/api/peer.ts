/** Who is at the other end of a connection. Node says an address, and of a unix socket nothing (ADR 0044). */
import { BlockList } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Door, Peer } from './door.ts';

/** What a connection says: its address and port; undefined for unix sockets. */
export interface Connection {
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** The header X-Forwarded-For. */
  readonly forwarded: string | null;
}

/** The other end of a unix socket, of which nothing is known. */
export const UNKNOWN_PEER: Peer = { uid: null, pid: null, remote: null, source: 'unix', from: 'here' };

/**
 * The peer of a connection. What X-Forwarded-For says counts only from a proxy that is trusted, and from the right: the
 * first address there that is no trusted proxy's is the client, whatever it wrote in front of itself.
 */
export function peerOf({ address, port, forwarded }: Connection, door: Door): Peer {
  if (door.via === 'unix' || address === undefined) return UNKNOWN_PEER;
  const own = plain(address);
  const known = { uid: null, pid: null };
  if (forwarded === null || !door.isProxy(own))
    return {
      ...known,
      remote: `${own.includes(':') ? `[${own}]` : own}:${port ?? 0}`,
      source: sourceOf(own),
      from: 'here',
    };
  const hops = forwarded.split(',').map((hop) => hop.trim());
  const client = hops.findLast((hop) => !ipaddr.isValid(hop) || !door.isProxy(plain(hop))) ?? own;
  const remote = ipaddr.isValid(client) ? plain(client) : own;
  return { ...known, remote, source: sourceOf(remote), from: 'a-proxy' };
}

/** A test whether an address lies in one of the networks (CIDR, or a single address). What is neither is left out. */
export function within(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const text of networks) {
    const [network = '', bits] = text.split('/');
    if (!ipaddr.isValid(network)) continue;
    const address = ipaddr.process(network);
    const full = address.kind() === 'ipv4' ? 32 : 128;
    list.addSubnet(address.toString(), bits === undefined ? full : Number(bits), address.kind());
  }
  return (text) => {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return list.check(address.toString(), address.kind());
  };
}

// An IPv4 address that came in by a socket of IPv6 is written as what it is.
function plain(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : address;
}

// Whoever has one address of IPv6 has a network of them.
function sourceOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6
    ? parsed.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')
    : address;
}
