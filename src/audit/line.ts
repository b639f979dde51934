/**
 * One record as one line: a JSON object with its keys in a fixed order, whose last two members are the hash of the record
 * before and the hash of this one. What is hashed are the bytes of the line themselves, up to `,"hash":"`, so whoever
 * checks them needs no rule of how JSON is to be written.
 */
import { hash } from 'node:crypto';
import type { AuditActor, AuditEntry, AuditHead } from '../model/audit.ts';

/** What is added to an entry when it is written. `at` is epoch ms. */
export interface Stamp {
  readonly at: number;
  readonly boot: string;
  readonly host: string;
}

/** A line without its newline, and the record's own hash. */
export interface Line {
  readonly text: string;
  readonly hash: string;
}

/** What a line says of its place in the chain. `edited`: its bytes are not those that its hash was made of. */
export interface Link {
  readonly state: 'whole' | 'edited';
  readonly seq: number | null;
  readonly prev: string | null;
  readonly hash: string | null;
}

const STRING_LIMIT = 256;
const LIST_LIMIT = 100;
const PARAMS_LIMIT = 32;
/** More than that is not written of the parameters of one entry; characters. */
const PARAMS_LENGTH = 16_384;
/** `,"hash":"` + 64 digits + `"}`. */
const TAIL_LENGTH = 9 + 64 + 2;
const TAIL = /^,"hash":"([0-9a-f]{64})"\}$/;
const PREV = /,"prev":"([0-9a-f]{64})"$/;
const PREV_LENGTH = 9 + 64 + 1;
const SEQ = /^\{"v":1,"seq":(\d{1,15}),/;
/** What would move a terminal or hide text: it is written by its number, like the control characters of JSON. */
const HIDDEN = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** The line of an entry as the record after `last`. Shapes: no newline, strings cut to 256 characters, lists to 100. */
export function lineOf(entry: AuditEntry, last: AuditHead, { at, boot, host }: Stamp): Line {
  const record = {
    v: 1,
    seq: last.seq + 1,
    ts: new Date(at).toISOString(),
    boot,
    host,
    req: short(entry.request),
    stage: entry.stage,
    actor: actorOf(entry.actor),
    remote: short(entry.remote),
    action: short(entry.action),
    target: short(entry.target),
    params: paramsOf(entry.params),
    outcome: entry.outcome,
    status: entry.status,
    reason: short(entry.reason),
    ms: entry.ms === null ? null : Math.round(entry.ms),
    prev: last.hash,
  };
  const written = JSON.stringify(record).replaceAll(HIDDEN, byNumber);
  const hashed = written.slice(0, -1);
  const own = hash('sha256', hashed);
  return { text: `${hashed},"hash":"${own}"}`, hash: own };
}

/** What a line says of the chain, from its bytes without the newline. Errors: none; a line of anything is `edited`. */
export function linkOf(line: Buffer): Link {
  const at = line.length - TAIL_LENGTH;
  const nothing = { state: 'edited', seq: null, prev: null, hash: null } as const;
  if (at <= 0) return nothing;
  const own = TAIL.exec(line.toString('latin1', at))?.[1] ?? null;
  const prev = PREV.exec(line.toString('latin1', Math.max(0, at - PREV_LENGTH), at))?.[1] ?? null;
  const seq = SEQ.exec(line.toString('latin1', 0, 40))?.[1] ?? null;
  if (own === null || prev === null || seq === null) return { ...nothing, seq: seq === null ? null : Number(seq) };
  const state = hash('sha256', line.subarray(0, at)) === own ? 'whole' : 'edited';
  return { state, seq: Number(seq), prev, hash: own };
}

function byNumber(character: string): string {
  return String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function short<T extends string | null>(text: T): T | string {
  return text === null || text.length <= STRING_LIMIT ? text : `${text.slice(0, STRING_LIMIT - 1)}…`;
}

// Key by key: what else an object might hold is never written, and the order is always the same.
function actorOf({ via, uid, pid, token, name, role }: AuditActor): AuditActor {
  return { via, uid, pid, token: short(token), name: short(name), role };
}

function paramsOf(params: AuditEntry['params']): AuditEntry['params'] {
  const bounded = Object.entries(params)
    .slice(0, PARAMS_LIMIT)
    .map(([name, value]) => {
      if (typeof value === 'string') return [short(name), short(value)] as const;
      if (typeof value !== 'object' || value === null) return [short(name), value] as const;
      return [short(name), value.slice(0, LIST_LIMIT).map(short)] as const;
    });
  const kept = Object.fromEntries(bounded);
  const { length } = JSON.stringify(kept);
  return length <= PARAMS_LENGTH ? kept : { omitted_characters: length };
}
