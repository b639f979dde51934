/** The interpreter that a script names in its first line. */
import { closeSync, openSync, readSync } from 'node:fs';

/** What stands behind `#!`, as written; null for anything that is no such script or cannot be read. Source: execve(2). */
export function interpreterFileOf(file: string): string | null {
  return /^#!\s*(\S+)/.exec(firstLine(file))?.[1] ?? null;
}

function firstLine(file: string): string {
  try {
    const fd = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(256);
      const [line = ''] = bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0)).split('\n');
      return line;
    } finally {
      closeSync(fd);
    }
  } catch {
    // It may be executed but not read.
    return '';
  }
}
