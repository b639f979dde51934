/**
 * Starting a daemon that outlives the command which starts it.
 *
 * The command re-executes itself, detached and in a session of its own, with `/` as folder, its order on standard input,
 * its output in the daemon's log, and a pipe on descriptor 3 on which it says one line: ready, or why not. Descriptors that
 * the command was itself given by others are not handed on.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readdirSync, renameSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { ApiParts } from '../api/parts.ts';
import { ConnectionError, type RouseError } from '../model/errors.ts';
import type { ProjectPaths } from '../model/paths.ts';
import { errorOf } from '../model/problem.ts';
import { ensureBase, ensurePrivate } from './folders.ts';
import { type DaemonOrder, orderText } from './order.ts';

/** How the daemon is executed: this program, and the words that make it a daemon. */
export interface DaemonProgram {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A daemon that was started and answers. */
export interface StartedDaemon {
  readonly pid: number;
  readonly socket: string;
}

const READY_FD = 3;
/** The variable that tells the daemon on which descriptor it says its one line; it forgets it right after. */
export const READY_VARIABLE = 'ROUSE_DAEMON_READY_FD';
/** Reading a large definition on a busy machine included. */
const START_LIMIT_MS = 30_000;
const LOG_LIMIT_BYTES = 5 * 1024 * 1024;
const LOG_TAIL_LINES = 20;
const ANCHOR_LIMIT_MS = 10_000;
const CLOSE_ON_EXEC = 0o2000000;

/**
 * Starts the daemon; resolves when its socket answers.
 * Errors: what the daemon says (definition, RSE4015, RSE3006…) in its own class; RSE3003 with the last lines of its log
 * when it ends without a word or says none within 30 s, by when it has been killed.
 */
export async function spawnDaemon(
  order: DaemonOrder,
  how: DaemonProgram,
  to: { readonly paths: ProjectPaths; readonly clock: ApiParts['clock'] },
): Promise<StartedDaemon> {
  ensureBase(order.folders.state);
  ensurePrivate(to.paths.state);
  const log = openLog(to.paths.daemonLog);
  const cover = openSync('/dev/null', 'r+');
  let child: ChildProcess;
  try {
    child = spawn(how.program, [...how.args], {
      cwd: '/',
      detached: true,
      env: { ...how.env, [READY_VARIABLE]: String(READY_FD) },
      stdio: ['pipe', log, log, 'pipe', ...shut(cover)],
    });
  } finally {
    closeSync(log);
    closeSync(cover);
  }
  const answer = answerOf(child);
  child.stdin?.on('error', () => {
    // It has ended before it read its order; its exit says so.
  });
  child.stdin?.end(orderText(order));
  const late = Promise.withResolvers<'late'>();
  using _timer = to.clock.after(START_LIMIT_MS, () => {
    late.resolve('late');
  });
  const said = await Promise.race([answer, late.promise]);
  child.unref();
  if (said === 'late') child.kill('SIGKILL');
  return startedFrom(said, to.paths);
}

/** What the daemon says when it answers, as its one line. */
export function readyLine(started: StartedDaemon): string {
  return `${JSON.stringify({ ready: true, ...started })}\n`;
}

type Said = { readonly line: string } | { readonly ended: string };

/** Runs the words of a command with a text on its standard input. It is not waited for; ended after ten seconds. */
export function tellCommand(words: readonly string[], text: string, say: (line: string) => void): void {
  const [program = '', ...args] = words;
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };
  const child = spawn(program, args, { cwd: '/', env, stdio: ['pipe', 'ignore', 'ignore'], timeout: ANCHOR_LIMIT_MS });
  const failed = (why: string): void => say(`audit: the command for anchors failed: ${why}`);
  child.on('error', ({ message }) => failed(message));
  child.on('exit', (code, signal) => {
    if (code !== 0) failed(signal ?? `exit code ${code}`);
  });
  child.stdin.on('error', () => {
    // It does not read what it is given; how it ends says the rest.
  });
  child.stdin.end(text);
}

function answerOf(child: ChildProcess): Promise<Said> {
  return new Promise((resolve) => {
    const pipe = child.stdio[READY_FD];
    let text = '';
    if (pipe instanceof Readable) {
      pipe.setEncoding('utf8');
      pipe.on('data', (chunk: string) => {
        text += chunk;
        if (!text.includes('\n')) return;
        pipe.destroy();
        resolve({ line: text.slice(0, text.indexOf('\n')) });
      });
    }
    child.on('error', (cause) => {
      resolve({ ended: cause.message });
    });
    // `close` and not `exit`: the line may still be on its way when the process has gone.
    child.on('close', (code, signal) => {
      resolve({ ended: signal === null ? `it exited with code ${code}` : `it was ended by ${signal}` });
    });
  });
}

function startedFrom(said: Said | 'late', paths: ProjectPaths): StartedDaemon {
  if (said === 'late') throw silent(`it was not ready within ${START_LIMIT_MS} ms`, paths);
  if ('ended' in said) throw silent(said.ended, paths);
  const answer = parse(said.line);
  const problem = errorOf(answer);
  if (problem !== null) throw problem;
  if (isStarted(answer)) return { pid: answer.pid, socket: answer.socket };
  throw silent('it said something that is not understood', paths);
}

function silent(why: string, paths: ProjectPaths): RouseError {
  const lastLogs = tailOf(paths.daemonLog);
  return new ConnectionError('RSE3003', `cannot start the daemon: ${why}`, {
    hint: `look into its log: ${paths.daemonLog}`,
    lastLogs,
  });
}

function openLog(path: string): number {
  try {
    if (statSync(path).size > LOG_LIMIT_BYTES) renameSync(path, `${path}.1`);
  } catch {
    // There is none yet.
  }
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
  try {
    return openSync(path, flags, 0o600);
  } catch (cause) {
    throw new ConnectionError('RSE3006', `cannot write the log "${path}"`, { cause });
  }
}

/**
 * The descriptors above the pipe that would be inherited by themselves: each is covered with /dev/null. `ignore` would not
 * do: above 2 it leaves a descriptor as it is. Source: libuv, uv__process_child_init.
 */
function shut(cover: number): ('ignore' | number)[] {
  const found = strays();
  const highest = Math.max(READY_FD, ...found);
  return Array.from({ length: highest - READY_FD }, (_, index) =>
    found.includes(index + READY_FD + 1) ? cover : 'ignore',
  );
}

function strays(): readonly number[] {
  try {
    return readdirSync('/proc/self/fdinfo')
      .map(Number)
      .filter((fd) => fd > READY_FD && fd < 1024 && isInherited(fd));
  } catch {
    // No /proc: nothing is known, and nothing can be covered.
    return [];
  }
}

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
    return (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    // It has been closed between the two looks.
    return false;
  }
}

function tailOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES);
  } catch {
    // Without a log there are no last words.
    return [];
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The caller says that it is not understood.
    return null;
  }
}

function isStarted(value: unknown): value is StartedDaemon {
  return (
    typeof value === 'object' &&
    value !== null &&
    'ready' in value &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'socket' in value &&
    typeof value.socket === 'string'
  );
}
