/** Where output and events are read from: the daemon of the project, else what it has left on disk. */
import { RouseError } from '../model/errors.ts';
import { connectToLive } from './connection.ts';
import { projectOf } from './project.ts';
import type { Session } from './session.ts';
import type { Source } from './stored.ts';

/** Opens it. Errors: RSE0101 no definition; RSE3001 when neither a daemon answers nor anything is left; RSE3008. */
export async function openSource(session: Session): Promise<Source> {
  const project = await projectOf(session);
  try {
    const { client, [Symbol.dispose]: close } = await connectToLive(session, project);
    const services = await client.services.list();
    return { services, logs: client.logs, events: client.events, [Symbol.dispose]: close };
  } catch (error) {
    if (!(error instanceof RouseError) || error.code !== 'RSE3001') throw error;
    const { storedSource } = await import('./stored.ts');
    const stored = storedSource(project);
    if (stored === null) throw error;
    return stored;
  }
}
