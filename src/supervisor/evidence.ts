/** What an explanation is drawn from beside the state: the clock, the last lines, the checks, who set a pin. */
import type { Evidence } from '../core/explain-cause.ts';
import { find } from '../core/system.ts';
import type { Engine } from '../engine/engine.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { LogStore } from '../ports/log-store.ts';
import { lastPinner } from './pinning.ts';

/** The evidence as it is now. */
export function evidenceOf(engine: Engine, store: EventStore, logs: LogStore): Evidence {
  const { clock, prober } = engine.world;
  return {
    monotonic: clock.monotonic(),
    now: clock.now(),
    lastLogs: (service, count) => logs.last(service, find(engine.system, service)?.run ?? 0, count),
    checks: (service) => prober.checks(service),
    pinnedBy: (service) => lastPinner(store, service),
  };
}
