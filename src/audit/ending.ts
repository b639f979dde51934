/**
 * Where a trail ends, before the first record is added to it.
 *
 * A daemon that dies while it writes leaves a line without its end: that line was never answered for, so it is cut, and a
 * record says how much of what was cut. It may also die between a record and the head, or while files change places;
 * then the head stands for a record that is there. Everything else is a contradiction between the head and the file, and
 * nothing of either is mended: the next record takes the head's word (its number and hash) as the record before it, so
 * that the break stays in the chain for whoever looks, and says itself what was found.
 *
 *   file \ head     none        same record     earlier record, there     other hash, or later
 *   empty           begins      -               -                         contradicted, from the head
 *   whole           noted       goes on         goes on                   contradicted, from the head
 *   last line bad   noted       -               -                         contradicted, from the head
 */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { type AuditEntry, type AuditHead, NO_RECORD } from '../model/audit.ts';
import { type StoredHead, readHead, rotatedFiles } from './ground.ts';
import { linkOf } from './line.ts';

/** Where the next record goes. `size` is that of the file as it is now; `entries` come before everything else. */
export interface Ending {
  readonly last: AuditHead;
  readonly size: number;
  readonly entries: readonly AuditEntry[];
  /** What contradicts the trail, in words; null when nothing does. */
  readonly contradiction: string | null;
  /** The file before this one, when this one is new: nobody has said so in it yet. */
  readonly afterRotation: string | null;
}

const CHUNK_BYTES = 65_536;

/** Finds the end of the trail, and cuts a line that is not whole. `known`: what this very process has written last. */
export async function endOf(path: string, file: FileHandle, known: AuditHead | null): Promise<Ending> {
  const torn = await cutTorn(file);
  const { size } = await file.stat();
  const before = size === 0 ? ((await rotatedFiles(path)).at(-1) ?? null) : null;
  const found = before === null ? await lastRecord(file, size) : await lastOf(before);
  const stored = await readHead(path);
  const head = typeof stored === 'string' ? null : stored;
  const entries = torn === null ? [] : [system('audit.recovered', torn)];
  const told = laterOf(head, known);
  const contradiction = await contradictionOf({ file, size, found, head: told });
  if (contradiction !== null) {
    const params = { found: contradiction, head: anchorText(told), last: anchorText(found.head) };
    const { seq, hash } = told ?? NO_RECORD;
    const last = { seq: Math.max(seq, found.head?.seq ?? -1), hash };
    const entry = system('audit.contradicted', params, 'error');
    return { last, size, entries: [entry, ...entries], contradiction, afterRotation: null };
  }
  const last = found.head ?? NO_RECORD;
  const noHead = typeof stored === 'string' && found.head !== null && known === null;
  const noted = noHead ? [system('audit.recovered', { head: stored })] : [];
  return { last, size, entries: [...entries, ...noted], contradiction, afterRotation: before };
}

function anchorText(head: AuditHead | null): string | null {
  return head === null ? null : `${head.seq}:${head.hash}`;
}

/** An entry of the trail about itself. */
export function system(
  action: string,
  params: AuditEntry['params'],
  outcome: AuditEntry['outcome'] = 'ok',
): AuditEntry {
  const actor = { via: 'rouse', uid: null, pid: process.pid, token: null, name: 'rouse', role: null } as const;
  const nothing = { request: null, remote: null, target: null, status: null, reason: null, ms: null };
  return { ...nothing, stage: 'system', actor, action, params, outcome };
}

/** The last line of a file: what it says, or that it says nothing. */
interface Found {
  readonly state: 'none' | 'whole' | 'edited';
  readonly head: AuditHead | null;
}

interface Compared {
  readonly file: FileHandle;
  readonly size: number;
  readonly found: Found;
  readonly head: (AuditHead & Partial<StoredHead>) | null;
}

// This process knows what it has written itself; the head file may have been changed since, or be of another writer.
function laterOf(head: StoredHead | null, known: AuditHead | null): Compared['head'] {
  if (known === null || known.seq < 0) return head;
  return head !== null && head.seq >= known.seq ? head : known;
}

async function contradictionOf({ file, size, found, head }: Compared): Promise<string | null> {
  if (found.state === 'edited') return 'the last record is not what its hash was made of';
  if (head === null) return null;
  const last = found.head ?? NO_RECORD;
  if (last.seq < head.seq) return `records after ${last.seq} are missing: the head is at ${head.seq}`;
  if (last.seq === head.seq) return last.hash === head.hash ? null : `record ${last.seq} is not that of the head`;
  // Later than the head: a writer died before it moved the head. Then the head's record is still where it was.
  if (head.size === undefined || head.size === 0 || head.size >= size) return headless(head, last);
  const there = await lastRecord(file, head.size);
  return there.head?.seq === head.seq && there.head.hash === head.hash
    ? null
    : `record ${head.seq} is not that of the head`;
}

// The head's record is in a file before this one; that the chain leads to it is seen by whoever verifies the whole.
function headless(head: AuditHead, last: AuditHead): string | null {
  return last.seq - head.seq <= 1000 ? null : `the head is at ${head.seq}, and the last record is ${last.seq}`;
}

async function cutTorn(file: FileHandle): Promise<{ readonly bytes: number; readonly sha256: string } | null> {
  const { size } = await file.stat();
  if (size === 0) return null;
  const at = await afterLastNewline(file, size);
  if (at === size) return null;
  const sum = createHash('sha256');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let from = at; from < size;) {
    const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, size - from), from);
    if (bytesRead === 0) break;
    sum.update(chunk.subarray(0, bytesRead));
    from += bytesRead;
  }
  await file.truncate(at);
  return { bytes: size - at, sha256: sum.digest('hex') };
}

/** The place after the last newline before `end`; 0 when there is none. */
async function afterLastNewline(file: FileHandle, end: number): Promise<number> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let to = end; to > 0;) {
    const from = Math.max(0, to - chunk.length);
    const { bytesRead } = await file.read(chunk, 0, to - from, from);
    const at = chunk.subarray(0, bytesRead).lastIndexOf(10);
    if (at >= 0) return from + at + 1;
    to = from;
  }
  return 0;
}

async function lastRecord(file: FileHandle, end: number): Promise<Found> {
  if (end === 0) return { state: 'none', head: null };
  const at = await afterLastNewline(file, end - 1);
  const line = Buffer.alloc(end - 1 - at);
  await file.read(line, 0, line.length, at);
  const { state, seq, hash } = linkOf(line);
  return { state, head: state === 'whole' && seq !== null && hash !== null ? { seq, hash } : null };
}

async function lastOf(path: string): Promise<Found> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  return await lastRecord(file, size);
}
