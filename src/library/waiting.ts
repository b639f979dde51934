/** Waiting until a service is as wished. */
import { type Aim, isAt } from '../contract/aim.ts';
import { formatDuration, parseDuration } from '../model/duration.ts';
import { RouseError } from '../model/errors.ts';
import type { Backend } from './backend.ts';
import { failureOf } from './failure.ts';

/** How long to wait. `timeout` is a text with its unit, `10s`; without one it waits as long as it takes. */
export interface WaitOptions {
  readonly timeout?: string;
  readonly signal?: AbortSignal;
}

/** Ms of a duration; Infinity without one. Errors: RSE1111. */
export function limitOf(timeout: string | undefined): number {
  if (timeout === undefined) return Infinity;
  const limitMs = parseDuration(timeout);
  if (limitMs !== null) return limitMs;
  throw new RouseError('RSE1111', `cannot use timeout "${timeout}": it is not a duration`, {
    hint: 'write it with its units, largest first: "500ms", "10s", "1m30s"',
  });
}

/**
 * Resolves when the service is so.
 * Errors: StartError when it failed and will not get there; RSE2201 when the time is over; the signal's reason.
 */
export async function waitFor(
  backend: Backend,
  name: string,
  { aim, timeout, signal }: WaitOptions & { readonly aim: Aim },
): Promise<void> {
  const limitMs = limitOf(timeout);
  const over = new AbortController();
  using _awake = backend.awake();
  using _limit = backend.clock.after(limitMs, () => over.abort());
  const until = AbortSignal.any([over.signal, ...(signal === undefined ? [] : [signal])]);
  const leave = new AbortController();
  try {
    const events = backend.events(
      { types: ['service.*'], services: [name], capacity: 1000 },
      AbortSignal.any([until, leave.signal]),
    );
    let service = await backend.service(name);
    if (isAt(service, aim)) return;
    for await (const _event of events) {
      service = await backend.service(name);
      if (isAt(service, aim)) return;
      if (aim !== 'stopped' && (service.state === 'failed' || service.state === 'blocked'))
        throw await failureOf(backend, name, { blocked: [], error: null });
    }
    signal?.throwIfAborted();
    const why = over.signal.aborted ? `${formatDuration(limitMs)} are over` : 'the stack has ended';
    throw new RouseError('RSE2201', `cannot wait longer until "${name}" is ${aim}: ${why}`, { service: name });
  } finally {
    leave.abort();
  }
}
