/** Services that Rouse only watches. */
import type { KindRuntime } from './dispatch.ts';
import type { Report, RuntimeReport } from '../ports/runtime.ts';

/**
 * The runtime of `external = true`: there is nothing to start or to end, so a run is there as soon as it is asked for
 * and over as soon as it is asked to stop. Whether the service answers is the probe's to say.
 */
export function createExternalRuntime(parts: { readonly report: Report }): KindRuntime {
  const later = (report: RuntimeReport): void => queueMicrotask(() => parts.report(report));
  const live = new Set<string>();
  const end = (service: string, run: number): void => {
    if (live.delete(`${service} ${run}`)) later({ type: 'exited', service, run, exitCode: null, signal: null });
  };
  return {
    start({ name }, run) {
      if (live.has(`${name} ${run}`)) return;
      live.add(`${name} ${run}`);
      later({ type: 'started', service: name, run, pid: null });
    },
    stop: ({ name }, run) => end(name, run),
    signal: () => undefined,
    kill: end,
    adopt({ name }, run) {
      live.add(`${name} ${run}`);
      later({ type: 'recovered', service: name, run, found: 'alive', pid: null });
    },
    release: (service, run) => void live.delete(`${service} ${run}`),
  };
}
