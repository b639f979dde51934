/** What a daemon is started with: written by the command that starts it, read by the daemon from its standard input. */
import { ConnectionError } from '../model/errors.ts';
import type { Folders } from '../model/paths.ts';
import type { ListenRule } from '../model/policy.ts';

/** Which face the daemon was started for; `up` means that it leaves when everything is down. */
export type StartedBy = 'up' | 'daemon' | 'foreground';

/** The order to be a project's daemon. Paths absolute; `variables` are those that the files name. */
export interface DaemonOrder {
  readonly project: string;
  readonly directory: string;
  readonly files: readonly string[];
  readonly overlays: readonly string[];
  /** Profiles that are switched on. */
  readonly profiles?: readonly string[];
  /** Whether files are watched from the start. */
  readonly watch?: 'on' | 'off';
  /** Where it listens besides its sockets, in place of what the rules say; left out: as the rules say. */
  readonly listen?: readonly ListenRule[];
  /** A definition that was put in place of that of the files, in the words of the file; left out where none was. */
  readonly document?: unknown;
  readonly variables: Readonly<Record<string, string>>;
  /** The text of standard input where a file is `-`; null otherwise. */
  readonly stdin: string | null;
  /** Whether `project` was given on the command line and wins over the file's own name. */
  readonly naming: 'given' | 'found';
  readonly startedBy: StartedBy;
  readonly folders: Folders;
}

/** The order as text for the daemon's standard input. */
export function orderText(order: DaemonOrder): string {
  return JSON.stringify(order);
}

/** The order of a text. Errors: RSE3003 when it is not one; the command that starts a daemon is the only writer. */
export function readOrder(text: string): DaemonOrder {
  const value = parse(text);
  if (!isOrder(value)) throw new ConnectionError('RSE3003', 'cannot start the daemon: its order is malformed');
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is not an order, which is what the caller says.
    return null;
  }
}

function isOrder(value: unknown): value is DaemonOrder {
  if (!isRecord(value) || !isRecord(value['folders']) || !isRecord(value['variables'])) return false;
  const {
    project,
    directory,
    files,
    overlays,
    profiles = [],
    listen = [],
    stdin,
    naming,
    startedBy,
    folders,
    variables,
  } = value;
  const texts = [project, directory, folders['runtime'], folders['state'], ...Object.values(variables)];
  return (
    [...texts, ...listOf(files), ...listOf(overlays), ...listOf(profiles)].every((part) => typeof part === 'string') &&
    listOf(listen).every(isListenRule) &&
    (stdin === null || typeof stdin === 'string') &&
    (naming === 'given' || naming === 'found') &&
    (startedBy === 'up' || startedBy === 'daemon' || startedBy === 'foreground')
  );
}

function isListenRule(value: unknown): value is ListenRule {
  if (!isRecord(value)) return false;
  const { host, port, tls, plainHttp } = value;
  const isPair = isRecord(tls) && typeof tls['cert'] === 'string' && typeof tls['key'] === 'string';
  return (
    typeof host === 'string' &&
    typeof port === 'number' &&
    (tls === null || isPair) &&
    (plainHttp === 'loopback-only' || plainHttp === 'typed-out')
  );
}

// Anything but a list counts as a list of one thing that is no text, and so as malformed.
function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [null];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
