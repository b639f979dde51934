/** Records of a trail, newest first: files are read from their ends, so that a look at the newest costs the same in a long one. */
import { dirname } from 'node:path';
import type { AuditPage, AuditQuery, AuditRecord } from '../model/audit.ts';
import { lookAt } from './ground.ts';
import { openToRead, trailFiles } from './reading.ts';

const CHUNK_BYTES = 262_144;

/**
 * The records of a trail that are wanted, newest first. Lines that are no record are left out: `verify` tells of them.
 * Errors: RSE0103 when a file cannot be read; a trail that is not there is empty.
 */
export async function pageOfTrail(path: string, query: AuditQuery): Promise<AuditPage> {
  const found: AuditRecord[] = [];
  if (lookAt(dirname(path)) === null) return { records: [], next: null };
  for (const file of (await trailFiles(path)).toReversed()) {
    for await (const line of linesBackwards(file)) {
      const record = recordOf(line);
      if (record === null || (query.before !== null && record.seq >= query.before)) continue;
      // Times only grow, but for a clock that was set back: an hour is left for that.
      if (query.since !== null && Date.parse(record.ts) < query.since - 3_600_000)
        return { records: found, next: null };
      if (!isWanted(record, query)) continue;
      if (found.length >= query.limit) return { records: found, next: found.at(-1)?.seq ?? null };
      found.push(record);
    }
  }
  return { records: found, next: null };
}

async function* linesBackwards(path: string): AsyncGenerator<Buffer, undefined> {
  await using file = await openToRead(path);
  let { size: to } = await file.stat();
  let rest = Buffer.alloc(0);
  while (to > 0) {
    const from = Math.max(0, to - CHUNK_BYTES);
    const chunk = Buffer.alloc(to - from);
    const { bytesRead } = await file.read(chunk, 0, chunk.length, from);
    const all = Buffer.concat([chunk.subarray(0, bytesRead), rest]);
    let end = all.length;
    for (let at = all.lastIndexOf(10); at >= 0; at = at === 0 ? -1 : all.lastIndexOf(10, at - 1)) {
      if (at + 1 < end) yield all.subarray(at + 1, end);
      end = at;
    }
    rest = Buffer.from(all.subarray(0, end));
    to = from;
  }
  if (rest.length > 0) yield rest;
}

function recordOf(line: Buffer): AuditRecord | null {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return isRecord(value) ? value : null;
  } catch {
    // Torn, or edited: no record.
    return null;
  }
}

function isRecord(value: unknown): value is AuditRecord {
  if (typeof value !== 'object' || value === null) return false;
  const isText = (name: string): boolean => name in value && typeof Reflect.get(value, name) === 'string';
  if (!['ts', 'stage', 'action', 'prev', 'hash', 'boot', 'host'].every(isText)) return false;
  if (!('seq' in value && typeof value.seq === 'number' && 'actor' in value && 'params' in value)) return false;
  const { actor, params } = value;
  return typeof actor === 'object' && actor !== null && typeof params === 'object' && params !== null;
}

function isWanted(record: AuditRecord, query: AuditQuery): boolean {
  const { since, until, action, target, actor, stage } = query;
  const at = Date.parse(record.ts);
  if ((since !== null && at < since) || (until !== null && at > until)) return false;
  if (stage !== null && record.stage !== stage) return false;
  if (target !== null && record.target !== target) return false;
  if (action !== null && !isOf(record.action, action)) return false;
  const { name, token, uid } = record.actor;
  return actor === null || name === actor || token === actor || (uid !== null && String(uid) === actor);
}

function isOf(action: string, wanted: string): boolean {
  return wanted.endsWith('.*') ? action.startsWith(wanted.slice(0, -1)) : action === wanted;
}
