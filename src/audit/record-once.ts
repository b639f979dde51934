/** A record of a command that changes something without a daemon, e.g. a token. */
import type { AuditEntry } from '../model/audit.ts';
import { AuditWriter, type WriterOptions } from './writer.ts';

/** Who runs this program, as the actor of what it does without a daemon. */
export function ownActor(name: string): AuditEntry['actor'] {
  const uid = process.getuid?.() ?? null;
  return { via: 'self', uid, pid: process.pid, token: null, name, role: 'admin' };
}

/**
 * Puts an entry on record and resolves when it is on disk; also while a daemon writes the same trail.
 * Errors: RSE4119, and what the entry announces must not be done; the folder of the trail has to be there.
 */
export async function recordOnce(options: WriterOptions, entry: AuditEntry): Promise<void> {
  await using writer = new AuditWriter(options);
  await writer.before(entry);
}
