/**
 * Who is let in at a door, in the order of the checks: one Host that is ours, no foreign page, an address of a bearable
 * length, a body of the one type that is read. All of it before the route is looked up, so that unknown paths, errors and
 * streams are behind the same checks; then come the credential (`credentials.ts`), the route, its role, its body.
 *
 * The Host is what a page on another name cannot fake: a name that was pointed here for the length of an attack is still
 * the name that the browser says.
 */
import type { Caller } from '../model/caller.ts';
import type { Actor } from '../model/change.ts';
import { Denial } from './denial.ts';
import type { Door } from './door.ts';
import { type BodySource, checkContentType } from './request.ts';

/** What of a request the checks look at. `hosts` are all Host headers as received: the parser keeps only the first. */
export interface Visitor {
  readonly hosts: readonly string[];
  readonly target: string;
  readonly header: (name: string) => string | null;
  readonly body: Omit<BodySource, 'stream'>;
}

const TARGET_LIMIT = 8192;
const SAME_SITES: readonly (string | null)[] = [null, 'same-origin', 'none'];
const HOST_LIKE = /^[a-z0-9._:[\]-]{1,255}$/i;

/** Refuses a visitor before its route is known. Errors: RSE4105, RSE4106, RSE4108, RSE4104. */
export function admit(visitor: Visitor, door: Door): void {
  checkHost(visitor.hosts, door);
  const origin = visitor.header('origin');
  if (origin !== null && !door.origins.has(origin))
    throw new Denial('RSE4106', 'cannot answer: requests of web pages are not let in here');
  if (!SAME_SITES.includes(visitor.header('sec-fetch-site')))
    throw new Denial('RSE4106', 'cannot answer: requests of another site are not let in here');
  if (visitor.target.length > TARGET_LIMIT)
    throw new Denial('RSE4108', `cannot answer: the address is longer than ${TARGET_LIMIT} characters`);
  checkContentType(visitor.body);
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

function checkHost(hosts: readonly string[], door: Door): void {
  if (hosts.length > 1) throw new Denial('RSE4105', 'cannot answer: there is more than one Host header');
  const [host = ''] = hosts;
  if (door.hosts === null) {
    if (hosts.length === 0 || HOST_LIKE.test(host)) return;
    throw new Denial('RSE4105', 'cannot answer: the Host header is malformed');
  }
  if (door.hosts.has(host.toLowerCase())) return;
  throw new Denial('RSE4105', 'cannot answer: this listener is not reached by the name that the request says', {
    hint: 'ask it by its own address and port, or allow the name: security.allowed_hosts',
  });
}
