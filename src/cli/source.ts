/** Where output and events are read from: the daemon of the project, else what it has left on disk. */
import { RouseError } from '../model/errors.ts';
import { type Connection, connect, connectToLive } from './connection.ts';
import { projectOf } from './project.ts';
import type { Session } from './session.ts';
import type { Source } from './stored.ts';

/** Opens it. Errors: RSE0101 no definition; RSE3001 when neither a daemon answers nor anything is left; RSE3008. */
export async function openSource(session: Session): Promise<Source> {
  if (session.flags.host !== null) return sourceOf(await connect(session));
  const project = await projectOf(session);
  try {
    return await sourceOf(await connectToLive(session, project));
  } catch (error) {
    if (!(error instanceof RouseError) || error.code !== 'RSE3001') throw error;
    const { storedSource } = await import('./stored.ts');
    const stored = storedSource(project);
    if (stored === null) throw error;
    return stored;
  }
}

async function sourceOf({ client, [Symbol.dispose]: close }: Connection): Promise<Source> {
  const services = await client.services.list();
  return { services, logs: client.logs, events: client.events, [Symbol.dispose]: close };
}
