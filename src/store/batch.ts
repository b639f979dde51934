/** What every store does alike with a batch, a query and a service. */
import assert from 'node:assert/strict';
import type { Change } from '../model/change.ts';
import type { ProjectRecord, RecordBody } from '../model/record.ts';
import type { Service } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Batch, RecordQuery, StoredService } from '../ports/event-store.ts';

/** What stays of a service for the next daemon. `boot` is the machine's present one, to which its times belong. */
export function storedOf(service: Service, boot: string): StoredService {
  const { spec, runSpec, ...state } = service;
  return { ...state, name: spec.name, specHash: (runSpec ?? spec).hash, boot };
}

/** The service a record is about; null for records of the project and of changes. */
export function serviceOf(body: RecordBody): ServiceName | null {
  return 'service' in body ? body.service : null;
}

/** Whether a record is among the types and services asked for; `sinceSeq` and `limit` are not looked at. */
export function matches({ body }: ProjectRecord, query: RecordQuery): boolean {
  const service = serviceOf(body);
  const isType = query.types.length === 0 || query.types.includes(body.type);
  return isType && (query.services.length === 0 || (service !== null && query.services.includes(service)));
}

/** Whether nothing more will become of a change. */
export function isEnded({ state }: Change): boolean {
  return state !== 'running' && state !== 'aborting';
}

/** Stops the program when the numbers of a batch do not grow: that is a bug, and reading by number relies on it. */
export function assertBatch(batch: Batch): void {
  let last = 0;
  for (const { seq } of batch.records) {
    assert(Number.isSafeInteger(seq) && seq > last, `record ${seq} follows record ${last}`);
    last = seq;
  }
}
