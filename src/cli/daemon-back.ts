/**
 * Following on when the daemon is gone: somebody who only looks waits for the next one, which goes on where the last one was.
 *
 * One that was killed left its socket, and somebody will start another; one that left its services running will be back
 * as well. One that left nothing behind is given the time that a restart takes.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LostStream } from '../client/stream.ts';
import type { Project } from './project.ts';
import { type Session, note } from './session.ts';

const LOOK_AGAIN_MS = 50;
/** How long the next daemon may take when nothing runs; ms. */
const RESTART_MS = 3000;

/** Waits for the next daemon, says so once for each that is lost, and ends when there is nothing to wait for or on abort. */
export function untilBack(session: Session, project: Project, signal: AbortSignal): LostStream | undefined {
  // Of a daemon elsewhere only the stream itself tells.
  if (project.reach === 'elsewhere') return undefined;
  return async (error) => {
    const { stateOf } = await import('../daemon/socket.ts');
    const { clock } = session;
    const since = clock.monotonic();
    let said: 'no' | 'yes' = 'no';
    while (!signal.aborted) {
      const state = await stateOf(project.paths.socket);
      // A daemon that is leaving still listens when it has ended the stream.
      if (state === 'listening' && (error !== null || said === 'yes')) return 'go-on';
      if (state !== 'listening' && said === 'no') {
        const runs = hasRuns(project.paths.runs) ? 'its services run on; ' : '';
        const what = state === 'dead' ? 'was killed' : 'has left';
        note(session, [`the daemon of "${project.name}" ${what}; ${runs}waiting for the next one`]);
        said = 'yes';
      }
      const isOver = clock.monotonic() - since > RESTART_MS;
      if (isOver && state === 'listening') return 'go-on';
      if (isOver && state !== 'dead' && !hasRuns(project.paths.runs)) return 'end';
      await new Promise<void>((resolve) => clock.after(LOOK_AGAIN_MS, resolve));
    }
    return 'end';
  };
}

/** Whether any run has left its folder: `<runs>/<service>/<instance>`. */
function hasRuns(folder: string): boolean {
  try {
    const services = readdirSync(folder).filter((name) => !name.startsWith('.'));
    return services.some((service) => readdirSync(join(folder, service)).length > 0);
  } catch {
    // No folder, no runs.
    return false;
  }
}
