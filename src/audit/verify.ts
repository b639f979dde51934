/**
 * Looks at every record of a trail, in the order of the files, and compares what is found with the head and with anchors.
 *
 *   edited                     the bytes of a line are not those that its hash was made of
 *   removed-or-reordered       a whole line whose number or `prev` does not follow from the line before it
 *   rewritten-against-anchor   a chain that is whole in itself, and says another hash than a head or an anchor
 *   truncated                  the chain ends before the head or an anchor
 *
 * After a fault the chain is taken up again from the line as it stands, so that each fault is told once.
 */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type AuditFault, type AuditHead, type AuditVerdict, NO_RECORD } from '../model/audit.ts';
import { anchorsIn } from './anchors.ts';
import { readHead } from './ground.ts';
import { linkOf } from './line.ts';
import { openToRead, trailFiles, unreadable } from './reading.ts';

/** What is to be looked at. */
export interface VerifyOrder {
  /** The file that is written; its head and the files before it are found beside it. */
  readonly path: string;
  /** Files of the trail, oldest first, in place of those that are found; null = those. */
  readonly from: readonly string[] | null;
  /** A record that somebody has noted elsewhere; null = none. */
  readonly expected: AuditHead | null;
  /** Files in which anchors stand, besides the daemon's log; whatever else stands there. */
  readonly anchorFiles: readonly string[];
}

const CHUNK_BYTES = 262_144;
const FAULTS = 100;

/** Verifies a trail. Errors: RSE0103 when a file of it cannot be read. */
export async function verifyTrail(order: VerifyOrder): Promise<AuditVerdict> {
  const files = await filesOf(order);
  const verdict = await verifyFiles(order, files);
  // While the daemon goes on to the next file, one that was listed has another name.
  const later = verdict.verdict === 'whole' ? files : await filesOf(order);
  return later.join('\n') === files.join('\n') ? verdict : verifyFiles(order, later);
}

/** The head as the file beside a trail says it; before the first record where there is none. Errors: RSE0103. */
export async function headOfTrail(path: string): Promise<AuditHead> {
  const head = await headOf(path);
  return typeof head === 'string' ? NO_RECORD : { seq: head.seq, hash: head.hash };
}

/** What holds at which number, by whom. */
interface Anchor extends AuditHead {
  readonly by: string;
}

/** The walk over all lines so far. */
interface Walk {
  last: AuditHead;
  records: number;
  readonly files: readonly string[];
  readonly faults: AuditFault[];
  readonly notes: string[];
  /** By number, those that were not met yet. */
  readonly anchors: Map<number, Anchor[]>;
  readonly begin: 'first' | 'anywhere';
}

async function verifyFiles(order: VerifyOrder, files: readonly string[]): Promise<AuditVerdict> {
  // The head first: what is written meanwhile is beyond it.
  const anchors = await anchorsOf(order, files);
  const walk: Walk = {
    last: NO_RECORD,
    records: 0,
    files,
    faults: [],
    notes: [...anchors.notes],
    anchors: Map.groupBy(anchors.found, ({ seq }) => seq),
    begin: order.from === null ? 'first' : 'anywhere',
  };
  for (const file of files) await walkFile(walk, file);
  if (anchors.headless && walk.records > 0)
    fault(walk, 'truncated', { file: order.path, line: null, text: 'there is no head beside it' });
  missed(walk);
  const { faults, records, last, notes } = walk;
  const verdict = faults.some(({ kind }) => kind !== 'truncated')
    ? 'tampered'
    : faults.length > 0
      ? 'truncated'
      : 'whole';
  return { verdict, records, files, head: last, anchors: anchors.found.length, faults: faults.slice(0, FAULTS), notes };
}

function filesOf({ path, from }: VerifyOrder): Promise<readonly string[]> {
  return from === null ? trailFiles(path) : Promise.resolve(from);
}

async function walkFile(walk: Walk, path: string): Promise<void> {
  await using file = await openToRead(path);
  let rest = Buffer.alloc(0);
  let line = 0;
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) break;
      const read = chunk.subarray(0, bytesRead);
      const all = rest.length === 0 ? read : Buffer.concat([rest, read]);
      let from = 0;
      for (let to = all.indexOf(10); to >= 0; to = all.indexOf(10, from)) {
        line += 1;
        follow(walk, { file: path, line, bytes: all.subarray(from, to) });
        from = to + 1;
      }
      rest = Buffer.from(all.subarray(from));
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
  if (rest.length > 0) torn(walk, { file: path, line: line + 1, bytes: rest });
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly bytes: Buffer;
}

