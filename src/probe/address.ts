/**
 * From a host to the addresses that may be asked.
 *
 * A name is resolved once, what came of it is checked, and the connection then goes to exactly those addresses: a name
 * server that gives another answer the second time changes nothing. Link-local addresses are never asked, whoever wrote
 * the definition: cloud machines keep their credentials there.
 */
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An address to connect to. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

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
export type Resolve = (host: string) => readonly Address[] | Promise<readonly Address[]>;

/**
 * A resolver over the machine's own rules (`/etc/hosts`, name servers).
 * Shapes: the host may be a name, an IPv4 or IPv6 address, the latter in brackets or not; the result is not empty.
 * Errors: throws or rejects when the host is not known (the platform's error) or is link-local; it may take as long as
 * the platform's rules say, the caller has a deadline.
 */
export function addressResolver(): Resolve {
  const underWay = new Map<string, Promise<readonly Address[]>>();
  const literals = new Map<string, readonly Address[]>();
  const waiting: (() => void)[] = [];
  let running = 0;
  const find = async (name: string): Promise<readonly Address[]> => {
    if (running >= LOOKUPS_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return allowed(
        name,
        (await lookup(name, { all: true })).map(({ address }) => address),
      );
    } finally {
      running -= 1;
      underWay.delete(name);
      waiting.shift()?.();
    }
  };
  return (host) => {
    const literal = literals.get(host);
    if (literal !== undefined) return literal;
    const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
    if (name === 'localhost' || name.endsWith('.localhost')) return LOCALHOST;
    if (ipaddr.isValid(name)) {
      const addresses = allowed(name, [name]);
      if (literals.size < LITERALS_KEPT) literals.set(host, addresses);
      return addresses;
    }
    const known = underWay.get(name);
    if (known !== undefined) return known;
    const found = find(name);
    underWay.set(name, found);
    return found;
  };
}

/** A lookup for the platform's connections that gives the addresses found before and asks nobody. */
export function pinnedLookup(addresses: readonly Address[]): LookupFunction {
  return (_name, options, answer) => {
    const [first] = addresses;
    if (options.all === true) answer(null, [...addresses]);
    else answer(null, first?.address ?? '', first?.family);
  };
}

/** The addresses without link-local ones. Errors: throws when none is left. */
function allowed(name: string, found: readonly string[]): readonly Address[] {
  const addresses = found.flatMap((text): Address[] => {
    // `process` turns an IPv4 address dressed as IPv6 into itself, and odd spellings become plain ones.
    const parsed = ipaddr.process(text);
    if (parsed.range() === 'linkLocal') return [];
    return [{ address: parsed.toString(), family: parsed.kind() === 'ipv4' ? 4 : 6 }];
  });
  if (addresses.length > 0) return addresses;
  if (found.length === 0) throw new Error(`host name "${name}" has no address`);
  throw new Error(`"${name}" is a link-local address, which is never asked`);
}
