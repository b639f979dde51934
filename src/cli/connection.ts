/** The daemon of the project that is meant: found, and spoken to. Looking never starts one. */
import { existsSync, readdirSync } from 'node:fs';
import { type Client, createClient } from '../client/client.ts';
import { ConnectionError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import { type Project, knownProjects, projectOf } from './project.ts';
import type { Session } from './session.ts';

/** A daemon that is spoken to. */
export interface Connection extends Disposable {
  readonly client: Client;
  readonly project: Project;
}

/** The daemon of the project, which must be running. Errors: RSE0101 no definition; RSE3001 no daemon. */
export async function connect(session: Session): Promise<Connection> {
  return connectTo(session, await projectOf(session));
}

/** The daemon of that project. Errors: RSE3001 when it has no socket; whether somebody listens shows at the first call. */
export function connectTo(session: Session, project: Project): Connection {
  if (!existsSync(project.paths.socket)) throw notRunning(session, project);
  const client = createClient({ socketPath: project.paths.socket, clock: session.clock, via: 'cli' });
  return {
    client,
    project,
    [Symbol.dispose]: () => {
      client[Symbol.dispose]();
    },
  };
}

function notRunning(session: Session, { name, paths, folders }: Project): ConnectionError {
  const others = knownProjects(folders);
  const near = session.flags.project === null ? null : nearest(name, others);
  const running = others.length === 0 ? '' : ` (running: ${others.join(', ')})`;
  return new ConnectionError('RSE3001', `cannot reach the daemon of "${name}": there is no socket "${paths.socket}"`, {
    hint: near === null ? `${wayUp(paths.runs)}${running}` : `did you mean -p ${near}?`,
  });
}

/** What helps where there is no daemon; services that it has left are taken over, or ended. */
function wayUp(runs: string): string {
  const isLeft = existsSync(runs) && readdirSync(runs).some((name) => !name.startsWith('.'));
  if (!isLeft) return 'bring the project up: rouse up';
  return 'its services run on: rouse up takes them over, rouse down ends them';
}
