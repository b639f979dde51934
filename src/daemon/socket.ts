/** The socket of the daemon: private from its first moment, and never put in place of one that lives. */
import { lstatSync, type Stats, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { ConflictError, ConnectionError } from '../model/errors.ts';
import { ownUid } from './folders.ts';

/** What is at a path: nothing, a socket that nobody listens on, one that answers, or something that is not ours. */
export type SocketState = 'absent' | 'dead' | 'listening' | 'foreign';

/**
 * Listens on the path with mode 0600. A socket that an ended daemon left is replaced; the caller holds the project's
 * lock, so none of ours can be about to listen there.
 * Errors: RSE4015 somebody listens there; RSE3006 what is there is not ours; RSE3003 it cannot be bound.
 */
export async function listenOn(server: Server, path: string): Promise<void> {
  const state = await stateOf(path);
  if (state === 'listening')
    throw new ConflictError('RSE4015', `cannot listen on "${path}": another daemon answers there`, {
      hint: 'look at it: rouse daemon status',
    });
  if (state === 'foreign')
    throw new ConnectionError('RSE3006', `cannot listen on "${path}": what is there is not a socket of this user`, {
      hint: 'remove it',
    });
  if (state === 'dead') unlinkSync(path);
  await bind(server, path);
  const mode = lstatSync(path).mode & 0o777;
  if (mode === 0o600) return;
  server.close();
  throw new ConnectionError('RSE3006', `cannot listen on "${path}": its mode came out as 0${mode.toString(8)}`);
}

/** What is at the path. Sends nothing: a connection is opened and closed. */
export function stateOf(path: string): Promise<SocketState> {
  const stat = statOf(path);
  if (stat === null) return Promise.resolve('absent');
  if (!stat.isSocket() || (stat.uid !== ownUid() && stat.uid !== 0)) return Promise.resolve('foreign');
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve('listening');
    });
    socket.on('error', (cause: NodeJS.ErrnoException) => {
      // EAGAIN: somebody listens and his queue is full. EACCES: only its owner can tell, and it is not for us to ask.
      const isThere = cause.code === 'EAGAIN' || cause.code === 'EACCES';
      resolve(cause.code === 'ENOENT' ? 'absent' : isThere ? 'listening' : 'dead');
    });
  });
}

// A socket's file is made by bind(2), which happens inside `listen` and obeys the mask: no moment at which it is open.
function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      reject(new ConnectionError('RSE3003', `cannot listen on "${path}": ${cause.message}`, { cause }));
    };
    server.once('error', fail);
    const before = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', fail);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}

function statOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    // Nothing there, or a folder of the way is missing: for the caller the same.
    return null;
  }
}
