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
import type { Resolve } from './address.ts';
import type { AskHttp, HttpHead } from './http-node.ts';
import { type Answer, type ProbeKind, fail, pass, polled, tookWords } from './kind.ts';

/** What asking over HTTP needs. `plain` is for `http:`, `secure` for `https:`. */
export interface HttpParts {
  readonly clock: Clock;
  readonly resolve: Resolve;
  readonly plain: AskHttp;
  readonly secure: AskHttp;
}

type HttpTarget = Extract<ProbeTarget, { type: 'http' }>;

/** The platform's own limit for `fetch` is 20; a health check that needs more than this is misconfigured. */
const REDIRECTS = 5;

/** A kind that passes when the status lies in the target's ranges; the evidence is the status and the time it took. */
export function httpKind(parts: HttpParts): ProbeKind {
  return {
    price: 'cheap',
    key: ({ probe }) => JSON.stringify(probe.target),
    open: ({ probe: { target } }) => {
      assert(target.type === 'http');
      return polled((signal) => askHttp(target, parts, signal));
    },
  };
}

async function askHttp(target: HttpTarget, parts: HttpParts, signal: AbortSignal): Promise<Answer> {
  const from = parts.clock.monotonic();
  let url = URL.parse(target.url);
  for (let hops = 0; hops <= REDIRECTS; hops += 1) {
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return fail('not an http address');
    const head = await askOnce({ target, url, hops }, parts, signal);
    const words = `${statusWords(head.status)} in ${tookWords(parts.clock.monotonic() - from)}`;
    if (target.status.some(([first, last]) => head.status >= first && head.status <= last)) return pass(words);
    if (!isRedirect(head)) return fail(words);
    if (target.redirects === 'refuse') return fail(`${statusWords(head.status)}: ${refusalWords(head)}`);
    url = URL.parse(head.location ?? '', url.href);
  }
  return fail(`more than ${REDIRECTS} redirects`);
}

interface Hop {
  readonly target: HttpTarget;
  readonly url: URL;
  readonly hops: number;
}

async function askOnce({ target, url, hops }: Hop, parts: HttpParts, signal: AbortSignal): Promise<HttpHead> {
  const addresses = await parts.resolve(url.hostname);
  signal.throwIfAborted();
  // Credentials and the like are meant for the address as written.
  const isFirst = hops === 0 || new URL(target.url).origin === url.origin;
  const ask = url.protocol === 'https:' ? parts.secure : parts.plain;
  return ask({ url, method: target.method, headers: isFirst ? target.headers : {}, addresses, signal });
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
