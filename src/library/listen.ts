/** The API of an embedded stack, on a unix socket or an address that the program names. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { socketDoor } from '../api/door.ts';
import type { ApiParts, Listener } from '../api/parts.ts';
import { type ApiServer, createApi, createApiServer } from '../api/server.ts';
import { certificateOf, checkSafe, listenAt, settled, tcpDoor } from '../api/tcp-door.ts';
import { NO_TOKENS, UNRECORDED } from '../api/unrecorded.ts';
import { systemRandom } from '../clock/random.ts';
import { loadDefinition, parseDefinitionDocument } from '../config/load.ts';
import { ConflictError, ConnectionError, NotFoundError, RouseError } from '../model/errors.ts';
import { listenText } from '../model/listen.ts';
import type { Role } from '../model/role.ts';
import type { Token } from '../model/token.ts';
import type { TokenStore } from '../ports/token-book.ts';
import { groundOf } from '../supervisor/ground.ts';
import { check } from '../supervisor/offline.ts';
import { evaluate } from '../supervisor/script.ts';
import { BY_LIBRARY, type Embedded } from './embedded.ts';

/** A socket that the program names. It is made with mode 0600; what is at the path already is left alone, and refused. */
export interface SocketOptions {
  readonly socketPath: string;
}

/**
 * An address. On this machine a token is asked for; beyond it a certificate as well, or `plainHttp: 'typed-out'`.
 * Shapes: `token` is what callers send as `Authorization: Bearer`, at least 32 characters that nobody can guess; `role` is
 * what it may do (admin). `port` 0 = any that is free. `tls`: paths of certificate chain and key in PEM.
 */
export interface AddressOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly role?: Role;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly plainHttp?: 'typed-out';
}

/** Where to listen. */
export type ListenOptions = SocketOptions | AddressOptions;

/** A listening API. Disposing it ends streams and removes the socket; the stack goes on. */
export interface Listening extends AsyncDisposable {
  /** The path of the socket, or `host:port`. */
  readonly address: string;
}

/** What listening needs. `stop` brings the whole stack down. */
export interface ListenParts {
  readonly backend: Embedded;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stop: () => void;
}

/**
 * Serves the API.
 * Errors: RSE1105 for neither a socket nor an address with a token; RSE3003 when it cannot be bound; RSE3009 when it would
 * not be safe.
 */
export async function listenOn(options: ListenOptions, parts: ListenParts): Promise<Listening> {
  const ending = new AbortController();
  const opened = isAddress(options)
    ? await openAddress(options, parts, ending.signal)
    : await openSocket(options, parts, ending.signal);
  return {
    address: opened.address,
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await opened.api.close();
    },
  };
}

interface Opened {
  readonly address: string;
  readonly api: ApiServer;
}

async function openSocket({ socketPath }: SocketOptions, parts: ListenParts, ending: AbortSignal): Promise<Opened> {
  const path = resolve(socketPath);
  const facts = { address: path, kind: 'unix', role: 'admin', tls: false } as const;
  const api = createApiServer(
    apiParts({ listener: facts, tokens: NO_TOKENS }, parts, ending),
    socketDoor(BY_LIBRARY.name, 'admin'),
  );
  await new Promise<void>((done, fail) => {
    const refuse = (cause: Error): void =>
      fail(new ConnectionError('RSE3003', `cannot listen on "${path}": ${cause.message}`, { cause }));
    api.server.once('error', refuse);
    // The file is made inside `listen` and obeys the mask: no moment at which it is open to others.
    const before = process.umask(0o177);
    try {
      api.server.listen(path, () => {
        api.server.off('error', refuse);
        done();
      });
    } finally {
      process.umask(before);
    }
  });
  return { address: path, api };
}

// The same rules as for the daemon: the door is one of its kind.
async function openAddress(options: AddressOptions, parts: ListenParts, ending: AbortSignal): Promise<Opened> {
  const { tls = null, plainHttp = 'loopback-only' } = options;
  const rule = settled({ host: options.host.toLowerCase(), port: options.port, tls, plainHttp });
  checkSafe(rule, 1);
  const certificate = certificateOf(rule, () => undefined, parts.backend.clock.now());
  const { policy } = parts.backend.supervisor.definition();
  const tokens = soleToken(options, parts.backend.clock.now());
  // Its port, and with it its names, are known before the first request.
  let port = rule.port;
  const address = (): string => listenText({ ...rule, port });
  const listener: Access['listener'] = {
    get address() {
      return address();
    },
    kind: 'tcp',
    role: null,
    tls: tls !== null,
  };
  let door = tcpDoor(rule, port, policy);
  const api = createApi(apiParts({ listener, tokens }, parts, ending)).serve(() => door, certificate);
  port = await listenAt(api.server, rule);
  door = tcpDoor(rule, port, policy);
  return { address: address(), api };
}

function isAddress(options: ListenOptions): options is AddressOptions {
  if ('socketPath' in options && typeof options.socketPath === 'string') return false;
  const given: Readonly<Record<string, unknown>> = { ...options };
  const [host, port, token] = [given['host'], given['port'], given['token']];
  const isPort = typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535;
  if (typeof host === 'string' && isPort && typeof token === 'string' && TOKEN.test(token)) return true;
  throw new RouseError('RSE1105', 'cannot listen: neither a socket nor an address with a token is given', {
    hint: 'give a path: listen({ socketPath }), or listen({ host: "127.0.0.1", port: 7878, token }) with 32 characters or more of chance',
  });
}

const TOKEN = /^[\x21-\x7e]{32,256}$/;

function soleToken({ token, role = 'admin' }: AddressOptions, now: number): TokenStore {
  const own = hashOf(token);
  const rest = { services: [], logs: 'read', createdAt: now, expiresAt: null, lastUsedAt: null } as const;
  const known: Token = { id: 'tok_library', name: 'library', role, ...rest };
  return {
    ...NO_TOKENS,
    find: (credential) => (timingSafeEqual(hashOf(credential), own) ? known : 'unknown'),
    count: 1,
    list: () => [known],
  };
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

interface Access {
  readonly listener: Listener;
  readonly tokens: TokenStore;
}

function apiParts(
  { listener, tokens }: Access,
  { backend, environment, stop }: ListenParts,
  ending: AbortSignal,
): ApiParts {
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
        parseDefinitionDocument(document, {
          directory,
          project: present.name,
          environment,
          made: 'api',
          ground: groundOf(environment),
          present,
          check,
        }).definition,
      load: (order) => read(order),
      scale: (service) => {
        throw new NotFoundError('RSE4001', `cannot scale "${service}": a program decides itself how many there are`);
      },
    },
    facts: {
      pid: process.pid,
      version: ownVersion(),
      started_by: 'library',
      socket: listener.kind === 'unix' ? listener.address : '',
      state_directory: backend.folder,
      path: environment['PATH'] ?? '',
      startedAt: clock.now(),
      uid: process.getuid?.() ?? -1,
    },
    control: controlOf(stop, ending),
    clock,
    random: systemRandom(),
    audit: UNRECORDED,
    tokens,
    listeners: () => [listener],
    report: () => undefined,
  };
}

function controlOf(stop: ListenParts['stop'], ending: AbortSignal): ApiParts['control'] {
  return {
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
  };
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const isKnown = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isKnown && typeof manifest.version === 'string' ? manifest.version : 'unknown';
}
