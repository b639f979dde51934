/** What could not be written yet, kept as one batch. */
import type { Batch } from '../ports/event-store.ts';

/** Unsaved batches as one. The newest state of a service or change wins; records are bounded by dropping the oldest. */
export function joined(earlier: Batch, later: Batch): Batch {
  const services = new Map([...earlier.services, ...later.services].map((service) => [service.spec.name, service]));
  const changes = new Map([...earlier.changes, ...later.changes].map((change) => [change.id, change]));
  return {
    records: [...earlier.records, ...later.records].slice(-100_000),
    services: [...services.values()],
    changes: [...changes.values()],
  };
}
