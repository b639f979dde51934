/** The end without grace, for services that were told to stop and do not. */
import type { Connection } from './connection.ts';
import type { Session } from './session.ts';

const AGAIN_MS = 50;

/**
 * Does what stops services, and has those killed that are still stopping after `graceMs`. Null: their own grace alone
 * counts, and nothing is done here.
 */
export async function withForce<T>(
  session: Session,
  connection: Connection,
  graceMs: number | null,
  stop: () => Promise<T>,
): Promise<T> {
  if (graceMs === null || session.flags.dryRun) return stop();
  const state = { over: 'no' };
  let timer: Disposable | null = null;
  const look = (): void => {
    if (state.over === 'yes') return;
    // A daemon that is gone has nothing left to be killed; the operation itself says so.
    killStopping(connection, graceMs, session.clock.now()).catch(() => undefined);
    timer = session.clock.after(AGAIN_MS, look);
  };
  look();
  try {
    return await stop();
  } finally {
    state.over = 'yes';
    disposeOf(timer);
  }
}

const disposeOf = (timer: Disposable | null): void => timer?.[Symbol.dispose]();

/**
 * Has every service killed that has been stopping for longer than its grace, but for those that are being killed already.
 * Units: ms, epoch ms.
 */
export async function killStopping({ client }: Connection, graceMs: number, now: number): Promise<void> {
  const late = (await client.services.list()).filter(
    ({ phase, step, since }) =>
      phase === 'stopping' && step !== 'killing' && step !== 'stuck' && now - Date.parse(since) >= graceMs,
  );
  if (late.length === 0) return;
  // `down`, because that is taken also while everything is being stopped.
  const options = { grace: 'none', dependents: 'leave' } as const;
  await client.changes.create({ action: 'down', services: late.map(({ name }) => name), options });
}
