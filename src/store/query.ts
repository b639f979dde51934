/**
 * Reading records back.
 *
 * A query is split into legs, each of which an index answers from the newest record backwards: one for every service
 * asked for, else one for every type, else a single one. Each leg gives at most `limit` rows, so the cost depends on
 * what is asked and never on how much is kept. The legs are merged by number and cut to the newest `limit`.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Actor } from '../model/change.ts';
import type { ProjectRecord, RecordBody } from '../model/record.ts';
import type { RecordQuery } from '../ports/event-store.ts';

interface Row {
  readonly seq: number;
  readonly at: number;
  readonly actor_via: Actor['via'];
  readonly actor_name: string;
  readonly body: string;
}

/** Reads records: in order of number, oldest first, the newest `limit` of those that match. */
export type ReadRecords = (query: RecordQuery) => readonly ProjectRecord[];

const NEWEST_FIRST = 'ORDER BY seq DESC LIMIT :limit';
const SELECT = 'SELECT seq, at, actor_via, actor_name, body FROM record';
const OF_TYPES = '(:types IS NULL OR type IN (SELECT value FROM json_each(:types)))';

/** Prepares the statements. Errors: what SQLite throws passes through. */
export function recordReader(database: DatabaseSync): ReadRecords {
  const all = database.prepare(`${SELECT} WHERE seq > :since ${NEWEST_FIRST}`);
  const byType = database.prepare(`${SELECT} WHERE type = :key AND seq > :since ${NEWEST_FIRST}`);
  const byService = database.prepare(`${SELECT} WHERE service = :key AND seq > :since AND ${OF_TYPES} ${NEWEST_FIRST}`);
  return (query) => {
    // SQLite takes a negative limit for none.
    const limit = Number.isFinite(query.limit) ? Math.max(0, Math.floor(query.limit)) : -1;
    const bounds = { since: query.sinceSeq, limit };
    if (query.services.length > 0) {
      const types = query.types.length === 0 ? null : JSON.stringify(query.types);
      return merge(
        query.services.map((key) => rows(byService, { key, types, ...bounds })),
        limit,
      );
    }
    if (query.types.length > 0)
      return merge(
        query.types.map((key) => rows(byType, { key, ...bounds })),
        limit,
      );
    return merge([rows(all, bounds)], limit);
  };
}

function rows(statement: StatementSync, values: Record<string, SQLInputValue>): Row[] {
  return statement.all(values) as unknown as Row[];
}

function merge(legs: readonly Row[][], limit: number): ProjectRecord[] {
  const bySeq = new Map(legs.flat().map((row) => [row.seq, row]));
  const sorted = [...bySeq.values()].toSorted((a, b) => a.seq - b.seq);
  const newest = limit < 0 ? sorted : sorted.slice(Math.max(0, sorted.length - limit));
  return newest.map(({ seq, at, actor_via, actor_name, body }) => ({
    seq,
    at,
    actor: { via: actor_via, name: actor_name },
    body: JSON.parse(body) as RecordBody,
  }));
}
