/** The end without grace: for services that were told to stop and do not, or are not to be asked. */
import type { ApiService } from '../contract/api-service.ts';
import type { Connection } from './connection.ts';
import type { Session } from './session.ts';

const AGAIN_MS = 50;

/**
 * Does what stops services, and kills those that are still stopping once their grace is over. `graceMs` null: their own
 * grace alone counts, and nothing is done here.
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
  const check = (): void => {
    if (state.over === 'yes') return;
    // A daemon that is gone has nothing left to be killed; the operation itself says so.
    killStopping(connection, graceMs, session.clock.now()).catch(() => undefined);
    timer = session.clock.after(AGAIN_MS, check);
  };
  check();
  try {
    return await stop();
  } finally {
    state.over = 'yes';
    disposeOf(timer);
  }
}

const disposeOf = (timer: Disposable | null): void => timer?.[Symbol.dispose]();

/** Kills every service that has been stopping for longer than its grace. Gives their names. Units: ms, epoch ms. */
export async function killStopping({ client }: Connection, graceMs: number, now: number): Promise<readonly string[]> {
  const late = (await client.services.list()).filter(
    ({ phase, pid, since }) => phase === 'stopping' && pid !== null && now - Date.parse(since) >= graceMs,
  );
  for (const service of late) killGroup(service);
  return late.map(({ name }) => name);
}

// A process service leads a session of its own, so its id is that of the group. The daemon sees the end and says why.
function killGroup({ pid }: ApiService): void {
  if (pid === null || pid <= 1) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return;
    throw error;
  }
}
