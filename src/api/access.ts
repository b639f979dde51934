/**
 * Who is let in, in the order of the checks: one Host, no foreign origin, an address of a bearable length; then the route
 * is looked up, its method, its role, its body. A browser cannot reach a unix socket; whatever claims to be one is
 * turned away all the same, so that the same checks hold for every listener to come.
 */
import type { Caller } from '../model/caller.ts';
import type { Actor } from '../model/change.ts';
import { RouseError } from '../model/errors.ts';

/** What of a request the checks look at. `hosts` are all Host headers as received: the parser keeps only the first. */
export interface Visitor {
  readonly hosts: readonly string[];
  readonly target: string;
  readonly header: (name: string) => string | null;
}

const TARGET_LIMIT = 8192;
const SAME_SITES: readonly (string | null)[] = [null, 'same-origin', 'none'];

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

/**
 * Who a request counts as in the history of services. The name comes from the listener and the token alone; only the
 * face, which gives no right, is believed.
 */
export function actorOf(caller: Pick<Caller, 'listener' | 'token'>, visitor: Pick<Visitor, 'header'>): Actor {
  const via = visitor.header('rouse-via');
  const name = caller.token === null ? caller.listener : `token:${caller.token.name}`;
  return { via: via === 'cli' || via === 'library' ? via : 'api', name };
}
