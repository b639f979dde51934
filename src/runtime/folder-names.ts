/** What a folder holds. */
import { readdirSync } from 'node:fs';

/** The names in a folder, in no order; none when it is not there, is no folder, or is not ours to read. Never throws. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // For everybody who asks the same: there is nothing here.
    return [];
  }
}
