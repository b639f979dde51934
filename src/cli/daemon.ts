/** `rouse daemon`: the daemon of the project itself. */
import type { ApiSystem } from '../contract/api-system.ts';
import { RouseError } from '../model/errors.ts';
import { isLive } from '../model/service.ts';
import { type Listening, type StartedBy, bringUp } from './bring-up.ts';
import { type Connection, connect, connectTo } from './connection.ts';
import { checkFields, plainFields, plainValue, printJson } from './json.ts';
import { SYSTEM_KEYS } from './keys.ts';
import { LISTEN_FLAGS, listenersOf } from './listen.ts';
import { onlyHere } from './only-here.ts';
import { usage } from './options.ts';
import { type Project, projectOf } from './project.ts';
import { escapeText } from './render/escape.ts';
import { systemScreen } from './render/system.ts';
import { type Session, note, printLines } from './session.ts';
import { untilGone } from './until-gone.ts';
import type { Input, Verb } from './verb.ts';
import { rouseVersion } from './version.ts';

/** The verb. */
export const verb: Verb = {
  usage: '<action>',
  examples: [
    ['rouse daemon status', 'process, version, files, socket'],
    ['rouse daemon start', 'a daemon that stays, with nothing started'],
    ['rouse daemon restart --listen 127.0.0.1:7878', 'answers there too, to who has a token'],
    ['rouse daemon stop', 'the daemon leaves, its services run on; rouse down ends them'],
    ['rouse daemon restart', 'another daemon takes over what runs'],
    ['rouse daemon upgrade', 'the same, with the version of Rouse that is installed now'],
    ['rouse daemon logs', 'what the daemon itself said'],
  ],
  flags: [
    ...LISTEN_FLAGS,
    { spelling: '-n, --lines <number>', text: 'with logs: the last so many lines (100)' },
    { spelling: '-o, --output <fields>', text: 'with status: fields to print alone, e.g. pid' },
  ],
  exits: [
    [0, 'done'],
    [5, 'no daemon is running, or it did not start'],
    [6, 'refused: it listens elsewhere, a terminal holds the project, or something would end with the daemon'],
  ],
  run,
};

const ACTIONS = ['start', 'stop', 'status', 'restart', 'upgrade', 'logs'] as const;

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, SYSTEM_KEYS);
  const action = ACTIONS.find((word) => word === args[0]);
  switch (action) {
    case 'start':
      onlyHere(session, 'start the daemon');
      return start(session, 'daemon', listenersOf(session, options));
    case 'stop':
      return stop(session);
    case 'status':
      return status(session, plainFields(options, SYSTEM_KEYS));
    case 'restart':
      onlyHere(session, 'restart the daemon');
      return restart(session, listenersOf(session, options));
    case 'upgrade':
      onlyHere(session, 'upgrade the daemon');
      return upgrade(session);
    case 'logs':
      onlyHere(session, 'read the log of the daemon');
      return logs(session, options.count('lines') ?? 100);
    case undefined:
      throw usage(`cannot do "daemon ${args[0] ?? ''}": there is no such action`, `one of: ${ACTIONS.join(', ')}`);
    default:
      return action satisfies never;
  }
}

async function start(session: Session, startedBy: StartedBy, listen: Listening): Promise<number> {
  using connection = await bringUp(session, startedBy, listen);
  const system = await connection.client.daemon.status();
  if (session.flags.json !== null) printJson(session, system, SYSTEM_KEYS);
  else if (connection.daemon === 'was-running') note(session, [`was running already: pid ${system.pid}`]);
  else note(session, [`started: pid ${system.pid}${await withWhat(connection)}`]);
  return 0;
}

/** What a daemon that has just begun found running, and looks after from now on. */
async function withWhat({ client }: Connection): Promise<string> {
  const live = (await client.services.list()).filter(({ phase }) => isLive(phase)).length;
  return live === 0 ? '' : `, and has taken over ${live} ${live === 1 ? 'service' : 'services'}`;
}

async function status(session: Session, fields: readonly string[] | null): Promise<number> {
  using connection = await connect(session);
  const system = await connection.client.daemon.status();
  if (fields !== null) printLines(session, [fields.map((field) => escapeText(plainValue(system, field))).join('\t')]);
  else if (session.flags.json !== null) printJson(session, system, SYSTEM_KEYS);
  else printLines(session, systemScreen(system, session.clock.now()));
  return 0;
}

