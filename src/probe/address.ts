/**
 * From a host to the addresses that may be asked.
 *
 * A name is resolved once, what came of it is checked, and the connection then goes to exactly those addresses: a name
 * server that gives another answer the second time changes nothing. Link-local addresses, and others at which clouds give
 * machines their credentials, are asked only where the rules of the project name the very address; a name in the rules is
 * not enough, since whoever answers for it could give any address.
 */
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Policy } from '../model/policy.ts';
import type { Spec } from '../model/spec.ts';

/** An address to connect to. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Where checks of a service may go: anywhere or to this machine alone, and besides to addresses, networks (CIDR) and names. */
export interface Reach {
  readonly hosts: 'any' | 'loopback';
  readonly also: readonly string[];
  /** Where a redirect by this machine may lead. */
  readonly redirects: 'anywhere' | 'this-machine';
}

/** The reach of what was defined in a file, where the rules add nothing. */
export const ANYWHERE: Reach = { hosts: 'any', also: [], redirects: 'anywhere' };

/**
 * Addresses of clouds' own servers that are not link-local: credentials of the machine are to be had there.
 * Source: the documentation of AWS (IMDS over IPv6), Google Cloud, Alibaba Cloud, Oracle Cloud and Azure (wire server).
 */
const OF_CLOUDS: readonly string[] = [
  'fd00:ec2:0:0:0:0:0:254',
  'fd20:ce:0:0:0:0:0:254',
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
];

/** `localhost` is this machine whatever name servers say, RFC 6761 section 6.3. IPv4 first, where most services listen. */
const LOCALHOST: readonly Address[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];
/** The platform resolves names on its four threads, which files need too; a silent name server must not take them all. */
const LOOKUPS_AT_ONCE = 2;
/** Addresses that were read once are not read again; there are no more than there are services. */
const LITERALS_KEPT = 10_000;

/**
 * Turns a host into addresses; at once where nothing has to be looked up. One for all probes: equal names that are asked
 * at the same time are looked up once.
 */
export type Resolve = (host: string, reach?: Reach) => readonly Address[] | Promise<readonly Address[]>;

/**
 * A resolver over the machine's own rules (`/etc/hosts`, name servers).
 * Shapes: the host may be a name, an IPv4 or IPv6 address, the latter in brackets or not; the result is not empty.
 * Errors: throws or rejects when the host is not known (the platform's error) or is link-local; it may take as long as
 * the platform's rules say, the caller has a deadline. `ask` is for tests of what name servers do.
 */
export function addressResolver(ask: Ask = askPlatform): Resolve {
  const underWay = new Map<string, Promise<readonly string[]>>();
  const literals = new Map<string, readonly Address[]>();
  const waiting: (() => void)[] = [];
  let running = 0;
  const find = async (name: string): Promise<readonly string[]> => {
    if (running >= LOOKUPS_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await ask(name);
    } finally {
      running -= 1;
      underWay.delete(name);
      waiting.shift()?.();
    }
  };
  return (host, reach = ANYWHERE) => {
    const literal = reach === ANYWHERE ? literals.get(host) : undefined;
    if (literal !== undefined) return literal;
    const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
    if (name === 'localhost' || name.endsWith('.localhost')) return LOCALHOST;
    if (ipaddr.isValid(name)) {
      const addresses = allowed(name, [name], reach);
      if (reach === ANYWHERE && literals.size < LITERALS_KEPT) literals.set(host, addresses);
      return addresses;
    }
    const found = underWay.get(name) ?? find(name);
    underWay.set(name, found);
    return found.then((addresses) => allowed(name, addresses, reach));
  };
}

/** Where the checks of a service may go. Asked at every use, so that a new rule counts at once. */
export type ReachOf = (spec: Pick<Spec, 'origin'>) => Reach;

/** What a kind of probe that goes to addresses needs. */
export interface Reaching {
  readonly resolve: Resolve;
  readonly reachOf: ReachOf;
}

