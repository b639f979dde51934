/**
 * Whether a command ends with exit code 0.
 *
 * It runs in a session of its own, without a terminal and without input. At the deadline all that it has started is
 * killed, wherever it went, and the asking has not ended before that is gone: the next one never runs beside it.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Command } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import type { ProbeSubject } from '../ports/prober.ts';
import { causeOf } from './causes.ts';
import { type Answer, type ProbeKind, evidence, fail, pass, polled } from './kind.ts';

/** A command as it is executed. Shapes: `cwd` is absolute; `env` is the whole environment, undefined = not set. */
export interface Invocation {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Descriptors above 2 that it would be given because this program was; it gets /dev/null there. Left out: none. */
  readonly strayDescriptors?: readonly number[];
  /**
   * Kills all that the command has started, wherever it went; resolves when nothing of it is left. `pid` is the
   * command's own as long as it has not ended, then null. Called once at most.
   */
  readonly end: (pid: number | null) => Promise<void>;
}

/**
 * How a command of a service is executed: its program, shell or Nushell, and the service's clean environment.
 * Errors: may throw a RouseError, e.g. RSE2108 without Nushell; the answer is then `fail` with its message.
 */
export type Invoke = (command: Command, subject: ProbeSubject) => Invocation;

/** Output that is looked at for a first line; what comes after is read and thrown away, so that nothing blocks. */
const OUTPUT_BYTES = 4096;
/** How long output may come after the end: a child that left the group may hold the pipe for ever. */
const DRAIN_MS = 100;
/** Programs that page or colour their output do not do it for us; systemctl is the usual one. */
const PLAIN_OUTPUT = { SYSTEMD_PAGER: '', SYSTEMD_COLORS: '0' };

/** A kind that passes on exit code 0; the evidence is the code and the first line of output. */
export function execKind(clock: Clock, invoke: Invoke): ProbeKind {
  return {
    price: 'dear',
    // The environment and the folder are the run's own.
    key: ({ service, run, probe: { target } }) => JSON.stringify([service, run, target]),
    open: (subject) => {
      const { target } = subject.probe;
      assert(target.type === 'exec');
      return polled(async (signal) => askExec(invoke(target.command, subject), clock, signal));
    },
  };
}

async function askExec(invocation: Invocation, clock: Clock, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  const child = spawnCovered(invocation);
  let end: Promise<void> | null = null;
  const expire = (): void => {
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    end = invocation.end(hasEnded ? null : (child.pid ?? null));
  };
  signal.addEventListener('abort', expire, { once: true });
  try {
    const firstLine = readFirstLine(child);
    const ending = await endOf(child);
    if (ending instanceof Error) return fail(spawnCauseOf(ending, invocation));
    // What it left behind in its group is not wanted either.
    killGroup(child.pid);
    // Somebody left the group and still holds the output: as little wanted, and found by other signs than the group.
    if ((await drain(child, clock)) === 'held') end ??= invocation.end(null);
    return answerOf(ending, firstLine());
  } finally {
    signal.removeEventListener('abort', expire);
    await end;
  }
}

/** With /dev/null over each descriptor that came from outside: `ignore` leaves those above 2 as they are. */
function spawnCovered({ file, args, env, cwd, strayDescriptors: strays = [] }: Invocation): ChildProcess {
  const cover = strays.length === 0 ? null : openSync('/dev/null', 'r+');
  const more = Array.from({ length: Math.max(2, ...strays) - 2 }, (_, index) =>
    cover !== null && strays.includes(index + 3) ? cover : 'ignore',
  );
  try {
    return spawn(file, args, {
      cwd,
      env: { ...PLAIN_OUTPUT, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...more],
    });
  } finally {
    if (cover !== null) closeSync(cover);
  }
}

function streamsOf({ stdout, stderr }: ChildProcess): readonly Readable[] {
  return [stdout, stderr].filter((stream) => stream !== null);
}

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

function endOf(child: ChildProcess): Promise<Ending | Error> {
  return new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

function answerOf({ code, signal }: Ending, firstLine: string): Answer {
  const end = signal === null ? `exit ${code}` : `ended by ${signal}`;
  const message = firstLine === '' ? end : `${end}: ${firstLine}`;
  return code === 0 ? pass(message) : fail(message);
}

/** Collects the first bytes of both streams in the order in which they come. */
function readFirstLine(child: ChildProcess): () => string {
  const chunks: Buffer[] = [];
  let left = OUTPUT_BYTES;
  for (const stream of streamsOf(child)) {
    stream.on('data', (chunk: Buffer) => {
      if (left > 0) chunks.push(chunk.subarray(0, left));
      left -= chunk.length;
    });
    // A broken pipe shows as the end of the command; there is nothing to add.
    stream.on('error', () => undefined);
  }
  return () => evidence(Buffer.concat(chunks).toString());
}

/** Waits until both streams have ended, for a moment; `held`: somebody else still has one of them. */
async function drain(child: ChildProcess, clock: Clock): Promise<'ended' | 'held'> {
  const streams = streamsOf(child).filter(({ closed }) => !closed);
  const { promise: limit, resolve: giveUp } = Promise.withResolvers<'held'>();
  using _ = clock.after(DRAIN_MS, () => giveUp('held'));
  const ends = streams.map((stream) => new Promise<void>((resolve) => stream.once('close', resolve)));
  const how = await Promise.race([Promise.all(ends).then(() => 'ended' as const), limit]);
  for (const stream of streams) stream.destroy();
  return how;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of the group is left: that is what was wanted.
  }
}

function spawnCauseOf(error: Error, { file, cwd }: Invocation): string {
  const code = 'code' in error ? error.code : '';
  if (code === 'ENOENT') return existsSync(cwd) ? `program "${file}" not found` : `folder "${cwd}" not found`;
  return code === 'EACCES' ? `no permission to execute "${file}"` : causeOf(error);
}
