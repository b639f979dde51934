// A listener on an address, asked without one: what its server would hand on beside the request.
import type { Hono } from 'hono';
import type { Door } from '../../src/api/door.ts';
import { within } from '../../src/api/peer.ts';

export const PLACE = '127.0.0.1:7878';

/** A door like that of `listen = "127.0.0.1:7878"`. */
export const tcpDoor = (fields: Partial<Door> = {}): Door => ({
  via: 'tcp',
  name: `tcp:${PLACE}`,
  role: null,
  hosts: new Set([PLACE, 'localhost:7878', '[::1]:7878']),
  origins: new Set([`http://${PLACE}`, 'http://localhost:7878']),
  reach: 'machine',
  isProxy: () => false,
  ...fields,
});

/** The same beyond this machine, behind a proxy at 10.0.0.1. */
export const farDoor = (): Door => tcpDoor({ reach: 'beyond', isProxy: within(['10.0.0.1']) });

export interface Asking {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly hosts?: readonly string[];
  readonly remote?: string;
}

/** Asks the app as a connection to the door would. */
export async function ask(app: Hono, path: string, asking: Asking = {}): Promise<Response> {
  const { method = 'GET', token, headers = {}, body, hosts = [PLACE], remote = '127.0.0.1' } = asking;
  const init = {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer rse_${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const incoming = {
    rawHeaders: hosts.flatMap((host) => ['Host', host]),
    socket: { remoteAddress: remote, remotePort: 50_122 },
  };
  return app.request(path, init, { incoming });
}

export async function codeOf(response: Response): Promise<string> {
  const { code } = (await response.json()) as { readonly code: string };
  return code;
}