/**
 * Reach by the rules. Where a definition of the API may go was judged when it was put; it has no place in a file, and what it
 * asks on this machine may not send it elsewhere.
 */
export function reachBy(policy: () => Pick<Policy, 'apiDefinitions' | 'probeHosts'>): ReachOf {
  return ({ origin }) => {
    const { apiDefinitions, probeHosts: also } = policy();
    const redirects = origin === null && apiDefinitions.probes === 'loopback' ? 'this-machine' : 'anywhere';
    return redirects === 'anywhere' && also.length === 0 ? ANYWHERE : { hosts: 'any', also, redirects };
  };
}

/** Asks for the addresses of a name, once. */
export type Ask = (name: string) => Promise<readonly string[]>;

async function askPlatform(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

/** The reach of what follows a redirect by who was asked first. */
export function afterRedirect(reach: Reach, first: readonly Address[]): Reach {
  const isHere = first.every(({ address }) => ipaddr.process(address).range() === 'loopback');
  return isHere && reach.redirects === 'this-machine' ? { ...reach, hosts: 'loopback' } : reach;
}

/** A lookup for the platform's connections that gives the addresses found before and asks nobody. */
export function pinnedLookup(addresses: readonly Address[]): LookupFunction {
  return (_name, options, answer) => {
    const [first] = addresses;
    if (options.all === true) answer(null, [...addresses]);
    else answer(null, first?.address ?? '', first?.family);
  };
}

/** Those of the addresses that may be asked. Errors: throws when none is left. */
function allowed(name: string, found: readonly string[], reach: Reach): readonly Address[] {
  if (found.length === 0) throw new Error(`host name "${name}" has no address`);
  const parsed = found.map((text) => ipaddr.process(text));
  const judged = parsed.map((address) => refusal(name, address, reach));
  const addresses = parsed.filter((_, index) => judged[index] === null);
  const [why] = judged;
  if (addresses.length === 0) throw new Error(`"${name}" ${why ?? ''}`);
  // `process` turned an IPv4 address dressed as IPv6 into itself, and odd spellings became plain ones.
  return addresses.map((address) => ({ address: address.toString(), family: address.kind() === 'ipv4' ? 4 : 6 }));
}

/** Why an address is not asked; null when it is. */
function refusal(name: string, address: ipaddr.IPv4 | ipaddr.IPv6, { hosts, also }: Reach): string | null {
  if (also.some((network) => covers(network, address))) return null;
  if (meanings(address).some((meant) => meant.range() === 'linkLocal'))
    return 'is a link-local address, which is never asked';
  if (meanings(address).some((meant) => OF_CLOUDS.includes(meant.toNormalizedString())))
    return "is an address of a cloud's own, which is never asked";
  if (hosts === 'any' || address.range() === 'loopback' || also.includes(name)) return null;
  return 'is not an address of this machine, which sent the check there';
}

/** The address, and the IPv4 address that a translator would make of it. Source: RFC 6052 (NAT64), RFC 3056 (6to4), RFC 4291. */
function meanings(address: ipaddr.IPv4 | ipaddr.IPv6): readonly (ipaddr.IPv4 | ipaddr.IPv6)[] {
  if (!(address instanceof ipaddr.IPv6)) return [address];
  const bytes = address.toByteArray();
  if (address.range() === '6to4') return [address, new ipaddr.IPv4(bytes.slice(2, 6))];
  const isCompatible = bytes.slice(0, 12).every((byte) => byte === 0);
  return isCompatible || address.range() === 'rfc6052' ? [address, new ipaddr.IPv4(bytes.slice(12))] : [address];
}

/** Whether a network, or an address, holds that address. */
function covers(network: string, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (ipaddr.isValid(network)) return ipaddr.process(network).toNormalizedString() === address.toNormalizedString();
  if (!ipaddr.isValidCIDR(network)) return false;
  const [base, bits] = ipaddr.parseCIDR(network);
  return base.kind() === address.kind() && address.match(base, bits);
}
