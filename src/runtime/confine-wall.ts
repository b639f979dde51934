/**
 * The wall around a run: mounts, processes and network of its own, by bwrap(1).
 *
 *     shim → bwrap (watches) → sh (pid 1 inside) → the program
 *
 * What is not obvious in it:
 *
 * - Rights are given up before the wall is built, never by it: inside a user namespace that root has made, its number is
 *   root's outside, whatever it is called inside.
 * - bwrap hands no signal on, and dies of those that it gets. So the watching process is never signalled but to kill; the
 *   program itself is, by the number that it has outside.
 * - bwrap tells of an end by a number alone, which may be a signal or a code. The shell inside notes it as a shim would, in
 *   a file that it got open (`inside`), and closes that file to the program.
 * - Nothing dies with its parent (`--die-with-parent`): a run outlives its shim like any other, and what outlives the
 *   watching process is ended by its tree.
 *
 * Source: bwrap(1) 0.8, user_namespaces(7), pid_namespaces(7).
 */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Confinement } from '../model/confinement.ts';
import type { StartFault } from '../model/reason.ts';

/** What must be seen inside besides what is seen anyway. Paths are absolute. */
export interface WallNeeds {
  readonly directory: string;
  /** The program and what else is executed to begin it. */
  readonly files: readonly string[];
  /** Folders to be read: credentials, the socket of notices. */
  readonly folders: readonly string[];
  /** The run itself, or a command that helps it: that sees the processes of the machine, to which `ROUSE_PID` belongs. */
  readonly what: 'run' | 'helper';
}

/** What the sandbox has of its own, empty. */
const OWN = ['/tmp', '/home', '/run'];

const STRICT = '--unshare-user --unshare-ipc --unshare-uts --unshare-cgroup --ro-bind / / --dev /dev'.split(' ');
const OWN_PROCESSES = ['--new-session', '--unshare-pid', '--as-pid-1', '--proc', '/proc'];
const OWN_FOLDERS = ['--perms', '1777', '--tmpfs', '/tmp', '--tmpfs', '/home', '--tmpfs', '/run'];

/** Whether runs of such a confinement have a wall around them. */
export function isWalled({ sandbox, network }: Pick<Confinement, 'sandbox' | 'network'>): boolean {
  return sandbox === 'strict' || network === 'none';
}

/** The words from bwrap to `--`; or why there is no such wall: a writable folder is not there. Never throws. */
export function wallWords(
  bwrap: string,
  { sandbox, network, writable }: Pick<Confinement, 'sandbox' | 'network' | 'writable'>,
  needs: WallNeeds,
): readonly string[] | StartFault {
  const net = network === 'none' ? ['--unshare-net'] : [];
  const at = ['--chdir', realPath(needs.directory) ?? needs.directory];
  if (sandbox !== 'strict') return [bwrap, ...net, '--dev-bind', '/', '/', ...at, '--'];
  const missing = writable.find((path) => realPath(path) === null);
  if (missing !== undefined) return notThere(missing);
  const writes = writable.flatMap((path) => realPath(path) ?? []);
  const isSeen = (path: string): boolean => !isHidden(path) || writes.some((one) => isWithin(path, one));
  const reads = [needs.directory, ...needs.folders, ...needs.files.map(placeOf)]
    .flatMap((path) => realPath(path) ?? [])
    .filter((path) => !isSeen(path) && !OWN.includes(path));
  return [
    bwrap,
    ...STRICT,
    ...net,
    ...(needs.what === 'run' ? OWN_PROCESSES : []),
    ...OWN_FOLDERS,
    ...outermost(reads).flatMap((path) => ['--ro-bind', path, path]),
    ...outermost(writes).flatMap((path) => ['--bind', path, path]),
    ...at,
    '--',
  ];
}

/** Descriptors (3 to 9) of the shell inside: where it notes, and where standard error is kept for the program. */
export interface InsideFds {
  readonly note: number;
  readonly error: number;
}

/** Two that the program does not use. */
export function insideFds(used: number | null): InsideFds {
  const [note = 9, error = 8] = [9, 8, 7].filter((fd) => fd !== used);
  return { note, error };
}

/**
 * What the shell inside executes, with the program as its parameters: the process that becomes the program notes itself,
 * and the shell its end. `unset` are the shell's own variables, which the program is not to see.
 */
export function insideScript({ note, error }: InsideFds, unset: readonly string[], watched: 'yes' | 'no'): string {
  return [
    `exec ${error}>&2 2>&${note}`,
    '(',
    `read -r stat </proc/self/stat && printf 'proc %s\\n' "$stat" >&${note} || exit 125`,
    ...(watched === 'yes' ? [`export "WATCHDOG_PID=\${stat%% *}"`] : []),
    `unset ${['stat', ...unset].join(' ')}`,
    `exec "$@" 2>&${error} ${error}>&- ${note}>&-`,
    ')',
    `code=$?`,
    `printf 'exit %s\\n' $code >&${note}`,
    `exit $code`,
  ].join('\n');
}

/** A program in a hidden folder is seen with what lies beside it: libraries are often found from there. */
function placeOf(file: string): string {
  const folder = dirname(file);
  return OWN.includes(folder) ? file : folder;
}

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
const isHidden = (path: string): boolean => OWN.some((one) => isWithin(path, one));

/** Without those that lie in another one of them, in order. */
function outermost(paths: readonly string[]): readonly string[] {
  const all = [...new Set(paths)].toSorted();
  return all.filter((path) => !all.some((other) => other !== path && isWithin(path, other)));
}

function realPath(path: string): string | null {
  try {
    return existsSync(path) && statSync(path) !== undefined ? realpathSync(path) : null;
  } catch {
    // It has gone, or a link leads in a circle.
    return null;
  }
}

function notThere(path: string): StartFault {
  return {
    code: 'isolation',
    message: `the folder "${path}" that it may write is not there`,
    program: null,
    hint: `make it, and let the user of the service own it: mkdir -p ${path}`,
  };
}