function follow(walk: Walk, { file, line, bytes }: Place): void {
  const { state, seq, prev, hash } = linkOf(bytes);
  const isFirst = walk.records === 0;
  walk.records += 1;
  const expected = walk.last.seq + 1;
  if (state === 'edited') {
    fault(walk, 'edited', { file, line, seq, text: `line ${line} is not what its hash was made of` });
    // It counts as one record, and what follows is judged by what it said of itself.
    walk.last = { seq: seq ?? expected, hash: hash ?? '' };
    return;
  }
  if (seq === null || hash === null) return;
  const begins = isFirst && walk.begin === 'anywhere';
  const broken = seq !== expected || (prev !== walk.last.hash && walk.last.hash !== '');
  if (broken && !begins) brokenAt(walk, { file, line, bytes }, { seq, expected });
  walk.last = { seq, hash };
  const anchors = walk.anchors.get(seq);
  if (anchors === undefined) return;
  walk.anchors.delete(seq);
  for (const anchor of anchors) {
    if (anchor.hash === hash) continue;
    const text = `record ${seq} is ${hash.slice(0, 12)}…, and ${anchor.by} says ${anchor.hash.slice(0, 12)}…`;
    fault(walk, 'rewritten-against-anchor', { file, line, seq, text });
  }
}

// The daemon says itself where it found records missing: then what is gone was the end, as it was then.
function brokenAt(
  walk: Walk,
  place: Place,
  { seq, expected }: { readonly seq: number; readonly expected: number },
): void {
  const { file, line, bytes } = place;
  const told = bytes.includes('"action":"audit.contradicted"') && bytes.includes(' are missing: the head is at ');
  if (told) {
    const text = `records ${expected} to ${seq - 1} are missing; the daemon found it so`;
    fault(walk, 'truncated', { file, line, seq, text });
    return;
  }
  const text =
    seq === expected
      ? `record ${seq} does not follow from the one before it`
      : `record ${seq} stands where ${expected} should`;
  fault(walk, 'removed-or-reordered', { file, line, seq, text });
}

function torn(walk: Walk, { file, line, bytes }: Place): void {
  if (file === walk.files.at(-1)) {
    const text = `${basename(file)}: the last ${bytes.length} bytes are no whole line; the next start puts that on record`;
    walk.notes.push(text);
  } else fault(walk, 'edited', { file, line, text: `line ${line} has no end` });
}

// What was not met lies beyond the end, or where records are missing, which is told already.
function missed(walk: Walk): void {
  const beyond = [...walk.anchors.values()].flat().filter(({ seq }) => seq > walk.last.seq);
  const [furthest] = beyond.toSorted((one, other) => other.seq - one.seq);
  if (furthest === undefined) return;
  const file = walk.files.at(-1) ?? '';
  const text = `it ends with record ${walk.last.seq}, and ${furthest.by} says that there was ${furthest.seq}`;
  fault(walk, 'truncated', { file, line: null, seq: furthest.seq, text });
}

interface Fault {
  readonly file: string;
  readonly line: number | null;
  readonly seq?: number | null;
  readonly text: string;
}

function fault(walk: Walk, kind: AuditFault['kind'], { file, line, seq, text }: Fault): void {
  if (walk.faults.length < FAULTS) walk.faults.push({ kind, file, line, seq: seq ?? null, text });
}

interface Anchored {
  readonly found: readonly Anchor[];
  readonly notes: readonly string[];
  readonly headless: boolean;
}

async function anchorsOf(order: VerifyOrder, files: readonly string[]): Promise<Anchored> {
  const { path, from, expected, anchorFiles } = order;
  const isWhole = files.includes(path) || from === null;
  const head = isWhole ? await headOf(path) : 'missing';
  const log = join(dirname(path), 'daemon.log');
  const own = isWhole ? await Promise.all([`${log}.1`, log].map(anchorsOfLog)) : [];
  const named = await Promise.all(anchorFiles.map(async (file) => anchored(file, await textOf(file))));
  const found = [
    ...own.flat(),
    ...named.flat(),
    ...(typeof head === 'string' ? [] : [{ seq: head.seq, hash: head.hash, by: 'the head' }]),
    ...(expected === null || expected.seq < 0 ? [] : [{ ...expected, by: 'the expected head' }]),
  ];
  return {
    found,
    notes: isWhole ? [] : ['no head and no anchors: these files alone'],
    headless: isWhole && typeof head === 'string',
  };
}

async function headOf(path: string): ReturnType<typeof readHead> {
  try {
    return await readHead(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function anchorsOfLog(file: string): Promise<readonly Anchor[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line.includes('audit anchor '));
  return anchored(file, lines.join('\n'));
}

function anchored(file: string, text: string): readonly Anchor[] {
  return anchorsIn(text).map((anchor) => ({ ...anchor, by: `an anchor in ${basename(file)}` }));
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw unreadable(file, cause);
  }
}
