// What tests of checks need: a service, and a question about it.
import type { Spec } from '../../src/model/spec.ts';
import type { ProbeSubject } from '../../src/ports/prober.ts';
import { given } from '../runtime/given.ts';

export { given };

/** A question over HTTP. */
export const probeOf = (spec: Spec, url: string): ProbeSubject => ({
  service: spec.name,
  run: 1,
  question: 'readiness',
  spec,
  cadence: 'starting',
  probe: {
    target: { type: 'http', url, method: 'GET', headers: {}, status: [[200, 299]], redirects: 'refuse' },
    intervalMs: 1000,
    startIntervalMs: 1000,
    timeoutMs: 5000,
    failureThreshold: 1,
    successThreshold: 1,
    graceMs: 0,
  },
});
