/** The screens of `rouse audit`: records as lines, and what a look at the whole trail found. */
import type { AuditRecord, AuditVerdict } from '../../model/audit.ts';
import { escapeLine } from './escape.ts';
import { type Style, paint } from './style.ts';

/** How lines are laid out. `times`: local for people, as they stand in the file for programs. */
export interface AuditLayout {
  readonly style: Style;
  readonly times: 'local' | 'utc';
}

/** A record as a line: number, time, stage, action, whom it is about, who it was, and how it ended. */
export function auditLine(record: AuditRecord, { style, times }: AuditLayout): string {
  const { seq, stage, action, target, params } = record;
  const told = Object.entries(params).map(([key, value]) => `${key}=${textOf(value)}`);
  const words = [
    String(seq).padStart(6),
    times === 'utc' ? record.ts : localTime(Date.parse(record.ts)),
    stage.padEnd(7),
    target === null ? action : `${action} ${target}`,
    `by ${actorText(record)}`,
    endText(record),
    told.join(' '),
  ];
  const line = words
    .filter((part) => part !== '')
    .map(escapeLine)
    .join('  ');
  return stage === 'denied' || record.outcome === 'error' ? paint(style, 'warn', line) : line;
}

/** The lines of a verdict: what was looked at, then each fault with its place. */
export function verdictScreen({ verdict, records, files, head, anchors, faults, notes }: AuditVerdict): string[] {
  const seen = `${records} records in ${files.length} ${files.length === 1 ? 'file' : 'files'}`;
  const last = head.seq < 0 ? '' : `, up to ${head.seq}:${head.hash}`;
  return [
    `${verdict}: ${seen}${last}; compared with ${anchors} ${anchors === 1 ? 'anchor' : 'anchors'}`,
    ...faults.map(({ kind, file, line, seq, text }) => {
      const place = [file, ...(line === null ? [] : [`line ${line}`]), ...(seq === null ? [] : [`seq ${seq}`])];
      return `  ${kind}: ${escapeLine(place.join(', '))}: ${escapeLine(text)}`;
    }),
    ...notes.map((text) => `  note: ${escapeLine(text)}`),
  ];
}

function actorText({ actor, remote }: AuditRecord): string {
  const { name, role, uid, pid, token } = actor;
  const who = [
    ...(token === null ? [] : [token]),
    ...(role === null ? [] : [role]),
    ...(uid === null ? [] : [`uid ${uid}`]),
    ...(uid === null || pid === null ? [] : [`pid ${pid}`]),
    ...(remote === null ? [] : [remote]),
  ];
  return who.length === 0 ? name : `${name} (${who.join(', ')})`;
}

function endText({ outcome, status, reason, ms }: AuditRecord): string {
  const parts = [
    ...(outcome === null ? [] : [outcome]),
    ...(status === null ? [] : [String(status)]),
    ...(reason === null ? [] : [reason]),
    ...(ms === null ? [] : [`${ms} ms`]),
  ];
  return parts.join(' ');
}

function textOf(value: AuditRecord['params'][string]): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? value.join(',') : String(value);
}

function localTime(at: number): string {
  const time = new Date(at);
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`;
}
