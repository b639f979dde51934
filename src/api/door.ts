/** Where requests come in, as the listener knows it: what a request says of itself changes nothing of this. */
import type { Caller, Via } from '../model/caller.ts';
import type { Role } from '../model/role.ts';
import type { Token } from '../model/token.ts';

/** A door of the daemon. */
export interface Door {
  readonly via: Via;
  /** e.g. `unix:admin.sock` or `tcp:127.0.0.1:7878`. */
  readonly name: string;
  /** Of everybody who comes in here: whoever may open the socket's file is let in. null: the credential says it. */
  readonly role: Role | null;
  /** What the Host header may be, `host:port` in lower case; null = any single one, for no browser reaches a unix socket. */
  readonly hosts: ReadonlySet<string> | null;
  /** Origins of pages that come from this very door. */
  readonly origins: ReadonlySet<string>;
  /** Whether it is reached from this machine alone. */
  readonly reach: 'machine' | 'beyond';
  /** Whether an address is that of a proxy which is believed about whom it speaks for. */
  readonly isProxy: (address: string) => boolean;
}

/** Who is at the other end of a connection, as the kernel says. */
export interface Peer {
  readonly uid: number | null;
  readonly pid: number | null;
  /** Address and port, of a proxy's client the address alone; null for unix sockets. */
  readonly remote: string | null;
  /** The address by which failures are counted: of IPv6 the network of 64 bits. */
  readonly source: string;
  readonly from: 'here' | 'a-proxy';
}

/** A socket of one role, by the name of its file. */
export function socketDoor(name: string, role: Role): Door {
  return { via: 'unix', name, role, hosts: null, origins: new Set(), reach: 'machine', isProxy: () => false };
}

/** The socket of the daemon's own user and root. */
export const ADMIN_DOOR: Door = socketDoor('unix:admin.sock', 'admin');

/** Who comes in. Shapes: `token` is there exactly where the door has no role of its own. */
export function callerAt(door: Door, peer: Peer, token: Token | null): Caller | null {
  const { via, name: listener } = door;
  if (door.role !== null)
    return {
      via,
      listener,
      role: door.role,
      services: [],
      logs: door.role === 'viewer' ? 'hidden' : 'read',
      uid: peer.uid,
      pid: peer.pid,
      token: null,
      remote: peer.remote,
    };
  if (token === null) return null;
  return {
    via,
    listener,
    role: token.role,
    services: token.services,
    logs: token.role === 'viewer' ? token.logs : 'read',
    uid: null,
    pid: null,
    token: { id: token.id, name: token.name },
    remote: peer.remote,
  };
}
