/** `rouse daemon`: the daemon of the project itself. */
import type { ApiSystem } from '../contract/api-system.ts';
import { RouseError } from '../model/errors.ts';
import { type StartedBy, bringUp } from './bring-up.ts';
import { type Connection, connect } from './connection.ts';
import { checkFields, printJson } from './json.ts';
import { SYSTEM_KEYS } from './keys.ts';
import { usage } from './options.ts';
import { projectOf } from './project.ts';
import { escapeText } from './render/escape.ts';
import { systemScreen } from './render/system.ts';
import { type Session, note, printLines } from './session.ts';
import { untilGone } from './until-gone.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '<action>',
  examples: [
    ['rouse daemon status', 'process, version, files, socket'],
    ['rouse daemon start', 'a daemon that stays, with nothing started'],
    ['rouse daemon stop', 'refused while it holds live processes; rouse down ends them'],
    ['rouse daemon logs', 'what the daemon itself said'],
  ],
  flags: [{ spelling: '-n, --lines <number>', text: 'with logs: the last so many lines (100)' }],
  exits: [
    [0, 'done'],
    [5, 'no daemon is running, or it did not start'],
    [6, 'refused: it holds live processes'],
  ],
  run,
};

const ACTIONS = ['start', 'stop', 'status', 'restart', 'logs'] as const;

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, SYSTEM_KEYS);
  const action = ACTIONS.find((word) => word === args[0]);
  switch (action) {
    case 'start':
      return start(session, 'daemon');
    case 'stop':
      return stop(session);
    case 'status':
      return status(session);
    case 'restart':
      return restart(session);
    case 'logs':
      return logs(session, options.count('lines') ?? 100);
    case undefined:
      throw usage(`cannot do "daemon ${args[0] ?? ''}": there is no such action`, `one of: ${ACTIONS.join(', ')}`);
    default:
      return action satisfies never;
  }
}

async function start(session: Session, startedBy: StartedBy): Promise<number> {
  using connection = await bringUp(session, startedBy);
  const system = await connection.client.daemon.status();
  if (session.flags.json !== null) printJson(session, system, SYSTEM_KEYS);
  else note(session, [`${connection.daemon === 'started' ? 'started' : 'was running already'}: pid ${system.pid}`]);
  return 0;
}

async function status(session: Session): Promise<number> {
  using connection = await connect(session);
  const system = await connection.client.daemon.status();
  if (session.flags.json !== null) printJson(session, system, SYSTEM_KEYS);
  else printLines(session, systemScreen(system, session.clock.now()));
  return 0;
}

// No daemon is what was asked for.
async function stop(session: Session): Promise<number> {
  const before = await stopped(session);
  if (session.flags.json !== null) printJson(session, before ?? {}, SYSTEM_KEYS);
  else note(session, [before === null ? 'no daemon is running' : `stopped: pid ${before.pid}`]);
  return 0;
}

/** Ends the daemon alone and waits until it is gone; gives what it was, null when there was none. Errors: RSE4008. */
async function stopped(session: Session): Promise<ApiSystem | null> {
  try {
    using connection: Connection = await connect(session);
    const system = await connection.client.daemon.status();
    await connection.client.daemon.stop('daemon');
    await untilGone(session, connection.project);
    return system;
  } catch (error) {
    if (error instanceof RouseError && error.code === 'RSE3001') return null;
    throw error;
  }
}

async function restart(session: Session): Promise<number> {
  const before = await stopped(session);
  const startedBy = before?.started_by === 'up' ? 'up' : 'daemon';
  if (before === null || session.flags.files.length > 0) return start(session, startedBy);
  // By its project's name it may be asked for from any folder: it comes back with the files that it had.
  const flags = { ...session.flags, files: before.files, project: before.project };
  return start({ ...session, flags, cwd: before.directory }, startedBy);
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
