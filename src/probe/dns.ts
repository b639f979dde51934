/** Whether a name server answers for a name: a real query, past the machine's own rules and caches. */
import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import type { ProbeTarget } from '../model/spec.ts';
import type { Reaching, Resolve } from './address.ts';
import { causeOf } from './causes.ts';
import { type Answer, type ProbeKind, fail, pass, polled } from './kind.ts';

type DnsTarget = Extract<ProbeTarget, { type: 'dns' }>;

/** Codes of c-ares, https://c-ares.org/docs/ares_query.html, each with what the server did. */
const CAUSES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such name (NXDOMAIN)',
  ESERVFAIL: 'the server failed (SERVFAIL)',
  EREFUSED: 'the server refuses the question (REFUSED)',
  EFORMERR: 'the server did not understand the question (FORMERR)',
  ENOTIMP: 'the server does not know that question (NOTIMP)',
  EBADRESP: 'the answer is not DNS',
  ETIMEOUT: 'no answer',
  ECANCELLED: 'no answer',
  EBADNAME: 'not a name that can be asked for',
};

/** A kind that passes when there is at least one record; the evidence is the answer. */
export function dnsKind({ resolve, reachOf }: Reaching): ProbeKind {
  return {
    price: 'cheap',
    // Two that may go to different places get different answers.
    key: ({ probe, spec }) => JSON.stringify([probe.target, reachOf(spec)]),
    open: ({ probe: { target, timeoutMs }, spec }) => {
      assert(target.type === 'dns');
      return polled((signal) => askDns(target, { resolve: (host) => resolve(host, reachOf(spec)), signal, timeoutMs }));
    },
  };
}

async function askDns(
  target: DnsTarget,
  {
    resolve,
    signal,
    timeoutMs,
  }: { readonly resolve: Resolve; readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<Answer> {
  const addresses = await resolve(target.server);
  signal.throwIfAborted();
  // One packet, then one retry in the middle: a lost packet is no fault of the server.
  const resolver = new Resolver({ timeout: Math.max(1, Math.ceil(timeoutMs / 2)), tries: 2 });
  resolver.setServers(
    addresses.map(({ address, family }) => `${family === 6 ? `[${address}]` : address}:${target.port}`),
  );
  const cancel = (): void => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const records: unknown = await resolver.resolve(target.name, target.record);
    return pass(`${target.record} ${wordsOf(records)}`);
  } catch (error) {
    return fail(dnsCauseOf(error, target));
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function dnsCauseOf(error: unknown, { record }: DnsTarget): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code === 'ENODATA' ? `the name has no ${record} record` : (CAUSES[code] ?? causeOf(error));
}

/** Records as a zone file would show them: names and addresses, lists of text, or the fields of a record in order. */
function wordsOf(records: unknown): string {
  if (Array.isArray(records)) return records.map((record) => wordsOf(record)).join(', ');
  if (typeof records !== 'object' || records === null) return String(records);
  const fields = Object.entries(records).filter(([name]) => name !== 'type');
  return fields.map(([, value]) => String(value)).join(' ');
}
