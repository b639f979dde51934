/** What a command changes without a daemon, on record before and after it is done. */
import { hostname } from 'node:os';
import { ownActor, recordOnce } from '../audit/record-once.ts';
import { bootId } from '../clock/boot.ts';
import type { AuditEntry } from '../model/audit.ts';
import { RouseError } from '../model/errors.ts';
import type { Project } from './project.ts';
import type { Session } from './session.ts';

/** What is done: `target` is null where it gets its name by being done. */
export interface Deed {
  readonly action: string;
  readonly target: string | null;
  readonly params: AuditEntry['params'];
}

/** Does it once it is on record, and puts its end on record. Errors: RSE4119, and it was not done; those of `act`. */
export async function onRecord<T>(session: Session, project: Project, deed: Deed, act: () => T): Promise<T> {
  const { clock } = session;
  const path = project.paths.audit;
  const options = { path, clock, boot: bootId(), host: hostname(), failure: () => 'refuse' as const };
  const entry: AuditEntry = {
    ...deed,
    stage: 'request',
    request: null,
    actor: ownActor('rouse'),
    remote: null,
    outcome: null,
    status: null,
    reason: null,
    ms: null,
  };
  await recordOnce(options, entry);
  const begin = clock.monotonic();
  const done = async (outcome: 'ok' | 'error', reason: string | null): Promise<void> =>
    recordOnce(options, { ...entry, stage: 'done', outcome, reason, ms: clock.monotonic() - begin });
  let result: T;
  try {
    result = act();
  } catch (error) {
    await done('error', error instanceof RouseError ? error.code : 'RSE9001');
    throw error;
  }
  await done('ok', null);
  return result;
}
