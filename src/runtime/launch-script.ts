/**
 * What the shim executes for one run: the way from a bare shell to the program, as a file of the run's folder.
 *
 * In order, so that whatever cannot be done is noted while it still is a failed start: working folder, mask, control
 * groups, output, environment; then the process notes itself and becomes the program, in a session of its own. The
 * shell's own variables are taken away again, so that the environment is exactly what was asked for. Names that a shell
 * cannot export, or gives a meaning to, are set by `env` instead. Source: POSIX.1-2024 XCU 2.5.3, 2.15 exec, env.
 */
import type { Environment } from './environment.ts';
import type { Launch } from './launch.ts';

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
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Names that some shell computes, checks, counts or refuses to change. */
const SPECIAL =
  /^(_|SHLVL|IFS|PPID|LINENO|OPT(IND|ARG|ERR)|E?UID|SHELLOPTS|BASH.*|FUNCNAME|S?RANDOM|SECONDS|DIRSTACK|GROUPS|EPOCH.*|HIST.*|COMP_.*|POSIXLY_CORRECT|PIPESTATUS|PS[0-4]|ENV|MAIL.*)$/;
/** What shells put into the environment of what they execute. */
const OF_SHELLS = ['PWD', 'OLDPWD', 'SHLVL', '_'];

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
    '-i',
    '--',
    ...variables.map(([name, value]) => quote(`${name}=${value}`)),
    ...(watched ? [WATCHED] : []),
  ];
  // A path with a `=` would be a variable for `env`, so the way to the session comes after it.
  const words = [
    ...(isPlain ? [] : [quote(tools.env), ...cleared]),
    ...(tools.setsid === null ? [] : [quote(tools.setsid)]),
    ...[launch.file, ...launch.args].map(quote),
  ];
  const ready = order.ready === null ? '' : ` ${order.ready.fd}>>${quote(order.ready.path)}`;
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
    ...(isPlain ? variables.map(([name, value]) => `export ${name}=${quote(value)}`) : []),
    `unset ${unset.join(' ')}`,
    `exec ${words.join(' ')} 2>&1${ready}`,
  ].join('\n')}\n`;
}

/** The word as a shell reads it back, whatever it holds. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function hasValue(entry: readonly [string, string | undefined]): entry is [string, string] {
  return entry[1] !== undefined;
}
