/** The API of an embedded stack, on a unix socket that the program names. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { socketDoor } from '../api/door.ts';
import type { ApiParts } from '../api/parts.ts';
import { createApiServer } from '../api/server.ts';
import { NO_TOKENS, UNRECORDED } from '../api/unrecorded.ts';
import { systemRandom } from '../clock/random.ts';
import { loadDefinition, parseDefinitionDocument } from '../config/load.ts';
import { ConflictError, ConnectionError, NotFoundError, RouseError } from '../model/errors.ts';
import { check } from '../supervisor/offline.ts';
import { evaluate } from '../supervisor/script.ts';
import { BY_LIBRARY, type Embedded } from './embedded.ts';

/** Where to listen. The socket is made with mode 0600; what is at the path already is left alone, and refused. */
export interface ListenOptions {
  readonly socketPath: string;
}

/** A listening API. Disposing it ends streams and removes the socket; the stack goes on. */
export interface Listening extends AsyncDisposable {
  readonly socketPath: string;
}

/** What listening needs. `stop` brings the whole stack down. */
export interface ListenParts {
  readonly backend: Embedded;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stop: () => void;
}

/** Serves the API. Errors: RSE1105 for anything but a socket path; RSE3003 when it cannot be bound. */
export async function listenOn(options: ListenOptions, parts: ListenParts): Promise<Listening> {
  if (typeof options.socketPath !== 'string')
    throw new RouseError('RSE1105', 'cannot listen on an address: only unix sockets are supported in this version', {
      hint: 'give a path: listen({ socketPath })',
    });
  const socketPath = resolve(options.socketPath);
  const ending = new AbortController();
  const api = createApiServer(apiParts(socketPath, parts, ending.signal), socketDoor(BY_LIBRARY.name, 'admin'));
  await new Promise<void>((done, fail) => {
    const refuse = (cause: Error): void =>
      fail(new ConnectionError('RSE3003', `cannot listen on "${socketPath}": ${cause.message}`, { cause }));
    api.server.once('error', refuse);
    // The file is made inside `listen` and obeys the mask: no moment at which it is open to others.
    const before = process.umask(0o177);
    try {
      api.server.listen(socketPath, () => {
        api.server.off('error', refuse);
        done();
      });
    } finally {
      process.umask(before);
    }
  });
  return {
    socketPath,
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await api.close();
    },
  };
}

function apiParts(socketPath: string, { backend, environment, stop }: ListenParts, ending: AbortSignal): ApiParts {
  const { supervisor, clock } = backend;
  const { directory } = supervisor.definition();
  const read: ApiParts['definitions']['load'] = async ({ files, overlays = [], variables = {} }) => {
    const given = { files, overlays, environment: { ...environment, ...variables }, directory };
    const rest = { stdin: null, project: backend.project, evaluate, trust: 'check', check } as const;
    return (await loadDefinition({ ...given, ...rest })).definition;
  };
  return {
    supervisor,
    definitions: {
      look: (order) => read(order),
      files: () => [],
      parse: (document, present) =>
        parseDefinitionDocument(document, { directory, project: present.name, environment, made: 'api', check })
          .definition,
      load: (order) => read(order),
      scale: (service) => {
        throw new NotFoundError('RSE4001', `cannot scale "${service}": a program decides itself how many there are`);
      },
    },
    facts: {
      pid: process.pid,
      version: ownVersion(),
      started_by: 'library',
      socket: socketPath,
      state_directory: backend.folder,
      path: environment['PATH'] ?? '',
      startedAt: clock.now(),
    },
    control: {
      state: () => (ending.aborted ? 'stopping' : 'running'),
      ending,
      leases: () => 0,
      detach: () => 'unknown',
      watch: () => undefined,
      lease: () => {
        throw new ConflictError(
          'RSE4008',
          'cannot take a lease: these services live as long as the program that runs them',
        );
      },
      stop: (mode) => {
        if (mode === 'daemon')
          throw new ConflictError('RSE4008', 'cannot stop the daemon alone: it is a program with services of its own', {
            hint: 'stop the services as well: rouse down',
          });
        stop();
        return { change: null, daemon: 'ends' };
      },
    },
    clock,
    random: systemRandom(),
    audit: UNRECORDED,
    tokens: NO_TOKENS,
    listeners: () => [{ address: socketPath, kind: 'unix', role: 'admin', tls: false }],
    report: () => undefined,
  };
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const isKnown = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isKnown && typeof manifest.version === 'string' ? manifest.version : 'unknown';
}
