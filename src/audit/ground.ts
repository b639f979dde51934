/** The files of a trail: the one that is written, those before it, and the head beside them. */
import { constants, lstatSync } from 'node:fs';
import { type FileHandle, open, readFile, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { AuditHead } from '../model/audit.ts';

/** What the head file says. `size`: the bytes of the file that is written up to the end of that record. */
export interface StoredHead extends AuditHead {
  readonly size: number;
}

/** Folders of their own hold a few files; more is nobody's trail. */
const FILES_LIMIT = 100_000;
const HEAD_LIMIT_BYTES = 1024;

/** The head file of a trail. */
export function headPath(path: string): string {
  return path.replace(/\.jsonl$/, '') + '.head';
}

/** The file that a trail's turns are taken on. */
export function turnPath(path: string): string {
  return path.replace(/\.jsonl$/, '') + '.lock';
}

/** The name of a file that is written no more: after the number of its last record, so that names sort as records do. */
export function rotatedPath(path: string, lastSeq: number): string {
  return `${path}.${String(lastSeq).padStart(12, '0')}`;
}

/** Files of a trail that are written no more, oldest first. Errors: those of the folder. */
export async function rotatedFiles(path: string): Promise<readonly string[]> {
  const folder = dirname(path);
  const begin = `${basename(path)}.`;
  const names = await readdir(folder);
  return names
    .filter((name) => name.startsWith(begin) && /^\d{12,}$/.test(name.slice(begin.length)))
    .toSorted((one, other) => one.length - other.length || (one < other ? -1 : 1))
    .slice(-FILES_LIMIT)
    .map((name) => join(folder, name));
}

/**
 * Opens the file that is written, and makes it if it is not there: for this user alone, never through a link.
 * Errors: those of the system; it is no plain file, or another user's.
 */
export async function openTrail(path: string): Promise<FileHandle> {
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error('it is no plain file');
    if (stat.uid !== (process.geteuid?.() ?? stat.uid)) throw new Error(`it belongs to user ${stat.uid}`);
    if ((stat.mode & 0o077) !== 0) await file.chmod(0o600);
  } catch (error) {
    await file.close();
    throw error;
  }
  return file;
}

/** What the head file says; `missing` when there is none, `unreadable` when it says nothing that a head could. */
export async function readHead(path: string): Promise<StoredHead | 'missing' | 'unreadable'> {
  let text: string;
  try {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    text = await readFile(headPath(path), { encoding: 'utf8', flag: O_RDONLY | O_NOFOLLOW | O_NONBLOCK });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'missing';
    throw error;
  }
  if (text.length > HEAD_LIMIT_BYTES) return 'unreadable';
  const found = /^\{"seq":(\d{1,15}),"hash":"([0-9a-f]{64})","size":(\d{1,15})\}\n?$/.exec(text);
  const [, seq, hash, size] = found ?? [];
  if (seq === undefined || hash === undefined || size === undefined) return 'unreadable';
  return { seq: Number(seq), hash, size: Number(size) };
}

/** Puts another head in place of the one before, at once: who reads sees the one or the other. */
export async function writeHead(path: string, { seq, hash, size }: StoredHead, sync: 'now' | 'later'): Promise<void> {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  const to = headPath(path);
  const next = `${to}.new`;
  const file = await open(next, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  try {
    await file.write(`${JSON.stringify({ seq, hash, size })}\n`);
    if (sync === 'now') await file.datasync();
  } finally {
    await file.close();
  }
  await rename(next, to);
}

/** The size and number of the file at the path, without following a link; null when there is none. */
export function lookAt(path: string): { readonly size: number; readonly ino: number } | null {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat === undefined ? null : { size: stat.size, ino: stat.ino };
}
