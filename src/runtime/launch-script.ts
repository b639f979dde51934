/**
 * What the shim executes for one run: the way from a bare shell to the program, as a file of the run's folder.
 *
 * In order, so that whatever cannot be done is noted while it still is a failed start: working folder, mask, control
 * groups, output, environment; then the process notes itself and becomes the program, in a session of its own. The
 * shell's own variables are taken away again, so that the environment is exactly what was asked for. Names that a shell
 * cannot export, or gives a meaning to, are set by `env` instead. Source: POSIX.1-2024 XCU 2.5.3, 2.15 exec, env.
 */
import { isUnsafe } from './confine.ts';
import { type ScriptConfinement, UNCONFINED } from './confine-launch.ts';
import type { Environment } from './environment.ts';
import type { Launch } from './launch.ts';
import { INSIDE_FILE } from './walled.ts';

/** What stands between the shim and the program. Paths are absolute; `setsid` null where there is none. */
export interface Tools {
  readonly setsid: string | null;
  readonly env: string;
}

/** One run as its script is to begin it. */
export interface ScriptOrder {
  readonly which: string;
  readonly launch: Launch;
  readonly directory: string;
  readonly umask: number | null;
  readonly environment: Environment;
  /** The file that standard output and standard error are appended to. */
  readonly output: string;
  /** The descriptor (3 to 9) to which readiness is said, and its file. */
  readonly ready: { readonly fd: number; readonly path: string } | null;
  /** Control groups to enter. A group that cannot be entered is no reason not to start: `Tree` notices. */
  readonly place: readonly string[];
  /** A file that sets variables nobody else is to see; null = there are none. */
  readonly secrets: string | null;
  /** What the program is confined by; left out: nothing. */
  readonly confined?: ScriptConfinement;
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Names that some shell computes, checks, counts or refuses to change. */
const SPECIAL =
  /^(_|SHLVL|IFS|PPID|LINENO|OPT(IND|ARG|ERR)|E?UID|SHELLOPTS|BASH.*|FUNCNAME|S?RANDOM|SECONDS|DIRSTACK|GROUPS|EPOCH.*|HIST.*|COMP_.*|POSIXLY_CORRECT|PIPESTATUS|PS[0-4]|ENV|MAIL.*)$/;
/** What shells put into the environment of what they execute. */
export const OF_SHELLS = ['PWD', 'OLDPWD', 'SHLVL', '_'];

/** Whose signs of life are awaited; `$stat` was read by the process that becomes the program. Source: sd_watchdog_enabled(3). */
const WATCHED = '"WATCHDOG_PID=${stat%% *}"';

/** The text of the script. Shapes: words hold no NUL. */
export function launchScript(order: ScriptOrder, tools: Tools): string {
  const { launch, directory, umask, output, place } = order;
  const variables = Object.entries(order.environment).filter(hasValue);
  const isPlain = variables.every(([name]) => IDENTIFIER.test(name) && !SPECIAL.test(name));
  const watched = order.environment['WATCHDOG_USEC'] !== undefined;
  const set = new Set(variables.map(([name]) => name));
  const unset = OF_SHELLS.filter((name) => !set.has(name));
  // A name may begin with a dash.
  const cleared = [
    // What the shell was told in secret must come through, and may not be an argument.
    ...(order.secrets === null ? ['-i'] : []),
    '--',
    ...variables.map(([name, value]) => quote(`${name}=${value}`)),
    ...(watched ? [WATCHED] : []),
  ];
  const { limits, drop, wall, note } = order.confined ?? UNCONFINED;
  // What gives rights up is executed by root, and must not load what the definition names for its own program.
  const late = isPlain && drop.length > 0 ? variables.filter(([name]) => isUnsafe(name)) : [];
  // A path with a `=` would be a variable for `env`, so the way to the session comes after it.
  const words = [
    ...drop.map(quote),
    ...(isPlain ? [] : [quote(tools.env), ...cleared]),
    ...(late.length === 0 ? [] : [quote(tools.env), '--', ...late.map(([name, value]) => quote(`${name}=${value}`))]),
    ...(tools.setsid === null ? [] : [quote(tools.setsid)]),
    ...[...wall, launch.file, ...launch.args].map(quote),
  ];
  const exported = isPlain ? variables.filter((one) => !late.includes(one)) : [];
  const ready = order.ready === null ? '' : ` ${order.ready.fd}>>${quote(order.ready.path)}`;
  const inside = note === null ? '' : ` ${note}>>"$d/${INSIDE_FILE}"`;
  return `${[
    `cd -P -- ${quote(directory)} || fail directory`,
    ...(umask === null ? [] : [`umask ${umask.toString(8).padStart(4, '0')}`]),
    ...place.map((group) => `{ echo 0 >${quote(`${group}/cgroup.procs`)}; } 2>/dev/null`),
    `exec >>${quote(output)} || fail output`,
    'note',
    `printf 'proc %s\\n' "$stat" >>"$d/record" || exit 125`,
    `say ${order.which}`,
    // Before the others, because one of them may be called `stat`.
    ...(isPlain && watched ? [`export ${WATCHED}`] : []),
    ...exported.map(([name, value]) => `export ${name}=${quote(value)}`),
    ...(order.secrets === null ? [] : [`. ${quote(order.secrets)} || exit 125`]),
    `unset ${unset.join(' ')}`,
    // Last, because they hold for the shell too.
    ...limits,
    `exec ${words.join(' ')} 2>&1${ready}${inside}`,
  ].join('\n')}\n`;
}

/** The word as a shell reads it back, whatever it holds. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function hasValue(entry: readonly [string, string | undefined]): entry is [string, string] {
  return entry[1] !== undefined;
}
