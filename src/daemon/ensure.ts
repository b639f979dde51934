/** A daemon for the project, whoever starts it: the one that is there, or a new one; of several starters exactly one wins. */
import { request } from 'node:http';
import type { ApiParts } from '../api/parts.ts';
import { ConflictError } from '../model/errors.ts';
import { type ProjectPaths, pathsOf } from '../model/paths.ts';
import type { DaemonOrder } from './order.ts';
import { stateOf } from './socket.ts';
import { type DaemonProgram, spawnDaemon } from './spawn.ts';

/** How a project's daemon came to be there. */
export type Presence = 'was-running' | 'started';

// A daemon that is going waits for services to stop, and its starter with it, but not for ever.
const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 50;

/**
 * Makes sure that the project's daemon answers; resolves when it does. One that is ending is waited for, then replaced.
 * Errors: those of `spawnDaemon`; RSE4015 when another daemon holds the project and does not answer within 60 s; RSE3005.
 */
export async function ensureDaemon(
  order: DaemonOrder,
  how: DaemonProgram,
  clock: ApiParts['clock'],
): Promise<Presence> {
  const paths = pathsOf(order.folders, order.project);
  const until = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    const present = await lookAt(paths);
    if (present === 'running') return 'was-running';
    try {
      if (present === 'none') {
        await spawnDaemon(order, how, { paths, clock });
        return 'started';
      }
    } catch (error) {
      const isHeld = error instanceof ConflictError && error.code === 'RSE4015';
      if (!isHeld || clock.monotonic() > until) throw error;
    }
    if (clock.monotonic() > until) throw new ConflictError('RSE4015', stuck(order.project), { hint: stuckHint(paths) });
    await pause(clock);
  }
}

/** What the daemon of a project is doing: it may be gone between the look and what follows from it. */
export async function lookAt(paths: Pick<ProjectPaths, 'socket'>): Promise<'running' | 'stopping' | 'none'> {
  if ((await stateOf(paths.socket)) !== 'listening') return 'none';
  const text = await answerTo(paths.socket, '/api/v1/system');
  if (text === null) return 'none';
  return /"state":"stopping"/.test(text) ? 'stopping' : 'running';
}

function answerTo(socketPath: string, path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const sent = request({ socketPath, path, headers: { host: 'localhost' } }, (message) => {
      let text = '';
      message.setEncoding('utf8');
      message.on('data', (chunk: string) => {
        text += chunk;
      });
      message.on('error', () => {
        resolve(null);
      });
      message.on('end', () => {
        resolve(text);
      });
    });
    sent.on('error', () => {
      resolve(null);
    });
    sent.end();
  });
}

function pause(clock: ApiParts['clock']): Promise<void> {
  return new Promise((resolve) => {
    clock.after(LOOK_AGAIN_MS, resolve);
  });
}

function stuck(project: string): string {
  return `cannot start the daemon of "${project}": another one holds the project and does not answer`;
}

function stuckHint(paths: ProjectPaths): string {
  return `look into its log: ${paths.daemonLog}`;
}
