/** A store that lives as long as the program: for the library and for tests. */
import type { Change } from '../model/change.ts';
import type { ProjectRecord } from '../model/record.ts';
import type { ServiceName } from '../model/spec.ts';
import type { EventStore, StoredService } from '../ports/event-store.ts';
import { assertBatch, isEnded, matches, storedOf } from './batch.ts';
import { MEMORY_RETENTION, type Retention, slackOf } from './retention.ts';

/**
 * An empty store in memory.
 * Shapes: keeps what `retention` says, and up to a hundredth more. Errors: none; a batch whose numbers do not grow is a
 * bug. Appending a batch twice is the same as once.
 */
export function memoryStore(retention: Retention = MEMORY_RETENTION): EventStore {
  let records: ProjectRecord[] = [];
  // A key that is set again keeps its place, so the order is that of creation.
  const changes = new Map<string, Change>();
  const services = new Map<ServiceName, StoredService>();
  return {
    append: (batch) => {
      assertBatch(batch);
      const newest = records.at(-1)?.seq ?? 0;
      for (const record of batch.records) if (record.seq > newest) records.push(record);
      for (const service of batch.services) services.set(service.spec.name, storedOf(service, ''));
      for (const change of batch.changes) changes.set(change.id, change);
      records = dropRecords(records, retention);
      dropChanges(changes, retention);
    },
    records: (query) => {
      const found: ProjectRecord[] = [];
      for (let at = records.length - 1; at >= 0 && found.length < query.limit; at -= 1) {
        const record = records[at];
        if (record === undefined || record.seq <= query.sinceSeq) break;
        if (matches(record, query)) found.push(record);
      }
      return found.toReversed();
    },
    changes: (limit) => [...changes.values()].toReversed().slice(0, limit),
    services: () => [...services.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    extent: () => ({ oldest: records[0]?.seq ?? 0, newest: records.at(-1)?.seq ?? 0 }),
  };
}

function dropRecords(records: ProjectRecord[], retention: Retention): ProjectRecord[] {
  const surplus = records.length - retention.records;
  const inBound = surplus > slackOf(retention.records) ? records.slice(surplus) : records;
  const youngestOld = (inBound.at(-1)?.at ?? 0) - retention.recordAgeMs;
  const first = inBound.findIndex(({ at }) => at >= youngestOld);
  return first <= 0 ? inBound : inBound.slice(first);
}

function dropChanges(changes: Map<string, Change>, retention: Retention): void {
  let surplus = changes.size - retention.changes;
  if (surplus <= slackOf(retention.changes)) return;
  for (const change of changes.values()) {
    if (surplus <= 0) return;
    if (!isEnded(change)) continue;
    changes.delete(change.id);
    surplus -= 1;
  }
}
