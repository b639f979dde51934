/** Letting other users pass through a folder of the runtime on the way to what is theirs, without seeing what else is there. */
import { chmodSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const PASS = 0o011;
const OTHERS_PASS = 0o001;
/** The folder itself, the project's above it, and the one of all projects. */
const OWN_FOLDERS = 3;

/**
 * Opens the folder, and the two above it, for passing through: nobody else can list or change them. Gives the folder further
 * up that does not let others through, where there is one; null when all do. Shapes: absolute. Never throws.
 */
export function letThrough(folder: string): string | null {
  let path = folder;
  for (let depth = 0; path !== '/'; depth += 1) {
    const mode = modeOf(path, depth < OWN_FOLDERS ? 'open' : 'look');
    if ((mode & OTHERS_PASS) === 0) return path;
    path = dirname(path);
  }
  return null;
}

function modeOf(path: string, what: 'open' | 'look'): number {
  try {
    const { mode, uid } = statSync(path);
    if (what === 'look' || uid !== (process.getuid?.() ?? 0) || (mode & OTHERS_PASS) !== 0) return mode;
    chmodSync(path, (mode & 0o7777) | PASS);
    return mode | PASS;
  } catch {
    // It has gone, or is not ours: nobody passes.
    return 0;
  }
}
