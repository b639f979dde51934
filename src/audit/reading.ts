/** The files of a trail as those read them who write nothing. Errors of all: RSE0103, with the path and the system's word for it. */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RouseError } from '../model/errors.ts';
import { lookAt, rotatedFiles } from './ground.ts';

/** Every file of a trail, oldest first, that which is written at the end. Shapes: empty when there is none yet. */
export async function trailFiles(path: string): Promise<readonly string[]> {
  try {
    return [...(await rotatedFiles(path)), ...(lookAt(path) === null ? [] : [path])];
  } catch (cause) {
    throw unreadable(dirname(path), cause);
  }
}

/** Opens a file of a trail for reading. */
export async function openToRead(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** That a file cannot be read, and why. */
export function unreadable(path: string, cause: unknown): RouseError {
  const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return new RouseError('RSE0103', `cannot read "${path}": ${why}`, { cause });
}
