/** Files to texts, within limits, and only such as may be believed. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Report } from './fault.ts';
import type { Source, Span } from './source.ts';
import { distrust } from './trust.ts';

/** The largest file that is read; bytes. */
const MAX_BYTES = 1024 ** 2;

/** What reading needs to know. `span`: where the file is named, or null. */
export interface Reading {
  readonly trust: 'check' | 'skip';
  readonly report: Report;
  readonly span: Span | null;
}

/**
 * The text of a file, or null after a report: RSE0103 cannot be read or is not UTF-8, RSE0104 larger than 1 MiB,
 * RSE0106 not to be believed. The checks and the reading see the same open file.
 */
export function readSource(path: string, reading: Reading): Source | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return refuse(path, reading, { code: 'RSE0103', message: `cannot read "${path}": ${causeOf(error)}` });
  }
  try {
    return readOpen(path, descriptor, reading);
  } catch (error) {
    return refuse(path, reading, { code: 'RSE0103', message: `cannot read "${path}": ${causeOf(error)}` });
  } finally {
    closeSync(descriptor);
  }
}

function readOpen(path: string, descriptor: number, reading: Reading): Source | null {
  const stat = fstatSync(descriptor);
  if (!stat.isFile())
    return refuse(path, reading, { code: 'RSE0103', message: `cannot read "${path}": it is not a regular file` });
  if (stat.size > MAX_BYTES)
    return refuse(path, reading, {
      code: 'RSE0104',
      message: `cannot read "${path}": it has ${stat.size} bytes, ${MAX_BYTES} at most`,
      hint: 'split it into several files and name them under "include"',
    });
  const cause = reading.trust === 'skip' ? null : distrust(path, process.getuid?.() ?? -1, stat);
  if (cause !== null)
    return refuse(path, reading, {
      code: 'RSE0106',
      message: `cannot believe "${path}" as root: ${cause}`,
      hint: `chown root "${path}" and chmod go-w it and its folder, or run Rouse as the user who owns them`,
    });
  const bytes = Buffer.alloc(stat.size + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length < bytes.length; length += read)
    read = readSync(descriptor, bytes, length, bytes.length - length, null);
  if (length > stat.size)
    return refuse(path, reading, { code: 'RSE0103', message: `cannot read "${path}": it grew while it was read` });
  try {
    return { path, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, length)) };
  } catch {
    return refuse(path, reading, { code: 'RSE0103', message: `cannot read "${path}": it is not UTF-8 text` });
  }
}

interface Words {
  readonly code: 'RSE0103' | 'RSE0104' | 'RSE0106';
  readonly message: string;
  readonly hint?: string;
}

// A file that is named nowhere is its own place, so that the fault is shown with a name.
function refuse(path: string, { report, span }: Reading, words: Words): null {
  report({ ...words, span: span ?? { source: { path, text: null }, start: 0, end: 0 }, path: [] });
  return null;
}

function causeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be read by this user';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ENOTDIR') return 'a part of its path is not a folder';
  if (code === 'ELOOP') return 'its links go in a circle';
  return error instanceof Error ? error.message : String(error);
}
