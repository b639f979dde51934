/**
 * Who is let in, in the order of the checks: one Host, no foreign origin, an address of a bearable length; then the route
 * is looked up, its method, its role, its body. A browser cannot reach a unix socket; whatever claims to be one is
 * turned away all the same, so that the same checks hold for every listener to come.
 */
import type { Actor } from '../model/change.ts';
import { RouseError } from '../model/errors.ts';
import type { Role } from './route.ts';

/** What of a request the checks look at. `hosts` are all Host headers as received: the parser keeps only the first. */
export interface Visitor {
  readonly hosts: readonly string[];
  readonly target: string;
  readonly header: (name: string) => string | null;
}

const TARGET_LIMIT = 8192;
const SAME_SITES: readonly (string | null)[] = [null, 'same-origin', 'none'];
const RANK: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2 };

/** Refuses a visitor before its route is known. Errors: RSE4105, RSE4106, RSE4108. */
export function admit(visitor: Visitor): void {
  if (visitor.hosts.length > 1) throw new RouseError('RSE4105', 'cannot answer: there is more than one Host header');
  const origin = visitor.header('origin');
  if (origin !== null) throw new RouseError('RSE4106', 'cannot answer: requests of web pages are not let in here');
  if (!SAME_SITES.includes(visitor.header('sec-fetch-site')))
    throw new RouseError('RSE4106', 'cannot answer: requests of another site are not let in here');
  if (visitor.target.length > TARGET_LIMIT)
    throw new RouseError('RSE4108', `cannot answer: the address is longer than ${TARGET_LIMIT} characters`);
}

/** Whether somebody of this role may use a route of that one. */
export function mayUse(own: Role, needed: Role): boolean {
  return RANK[own] >= RANK[needed];
}

/**
 * Who a request of this listener counts as. The name comes from the listener alone, never from the request; only the
 * face, which gives no right, is believed.
 */
export function actorOf(listener: string, visitor: Pick<Visitor, 'header'>): Actor {
  const via = visitor.header('rouse-via');
  return { via: via === 'cli' || via === 'library' ? via : 'api', name: listener };
}
