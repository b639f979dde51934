/**
 * Where a project's files lie, from the environment alone, so that the daemon and every command find the same place.
 *
 * `<runtime>`: ROUSE_RUNTIME_DIR, else $XDG_RUNTIME_DIR/rouse, else /run/rouse for root, else `<state>/run`.
 * `<state>`: ROUSE_STATE_DIR, else /var/lib/rouse for root, else $XDG_STATE_HOME/rouse, else ~/.local/state/rouse.
 * Root's own XDG_STATE_HOME counts as for anybody. XDG variables that are not absolute are ignored, as their
 * specification asks for.
 */
import { RouseError } from './errors.ts';

/** What of the caller's surroundings decides. `uid` 0 is root; `home` is absolute. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  readonly home: string;
}

/** The two folders that hold everything. Absolute, without a slash at the end. */
export interface Folders {
  readonly runtime: string;
  readonly state: string;
}

/** The files of one project. All absolute. */
export interface ProjectPaths {
  readonly runtime: string;
  readonly socket: string;
  /** For operators and viewers; made only where a group for them is named. */
  readonly operateSocket: string;
  readonly viewSocket: string;
  readonly credentials: string;
  readonly lock: string;
  readonly runs: string;
  readonly state: string;
  readonly store: string;
  readonly logs: string;
  readonly daemonLog: string;
  /** The audit trail, and its head beside it as `audit.head`. */
  readonly audit: string;
  readonly tokens: string;
}

// `sun_path` holds 108 bytes, the last of which ends the string; unix(7).
const SOCKET_PATH_BYTES = 107;

/**
 * The two folders of these surroundings.
 * Errors: RSE0107 when ROUSE_RUNTIME_DIR or ROUSE_STATE_DIR is not an absolute path.
 */
export function foldersOf(surroundings: Surroundings): Folders {
  const { env, uid, home } = surroundings;
  const state =
    ownFolder(env, 'ROUSE_STATE_DIR') ??
    xdgFolder(env, 'XDG_STATE_HOME') ??
    (uid === 0 ? '/var/lib/rouse' : `${home}/.local/state/rouse`);
  const runtime =
    ownFolder(env, 'ROUSE_RUNTIME_DIR') ??
    xdgFolder(env, 'XDG_RUNTIME_DIR') ??
    (uid === 0 ? '/run/rouse' : `${state}/run`);
  return { runtime, state };
}

/**
 * The files of a project.
 * Errors: RSE3005 when the path of its socket would be longer than the kernel takes (107 bytes).
 */
export function pathsOf(folders: Folders, project: string): ProjectPaths {
  const runtime = `${folders.runtime}/${project}`;
  const state = `${folders.state}/${project}`;
  const socket = `${runtime}/admin.sock`;
  const bytes = new TextEncoder().encode(socket).length;
  if (bytes > SOCKET_PATH_BYTES)
    throw new RouseError(
      'RSE3005',
      `cannot use socket "${socket}": its path has ${bytes} bytes, and ${SOCKET_PATH_BYTES} are allowed`,
      { hint: 'set ROUSE_RUNTIME_DIR to a folder with a shorter path' },
    );
  return {
    runtime,
    socket,
    operateSocket: `${runtime}/operate.sock`,
    viewSocket: `${runtime}/view.sock`,
    credentials: `${runtime}/credentials`,
    lock: `${runtime}/lock.db`,
    runs: `${runtime}/run`,
    state,
    store: `${state}/rouse.db`,
    logs: `${state}/logs`,
    daemonLog: `${state}/daemon.log`,
    audit: `${state}/audit.jsonl`,
    tokens: `${state}/tokens.json`,
  };
}

function ownFolder(env: Surroundings['env'], name: string): string | null {
  const value = env[name] ?? '';
  if (value === '') return null;
  if (!value.startsWith('/'))
    throw new RouseError('RSE0107', `cannot use ${name}: "${value}" is not an absolute path`, {
      hint: `set ${name} to a path that begins with /`,
    });
  return value.replace(/(?<=.)\/+$/, '');
}

function xdgFolder(env: Surroundings['env'], name: string): string | null {
  const value = env[name] ?? '';
  return value.startsWith('/') ? `${value.replace(/\/+$/, '')}/rouse` : null;
}
