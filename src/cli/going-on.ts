/**
 * Waiting for a change on when its daemon is gone.
 *
 * A daemon that was killed leaves its socket, one that left takes it along: so a command that waits knows whether to start
 * another at once, or to give somebody the time to do so who has just sent that one away.
 */
import type { Lost } from '../client/changes.ts';
import { ConnectionError } from '../model/errors.ts';
import type { Project } from './project.ts';
import { type Session, note } from './session.ts';

/** How long another daemon is waited for when the last one has left; ms. */
const LEFT_MS = 10_000;
const LOOK_AGAIN_MS = 50;
const SLOWLY_MS = 500;

/**
 * What a command does that waits for a change and loses the daemon: one that was killed is replaced, and the wait goes on
 * by the change's id. `whenLeft`: whether another is waited for when it left of its own accord.
 */
export function goingOn(
  session: Session,
  project: Project,
  { change, whenLeft }: { readonly change: string; readonly whenLeft: 'wait' | 'give-up' },
): Lost {
  if (project.reach === 'elsewhere') return reachedAgain(session, project, { change, whenLeft });
  return async (error) => {
    const { stateOf } = await import('../daemon/socket.ts');
    const state = await stateOf(project.paths.socket);
    if (state === 'listening') return;
    if (state === 'dead') {
      const { revive } = await import('./revive.ts');
      const presence = await revive(session, project);
      if (presence === null) throw error;
      note(session, [`the daemon was killed; another has taken over, and change ${change} goes on`]);
      return;
    }
    if (whenLeft === 'give-up' || !(await comesBack(session, project))) throw left(project, change, error);
    note(session, [`the daemon was restarted, and change ${change} goes on`]);
  };
}

// Of a daemon elsewhere only this is known: whether it answers again.
function reachedAgain(
  { clock }: Session,
  project: Project,
  { change, whenLeft }: { readonly change: string; readonly whenLeft: 'wait' | 'give-up' },
): Lost {
  let tries = 0;
  return async (error) => {
    tries += 1;
    if (whenLeft === 'give-up' || tries > LEFT_MS / SLOWLY_MS) throw left(project, change, error);
    await new Promise<void>((resolve) => clock.after(SLOWLY_MS, resolve));
  };
}

async function comesBack({ clock }: Session, { paths }: Project): Promise<boolean> {
  const { stateOf } = await import('../daemon/socket.ts');
  const until = clock.monotonic() + LEFT_MS;
  while ((await stateOf(paths.socket)) !== 'listening') {
    if (clock.monotonic() > until) return false;
    await new Promise<void>((resolve) => clock.after(LOOK_AGAIN_MS, resolve));
  }
  return true;
}

function left({ name }: Project, change: string, cause: unknown): ConnectionError {
  return new ConnectionError('RSE3002', `cannot wait longer for change ${change}: the daemon of "${name}" has left`, {
    hint: 'its services run on, and the change goes on with the next daemon: rouse up',
    cause,
  });
}
