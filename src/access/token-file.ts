/**
 * The file in which a project's tokens are kept: `tokens.json` in its state folder, for its owner alone.
 *
 * It holds hashes, never credentials. It is read strictly and replaced as a whole (written aside, synced, renamed). One
 * that cannot be understood is left as it is, so that nothing is lost and nobody is let in by it.
 */
import {
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConnectionError } from '../model/errors.ts';
import { ROLES } from '../model/role.ts';
import type { Token } from '../model/token.ts';

/** A token with the SHA-256 of its credential, 32 bytes. */
export interface KeptToken extends Token {
  readonly hash: Buffer;
}

/** What the file holds. `stamp` changes whenever another file takes its place; null where there is none. */
export interface TokenPage {
  readonly tokens: readonly KeptToken[];
  readonly stamp: string | null;
  /** When it was last written, epoch ms; 0 where there is none. */
  readonly writtenAt: number;
}

const SIZE_LIMIT_BYTES = 4 * 1024 * 1024;
const LOCK_PATIENCE_MS = 5000;
const FOR_OTHERS = 0o077n;
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const NO_FILE: TokenPage = { tokens: [], stamp: null, writtenAt: 0 };

/** The stamp of what lies at the path now, without reading it; null where nothing does, or nobody may look. */
export function stampOf(path: string): string | null {
  try {
    return stampFrom(lstatSync(path, { bigint: true }));
  } catch {
    // Not there, or its folder is closed to us: reading says which.
    return null;
  }
}

/**
 * Reads it. No file holds no tokens.
 * Errors: RSE3008 when it is not a plain file of the user's own which is closed to others, or does not hold tokens.
 */
export function readTokens(path: string): TokenPage {
  let fd: number;
  try {
    fd = openSync(path, READ);
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return NO_FILE;
    throw unreadable(path, isCode(cause, 'ELOOP') ? 'it is a link' : wordsOf(cause), cause);
  }
  try {
    const stat = fstatSync(fd, { bigint: true });
    const fault = faultOf(stat);
    if (fault !== null) throw unreadable(path, fault);
    const tokens = tokensOf(readFileSync(fd, 'utf8'));
    if (tokens === null) throw unreadable(path, 'it does not hold tokens as Rouse writes them');
    const last = stat.mtimeNs > stat.ctimeNs ? stat.mtimeNs : stat.ctimeNs;
    return { tokens, stamp: stampFrom(stat), writtenAt: Number(last / 1_000_000n) };
  } finally {
    closeSync(fd);
  }
}

/**
 * Puts the tokens in place of those that were there; it is on disk when this returns. The caller holds the lock.
 * Errors: RSE3008.
 */
export function writeTokens(path: string, tokens: readonly KeptToken[]): void {
  const aside = `${path}.new`;
  try {
    // Whatever lies there was left by one who died while he held the lock.
    rmSync(aside, { force: true });
    const fd = openSync(aside, CREATE, 0o600);
    try {
      fchmodSync(fd, 0o600);
      writeFileSync(fd, textOf(tokens));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(aside, path);
    syncFolder(dirname(path));
  } catch (cause) {
    throw new ConnectionError('RSE3008', `cannot write "${path}": ${wordsOf(cause)}`, { cause });
  }
}

/**
 * The right to write it, which one at a time has; given back by disposing, and by the kernel when its holder is gone.
 * Errors: RSE3008 when another has it for longer than 5 s, or it cannot be had.
 */
export function lockTokens(path: string): Disposable {
  const place = `${path}.lock`;
  let database: DatabaseSync | null = null;
  try {
    closeSync(openSync(place, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600));
    database = new DatabaseSync(place, { timeout: LOCK_PATIENCE_MS });
    database.exec('BEGIN EXCLUSIVE');
    const held = database;
    return { [Symbol.dispose]: () => held.close() };
  } catch (cause) {
    database?.close();
    throw new ConnectionError('RSE3008', `cannot write "${path}": ${wordsOf(cause)}`, { cause });
  }
}

function stampFrom({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}

function faultOf(stat: BigIntStats): string | null {
  if (!stat.isFile()) return 'it is not a plain file';
  if (Number(stat.uid) !== (process.getuid?.() ?? 0)) return `it belongs to user ${stat.uid}`;
  if ((stat.mode & FOR_OTHERS) !== 0n) return 'it is open to others (chmod 600 closes it)';
  return stat.size > SIZE_LIMIT_BYTES ? `it has more than ${SIZE_LIMIT_BYTES} bytes` : null;
}

// A rename is on disk when its folder is.
function syncFolder(path: string): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function textOf(tokens: readonly KeptToken[]): string {
  const kept = tokens.map((token) => ({
    id: token.id,
    name: token.name,
    role: token.role,
    services: token.services,
    logs: token.logs,
    created_at: token.createdAt,
    expires_at: token.expiresAt,
    last_used_at: token.lastUsedAt,
    sha256: token.hash.toString('hex'),
  }));
  return `${JSON.stringify({ version: 1, tokens: kept }, null, 2)}\n`;
}

function tokensOf(text: string): readonly KeptToken[] | null {
  const page = parsed(text);
  if (!hasKeys(page, ['version', 'tokens']) || page['version'] !== 1) return null;
  const list = page['tokens'];
  if (!Array.isArray(list)) return null;
  const tokens = list.map(tokenOf).filter((token) => token !== null);
  return tokens.length === list.length && new Set(tokens.map(({ id }) => id)).size === list.length ? tokens : null;
}

const KEYS = ['id', 'name', 'role', 'services', 'logs', 'created_at', 'expires_at', 'last_used_at', 'sha256'];

function tokenOf(value: unknown): KeptToken | null {
  if (!hasKeys(value, KEYS)) return null;
  const { id, name, logs, services, sha256 } = value;
  const role = ROLES.find((word) => word === value['role']);
  const [createdAt, expiresAt, lastUsedAt] = [value['created_at'], value['expires_at'], value['last_used_at']];
  if (typeof id !== 'string' || !/^tok_[0-9a-z]{8}$/.test(id) || typeof name !== 'string') return null;
  if (role === undefined || (logs !== 'read' && logs !== 'hidden') || !isTexts(services)) return null;
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return null;
  if (!isTime(createdAt) || !isTimeOrNull(expiresAt) || !isTimeOrNull(lastUsedAt)) return null;
  return { id, name, role, services, logs, createdAt, expiresAt, lastUsedAt, hash: Buffer.from(sha256, 'hex') };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON holds no tokens, which is what the caller says.
    return null;
  }
}

/** Exactly these keys, no more and no fewer. */
function hasKeys(value: unknown, keys: readonly string[]): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.keys(value).length === keys.length && keys.every((key) => Object.hasOwn(value, key));
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((part) => typeof part === 'string');

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value);

const isTimeOrNull = (value: unknown): value is number | null => value === null || isTime(value);

function unreadable(path: string, why: string, cause?: unknown): ConnectionError {
  return new ConnectionError('RSE3008', `cannot use the tokens of "${path}": ${why}`, {
    hint: 'no token is valid until it is mended, or moved away and the tokens are made anew',
    ...(cause === undefined ? {} : { cause }),
  });
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  ENOENT: 'its folder is not there',
  ENOSPC: 'the file system is full',
  EROFS: 'the file system is read-only',
};

function wordsOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return WORDS[code] ?? (cause instanceof Error ? cause.message : String(cause));
}

function isCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