// No daemon is what was asked for.
async function stop(session: Session): Promise<number> {
  const before = await stopped(session);
  if (session.flags.json !== null) printJson(session, before?.system ?? {}, SYSTEM_KEYS);
  else note(session, [before === null ? 'no daemon is running' : `stopped: pid ${before.system.pid}${runOn(before)}`]);
  return 0;
}

/** A daemon that has left, and how many services it has left running. */
interface Left {
  readonly system: ApiSystem;
  readonly project: Project;
  readonly live: number;
}

/** Ends the daemon alone and waits until it is gone; gives what it was, null when there was none. Errors: RSE4008. */
async function stopped(session: Session): Promise<Left | null> {
  try {
    using connection: Connection = await connect(session);
    const { client, project } = connection;
    const system = await client.daemon.status();
    const services = await client.services.list();
    const live = services.filter(({ phase }) => isLive(phase)).length;
    await client.daemon.stop('daemon');
    await untilGone(session, project);
    return { system, project, live };
  } catch (error) {
    if (error instanceof RouseError && error.code === 'RSE3001') return null;
    throw error;
  }
}

function runOn({ live }: Left): string {
  if (live === 0) return '';
  return `; ${live} ${live === 1 ? 'service runs' : 'services run'} on (rouse up takes them over, rouse down ends them)`;
}

async function restart(session: Session, listen: Listening): Promise<number> {
  const before = await stopped(session);
  if (before === null) return start(session, 'daemon', listen);
  const after = await another(session, before, listen);
  if (session.flags.json !== null) printJson(session, after, SYSTEM_KEYS);
  else note(session, [`restarted: pid ${before.system.pid} left, pid ${after.pid} ${tookOver(before)}`]);
  return 0;
}

/** As a restart, onto the version of this program; there is nothing to do when the daemon is of that version. */
async function upgrade(session: Session): Promise<number> {
  using connection = await connect(session);
  const now = await connection.client.daemon.status();
  if (now.version === rouseVersion()) {
    if (session.flags.json !== null) printJson(session, now, SYSTEM_KEYS);
    else note(session, [`nothing to upgrade: the daemon is of version ${now.version}, as is this program`]);
    return 0;
  }
  const before = await stopped(session);
  const after = before === null ? now : await another(session, before);
  if (session.flags.json !== null) printJson(session, after, SYSTEM_KEYS);
  else
    note(session, [
      `upgraded: ${now.version} left, ${after.version} (pid ${after.pid})${before === null ? '' : ` ${tookOver(before)}`}`,
    ]);
  return 0;
}

function tookOver({ live }: Left): string {
  return live === 0 ? 'is there' : `has taken over ${live} ${live === 1 ? 'service' : 'services'}`;
}

/** A daemon in place of the one that has left: with its files, wherever this is asked from, unless others are named. */
async function another(session: Session, { system, project }: Left, listen: Listening = null): Promise<ApiSystem> {
  const { revive } = await import('./revive.ts');
  if (session.flags.files.length > 0 || (await revive(session, project, listen)) === null) {
    const files = session.flags.files.length > 0 ? session.flags.files : system.files;
    const flags = { ...session.flags, files, project: system.project };
    const startedBy = system.started_by === 'up' ? 'up' : 'daemon';
    using connection = await bringUp({ ...session, flags, cwd: system.directory }, startedBy, listen);
    return await connection.client.daemon.status();
  }
  using connection = connectTo(session, project);
  return await connection.client.daemon.status();
}

/** The daemon's own log, whether it runs or not: that is when it is needed. */
async function logs(session: Session, lines: number): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const { paths } = await projectOf(session);
  const text = await readFile(paths.daemonLog, 'utf8').catch((cause: unknown) => {
    throw new RouseError('RSE0103', `cannot read "${paths.daemonLog}": the daemon has not written there`, { cause });
  });
  const all = text.trimEnd().split('\n');
  printLines(session, all.slice(Math.max(0, all.length - lines)).map(escapeText));
  return 0;
}
