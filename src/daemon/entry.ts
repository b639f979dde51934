/**
 * The life of a daemon process that `spawnDaemon` began: read the order, become the project's daemon, say so, serve until
 * told to end. At SIGTERM and SIGINT it leaves, and the services run on: the next daemon takes them over.
 */
import { closeSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openTokens } from '../access/tokens.ts';
import { secretBytes } from '../clock/random.ts';
import { RouseError, isRouseError } from '../model/errors.ts';
import { pathsOf } from '../model/paths.ts';
import { problemOf } from '../model/problem.ts';
import { type DaemonOptions, type RunningDaemon, startDaemon } from './daemon.ts';
import { type DefinitionSource, createDefinitions } from './definitions.ts';
import { type DaemonOrder, readOrder } from './order.ts';
import { remembering } from './remembered.ts';
import { READY_VARIABLE, readyLine } from './spawn.ts';

/** What the process hands to its daemon. */
export interface DaemonWorld extends Pick<DaemonOptions, 'version' | 'path' | 'clock' | 'random' | 'say'> {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Standard input: the order. */
  readonly input: AsyncIterable<Uint8Array | string>;
  readonly check: DefinitionSource['check'];
  readonly evaluate: DefinitionSource['evaluate'];
  readonly ground: NonNullable<DefinitionSource['ground']>;
  readonly createSupervisor: (
    order: DaemonOrder,
    ...rest: Parameters<DaemonOptions['createSupervisor']>
  ) => ReturnType<DaemonOptions['createSupervisor']>;
}

/** Exit codes: ended as asked, or never ready (the reason was said on the pipe). */
const DAEMON_EXITS = { ended: 0, refused: 78 } as const;

/** Runs a daemon until it has ended; resolves with the exit code. Errors: none; they are said to whoever started it. */
export async function runDaemon(world: DaemonWorld): Promise<number> {
  let daemon: RunningDaemon;
  try {
    const order = readOrder(await textOf(world.input));
    daemon = await begin(order, world);
  } catch (error) {
    refuse(error, world);
    return DAEMON_EXITS.refused;
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    daemon.leave(signal);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal);
  // The terminal that it was started from is not its own; that one's end is none of its business.
  process.on('SIGHUP', () => undefined);
  speak(readyLine({ pid: process.pid, socket: daemon.socket }));
  await daemon.ended;
  return DAEMON_EXITS.ended;
}

async function begin(order: DaemonOrder, world: DaemonWorld): Promise<RunningDaemon> {
  const paths = pathsOf(order.folders, order.project);
  const read = createDefinitions({ ...world, order, scaleFile: join(paths.state, 'scale.json') });
  const definitions = remembering(read, order, { paths, say: world.say });
  const definition = await definitions.first();
  if (definition.name !== order.project)
    throw new RouseError(
      'RSE3003',
      `cannot start the daemon of "${order.project}": the files name "${definition.name}"`,
    );
  const { version, path, clock, random, say } = world;
  const tokens = openTokens({ path: paths.tokens, clock, secret: secretBytes, say });
  const daemon = await startDaemon({
    paths,
    folders: order.folders,
    definition,
    definitions,
    createSupervisor: (first) => world.createSupervisor(order, first),
    startedBy: order.startedBy,
    watch: { first: order.watch ?? 'off', noted: (mode) => definitions.watched(mode) },
    version,
    path,
    clock,
    random,
    tokens,
    ...(order.listen === undefined ? {} : { listen: order.listen }),
    say,
  });
  void daemon.ended.then(() => tokens[Symbol.dispose]());
  // Not before it holds the project: who loses the race for it leaves no note.
  definitions.remember();
  return daemon;
}

function refuse(error: unknown, world: DaemonWorld): void {
  const known = isRouseError(error)
    ? error
    : new RouseError('RSE9001', `cannot start the daemon: ${error instanceof Error ? error.message : String(error)}`);
  world.say(`refused: ${known.message}${isRouseError(error) || !(error instanceof Error) ? '' : `\n${error.stack}`}`);
  speak(`${JSON.stringify(problemOf(known))}\n`);
}

// Without the variable it was started by hand; then its log is all there is.
function speak(line: string): void {
  const fd = Number(process.env[READY_VARIABLE] ?? '0');
  delete process.env[READY_VARIABLE];
  if (!Number.isInteger(fd) || fd < 3) return;
  try {
    writeSync(fd, line);
    closeSync(fd);
  } catch {
    // Whoever started it has gone meanwhile; the daemon serves those who come.
  }
}

async function textOf(input: AsyncIterable<Uint8Array | string>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks).toString('utf8');
}
