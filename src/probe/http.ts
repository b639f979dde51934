/**
 * Whether an address answers a request with an accepted status.
 *
 * Where the request goes is decided once, before it goes: the name is resolved, what it means is checked, and exactly
 * that is connected to (`address.ts`). Redirects are refused unless they are asked for, since they lead elsewhere.
 */
import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';
import type { ProbeTarget } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import { type Reach, type ReachOf, type Resolve, afterRedirect } from './address.ts';
import type { HttpClient, HttpHead, SendHttp } from './http-node.ts';
import { type Answer, type ProbeKind, fail, pass, polled, tookWords } from './kind.ts';

/** What asking over HTTP needs. `plain` is for `http:`, `secure` for `https:`. */
export interface HttpParts {
  readonly clock: Clock;
  readonly resolve: Resolve;
  readonly reachOf: ReachOf;
  readonly plain: HttpClient;
  readonly secure: HttpClient;
}

type HttpTarget = Extract<ProbeTarget, { type: 'http' }>;

/** Where a request goes; prepared once for the address as written. */
interface Hop {
  readonly url: URL;
  readonly send: SendHttp;
}

/** The platform's own limit for `fetch` is 20; a health check that needs more than this is misconfigured. */
const REDIRECTS = 5;

/** A kind that passes when the status lies in the target's ranges; the evidence is the status and the time it took. */
export function httpKind(parts: HttpParts): ProbeKind {
  const { reachOf } = parts;
  return {
    price: 'cheap',
    // Two that may go to different places get different answers.
    key: ({ probe, spec }) => JSON.stringify([probe.target, reachOf(spec)]),
    open: ({ probe: { target }, spec }) => {
      assert(target.type === 'http');
      const first = hopTo(URL.parse(target.url), target, parts);
      return polled((signal) => askHttp(target, first, { parts, reach: reachOf(spec), signal }));
    },
  };
}

async function askHttp(
  target: HttpTarget,
  first: Hop | null,
  { parts, reach, signal }: { readonly parts: HttpParts; readonly reach: Reach; readonly signal: AbortSignal },
): Promise<Answer> {
  const from = parts.clock.monotonic();
  let hop = first;
  let allowed = reach;
  for (let hops = 0; hops <= REDIRECTS; hops += 1) {
    if (hop === null) return fail('not an http address');
    const addresses = await parts.resolve(hop.url.hostname, allowed);
    if (hops === 0) allowed = afterRedirect(reach, addresses);
    signal.throwIfAborted();
    const head = await hop.send(addresses, signal);
    const words = `${statusWords(head.status)} in ${tookWords(parts.clock.monotonic() - from)}`;
    if (target.status.some(([low, high]) => head.status >= low && head.status <= high)) return pass(words);
    if (!isRedirect(head)) return fail(words);
    if (target.redirects === 'refuse') return fail(`${statusWords(head.status)}: ${refusalWords(head)}`);
    hop = hopTo(URL.parse(head.location ?? '', hop.url.href), target, parts);
  }
  return fail(`more than ${REDIRECTS} redirects`);
}

/** Null when the address is none that can be asked. */
function hopTo(url: URL | null, target: HttpTarget, parts: HttpParts): Hop | null {
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null;
  // Credentials and the like are meant for the server as written.
  const headers = URL.parse(target.url)?.origin === url.origin ? target.headers : {};
  const prepare = url.protocol === 'https:' ? parts.secure : parts.plain;
  return { url, send: prepare({ url, method: target.method, headers }) };
}

function isRedirect({ status, location }: HttpHead): boolean {
  return status >= 300 && status <= 399 && location !== null;
}

function refusalWords({ location }: HttpHead): string {
  return `it redirects to ${location ?? 'another address'}, and redirects are not followed`;
}

/** The status with its standard words: the server's own could say anything. */
function statusWords(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`.trim();
}
