/** One call of the command line: its streams, flags, environment and time. Verbs get it and print through it. */
import type { Clock } from '../ports/clock.ts';
import type { GlobalFlags } from './flags.ts';
import { escapeScreen } from './render/escape.ts';
import { type Style, styleOf } from './render/style.ts';

/** A stream that is written to. `columns` is null where it is no terminal. */
export interface Output {
  readonly stream: 'terminal' | 'pipe';
  readonly style: Style;
  columns(): number | null;
  rows(): number | null;
  /** Bytes as they are; text as UTF-8. */
  write(chunk: string | Uint8Array): void;
  /** Resolves when a slow reader has taken enough that more may be written; null when it may at once. */
  drained?(): Promise<void> | null;
}

/** What every verb gets. */
export interface Session {
  readonly out: Output;
  readonly err: Output;
  readonly input: 'terminal' | 'pipe';
  readonly flags: GlobalFlags;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute; after `--chdir`. */
  readonly cwd: string;
  readonly clock: Clock;
}

/** What of `process` a session is made of. */
export interface World {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
}

/** A session over real streams. */
export function openSession(world: World, flags: GlobalFlags): Session {
  return {
    out: outputOf(world.stdout, world, flags),
    err: outputOf(world.stderr, world, flags),
    input: world.stdin.isTTY === true ? 'terminal' : 'pipe',
    flags,
    env: world.env,
    cwd: world.cwd,
    clock: world.clock,
  };
}

function outputOf(target: NodeJS.WriteStream, world: World, flags: GlobalFlags): Output {
  const stream = target.isTTY ? 'terminal' : 'pipe';
  return {
    stream,
    style: styleOf({ color: flags.color, env: world.env, stream }),
    columns: () => (target.isTTY ? target.columns || 80 : null),
    rows: () => (target.isTTY ? target.rows || 24 : null),
    write: (chunk) => {
      target.write(chunk);
    },
    drained: () => (target.writableNeedDrain ? drainOf(target) : null),
  };
}

function drainOf(target: NodeJS.WriteStream): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const events = ['drain', 'close', 'error'];
  const done = (): void => {
    for (const event of events) target.off(event, done);
    resolve();
  };
  for (const event of events) target.on(event, done);
  return promise;
}

/** Writes lines to stdout. Shapes: already escaped, without newlines at their ends. */
export function printLines(session: Session, lines: readonly string[]): void {
  if (lines.length > 0) session.out.write(`${escapeScreen(lines.join('\n'))}\n`);
}

/** Writes lines to stderr, for people: not with `--quiet`. */
export function note(session: Session, lines: readonly string[]): void {
  if (!session.flags.quiet && lines.length > 0) session.err.write(`${escapeScreen(lines.join('\n'))}\n`);
}
