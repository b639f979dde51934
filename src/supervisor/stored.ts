/** What a project has left on disk, for those who look while no supervisor holds it. Nothing is written. */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../clock/system.ts';
import { createLogStore } from '../log/log-store.ts';
import { createMask } from '../log/mask.ts';
import { servicesIn } from '../log/run-file.ts';
import { type Folders, pathsOf } from '../model/paths.ts';
import type { ProjectRecord } from '../model/record.ts';
import type { ServiceName } from '../model/spec.ts';
import type { RecordQuery } from '../ports/event-store.ts';
import type { LogStore } from '../ports/log-store.ts';
import { deliveredTexts } from '../runtime/credentials.ts';
import { storeError } from '../store/faults.ts';
import { recordReader } from '../store/query.ts';

/** How long a daemon that begins meanwhile may hold the file; ms. */
const BUSY_MS = 1000;

/** What is left. Every call looks at the files anew; nothing is held in between. */
export interface Stored {
  readonly logs: Pick<LogStore, 'read' | 'bytes' | 'last'>;
  /** Services that output or a last state is kept of, in alphabetical order. Errors: RSE3008. */
  services(): readonly ServiceName[];
  /** The newest records that match, oldest first. Errors: RSE3008 when the file cannot be read. */
  records(query: RecordQuery): readonly ProjectRecord[];
}

/** What the project of that name has left; null when it has never run here. Errors: RSE3005. */
export function openStored(folders: Folders, project: string): Stored | null {
  const { state, store, logs, credentials } = pathsOf(folders, project);
  if (!existsSync(state)) return null;
  return {
    logs: createLogStore({
      folder: logs,
      clock: systemClock(),
      keepBytes: () => 0,
      // Services may live without their daemon, and have what they were given.
      mask: createMask((service) => deliveredTexts(credentials, service)),
    }),
    services: () => [...new Set([...servicesIn(logs), ...lookInto(store, remembered)])].toSorted(),
    records: (query) => lookInto(store, (database) => recordReader(database)(query)),
  };
}

function lookInto<T>(path: string, look: (database: DatabaseSync) => readonly T[]): readonly T[] {
  if (!existsSync(path)) return [];
  try {
    using database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
    return look(database);
  } catch (cause) {
    throw storeError('read', path, cause);
  }
}

const remembered = (database: DatabaseSync): readonly ServiceName[] =>
  database
    .prepare('SELECT name FROM service')
    .all()
    .map((row) => String(row['name']));
