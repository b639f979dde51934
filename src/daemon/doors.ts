/**
 * The doors of a daemon, opened one after the other and closed together: the socket of its own user, one for operators and
 * one for viewers where a group for them is named, and listeners on addresses.
 */
import { chmodSync, lchownSync, readFileSync, unlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ADMIN_DOOR, type Door, socketDoor } from '../api/door.ts';
import type { Listener } from '../api/parts.ts';
import type { Api, ApiServer } from '../api/server.ts';
import { certificateOf, checkSafe, listenAt, settled, tcpDoor } from '../api/tcp-door.ts';
import { RouseError } from '../model/errors.ts';
import { listenText } from '../model/listen.ts';
import type { ProjectPaths } from '../model/paths.ts';
import type { ListenRule, Policy } from '../model/policy.ts';
import { letPass } from './folders.ts';
import { listenOn, stateOf } from './socket.ts';

/** What opening needs. `rules` are the listeners on addresses; `tokens` says how many credentials are valid. */
export interface DoorParts {
  readonly api: Api;
  readonly paths: Pick<ProjectPaths, 'socket' | 'operateSocket' | 'viewSocket'>;
  readonly policy: Pick<Policy, 'groups' | 'allowedHosts' | 'trustedProxies'>;
  readonly rules: readonly ListenRule[];
  readonly tokens: { readonly count: number };
  readonly now: () => number;
  readonly say: (line: string) => void;
}

/** Open doors. */
export interface Doors {
  readonly listeners: readonly Listener[];
  /** Answers from now on; until then whoever asks waits. */
  open(): void;
  /** As `ApiServer.close`, of all of them. */
  close(): Promise<void>;
}

/**
 * Opens them all or none. What is not safe is refused before anything listens.
 * Errors: RSE3009 a listener that is not safe, or a certificate that cannot be used; RSE1123 a group that is not there or
 * cannot be taken; RSE4015, RSE3006, RSE3003 as `listenOn`.
 */
export async function openDoors(parts: DoorParts): Promise<Doors> {
  const { paths, policy, tokens, say, now } = parts;
  const rules = parts.rules.map(settled);
  const gate = new Gate();
  for (const rule of rules) checkSafe(rule, tokens.count);
  const certificates = rules.map((rule) => certificateOf(rule, say, now()));
  const groups = [groupOf(policy.groups.operate), groupOf(policy.groups.view)] as const;
  const opened: { readonly server: ApiServer; readonly listener: Listener }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map(({ server }) => server.close()));
  };
  try {
    opened.push(await openAdmin(parts, gate));
    if (groups.some((group) => group !== null)) for (const folder of wayTo(paths.operateSocket)) letPass(folder);
    await removeStale(paths.operateSocket, paths.viewSocket);
    for (const [index, role] of (['operator', 'viewer'] as const).entries()) {
      const group = groups[index] ?? null;
      if (group !== null) opened.push(await openShared(parts, gate, { role, group }));
    }
    for (const [index, rule] of rules.entries())
      opened.push(await openTcp(parts, gate, { rule, certificate: certificates[index] ?? null }));
  } catch (error) {
    await close();
    throw error;
  }
  if (rules.length > 0 && tokens.count === 0)
    say('nobody can use the listener yet: make a token: rouse token new NAME --role admin');
  return { listeners: opened.map(({ listener }) => listener), open: () => gate.open(), close };
}

/** Requests that come before the daemon is whole wait for it. */
class Gate {
  readonly #opened = Promise.withResolvers<undefined>();
  #state: 'shut' | 'open' = 'shut';

  open(): void {
    this.#state = 'open';
    this.#opened.resolve(undefined);
  }

  /** The door, once the gate is open. */
  to(door: () => Door): Door | Promise<Door> {
    return this.#state === 'open' ? door() : this.#opened.promise.then(door);
  }
}

interface Opened {
  readonly server: ApiServer;
  readonly listener: Listener;
}

async function openAdmin({ api, paths }: DoorParts, gate: Gate): Promise<Opened> {
  const server = api.serve(() => gate.to(() => ADMIN_DOOR), null);
  await listenOn(server.server, paths.socket);
  return { server, listener: { address: paths.socket, kind: 'unix', role: 'admin', tls: false } };
}

interface Group {
  readonly name: string;
  readonly id: number;
}

// Made as private as the first one, then given to the group, then opened to it: at no moment to anybody else.
async function openShared(
  { api, paths }: DoorParts,
  gate: Gate,
  { role, group }: { readonly role: 'operator' | 'viewer'; readonly group: Group },
): Promise<Opened> {
  const path = role === 'operator' ? paths.operateSocket : paths.viewSocket;
  const door = socketDoor(`unix:${basename(path)}`, role);
  const server = api.serve(() => gate.to(() => door), null);
  await listenOn(server.server, path);
  try {
    lchownSync(path, -1, group.id);
    chmodSync(path, 0o660);
  } catch (cause) {
    await server.close();
    throw new RouseError('RSE1123', `cannot give "${path}" to group "${group.name}": ${String(cause)}`, {
      hint: 'name a group that the user of the daemon belongs to',
      cause,
    });
  }
  return { server, listener: { address: path, kind: 'unix', role, tls: false } };
}

async function openTcp(
  { api, policy }: DoorParts,
  gate: Gate,
  { rule, certificate }: { readonly rule: ListenRule; readonly certificate: ReturnType<typeof certificateOf> },
): Promise<Opened> {
  // Its names are known once it has a port, which is before the first request.
  let door: Door = tcpDoor(rule, rule.port, policy);
  const server = api.serve(() => gate.to(() => door), certificate);
  const port = await listenAt(server.server, rule);
  door = tcpDoor(rule, port, policy);
  const address = listenText({ ...rule, port });
  return { server, listener: { address, kind: 'tcp', role: null, tls: certificate !== null } };
}

/** The folder of a project and that of all projects. */
function wayTo(socket: string): readonly string[] {
  return [dirname(dirname(socket)), dirname(socket)];
}

/** Sockets of an earlier daemon, of roles that there may be none of now. */
async function removeStale(...paths: readonly string[]): Promise<void> {
  for (const path of paths) if ((await stateOf(path)) === 'dead') unlinkSync(path);
}

/** Errors: RSE1123. Source: group(5); a group of another place than the file is named by its number. */
function groupOf(name: string | null): Group | null {
  if (name === null) return null;
  if (/^\d{1,9}$/.test(name)) return { name, id: Number(name) };
  const line = groupFile().find((text) => text.startsWith(`${name}:`));
  const id = Number.parseInt(line?.split(':')[2] ?? '', 10);
  if (Number.isInteger(id)) return { name, id };
  throw new RouseError('RSE1123', `cannot open a socket for group "${name}": there is no such group in /etc/group`, {
    hint: `make it: groupadd --system ${name}; or give its number`,
  });
}

function groupFile(): readonly string[] {
  try {
    return readFileSync('/etc/group', 'utf8').split('\n');
  } catch {
    // Nowhere to look: no name is known.
    return [];
  }
}
