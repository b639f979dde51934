/** The daemon of the project that is meant: found, and spoken to. Looking never starts one. */
import { existsSync } from 'node:fs';
import { type Client, createClient } from '../client/client.ts';
import { stateOf } from '../daemon/socket.ts';
import { ConnectionError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import { type Project, knownProjects, placed, projectOf } from './project.ts';
import { list } from './render/outcome.ts';
import type { Session } from './session.ts';

/** A daemon that is spoken to. */
export interface Connection extends Disposable {
  readonly client: Client;
  readonly project: Project;
}

/** The daemon of the project, which must be running. Errors: RSE0101 no definition; RSE3001 no daemon. */
export async function connect(session: Session): Promise<Connection> {
  if (session.flags.host !== null) return connectElsewhere(session, session.flags.host);
  return connectToLive(session, await projectOf(session));
}

/** The daemon at that address. Errors: those of its answer to who it is; RSE4010. */
async function connectElsewhere(session: Session, host: string): Promise<Connection> {
  const { clientOf, projectThere } = await import('./elsewhere.ts');
  const client = clientOf(session, host);
  try {
    const project = placed(session, await projectThere(session, client));
    const close = (): void => client[Symbol.dispose]();
    return { client, project: { ...project, reach: 'elsewhere' }, [Symbol.dispose]: close };
  } catch (error) {
    client[Symbol.dispose]();
    throw error;
  }
}

/** The daemon of that project, which must be running. Errors: RSE3001 with what runs on without it. */
export async function connectToLive(session: Session, project: Project): Promise<Connection> {
  const state = await stateOf(project.paths.socket);
  if (state === 'absent') throw await notRunning(session, project, `there is no socket "${project.paths.socket}"`);
  if (state === 'dead') throw await notRunning(session, project, 'it was killed, or has crashed');
  return connectTo(session, project);
}

/** The daemon of that project, which was looked for already; whether somebody listens shows at the first call. */
export function connectTo(session: Session, project: Project): Connection {
  const client = createClient({ socketPath: project.paths.socket, clock: session.clock, via: 'cli' });
  return {
    client,
    project,
    [Symbol.dispose]: () => {
      client[Symbol.dispose]();
    },
  };
}

async function notRunning(session: Session, project: Project, why: string): Promise<ConnectionError> {
  const others = knownProjects(project.folders).filter((name) => name !== project.name);
  const isKnown = existsSync(project.paths.runs);
  const near = session.flags.project === null || isKnown ? null : nearest(project.name, others);
  const running = others.length === 0 ? '' : ` (running: ${others.join(', ')})`;
  const hint = near === null ? `${await wayUp(project)}${running}` : `did you mean -p ${near}?`;
  return new ConnectionError('RSE3001', `cannot reach the daemon of "${project.name}": ${why}`, { hint });
}

/** What helps where there is no daemon: services that it has left run on, and are taken over or ended. */
async function wayUp({ folders, name, paths }: Project): Promise<string> {
  if (!existsSync(paths.runs)) return 'bring the project up: rouse up';
  const { leftRunning } = await import('../supervisor/left-running.ts');
  const left = leftRunning(folders, name);
  if (left.length === 0) return 'bring the project up: rouse up';
  return `${list(left)} ${left.length === 1 ? 'runs' : 'run'} on: rouse up takes over, rouse down ends ${left.length === 1 ? 'it' : 'them'}`;
}
