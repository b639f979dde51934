/** Who stands behind a request, as the listener, the kernel and the token say; never as the request says. */
import type { Role } from './role.ts';

/** Where a request came in. */
export type Via = 'unix' | 'tcp' | 'self';

/** Somebody who asks. */
export interface Caller {
  /** `self`: a program that holds the project itself, without a listener. */
  readonly via: Via;
  /** The listener, e.g. `unix:admin.sock` or `tcp:127.0.0.1:7878`. */
  readonly listener: string;
  readonly role: Role;
  /** Globs of the services that may be touched and seen; empty = all. */
  readonly services: readonly string[];
  readonly logs: 'read' | 'hidden';
  /** Of the process at the other end of a unix socket, from the kernel; null where it does not say. */
  readonly uid: number | null;
  readonly pid: number | null;
  readonly token: { readonly id: string; readonly name: string } | null;
  /** Address and port at the other end of a connection; null for unix sockets. */
  readonly remote: string | null;
}
