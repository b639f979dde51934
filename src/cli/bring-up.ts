/** The daemon of the project, started when there is none, and with the definition as the files say. */
import { ensureDaemon } from '../daemon/ensure.ts';
import { stateOf } from '../daemon/socket.ts';
import { RouseError } from '../model/errors.ts';
import type { ListenRule } from '../model/policy.ts';
import { isLive } from '../model/service.ts';
import { applyFiles } from './apply.ts';
import { type Connection, connect, connectTo, connectToLive } from './connection.ts';
import { type Handover, handoverOf } from './definition.ts';
import { checkListeners } from './listen.ts';
import { onlyHere } from './only-here.ts';
import { type Project, placed } from './project.ts';
import { daemonProgram, revive } from './revive.ts';
import { list } from './render/outcome.ts';
import { type Session, note } from './session.ts';
import { untilGone } from './until-gone.ts';

/** Which face a daemon is started for: one of `up` leaves when everything is down. */
export type StartedBy = 'up' | 'daemon';

/** Where a daemon is to answer besides its sockets; null: nothing is said of it. */
export type Listening = readonly ListenRule[] | null;

/** A connection, and whether its daemon was there before. */
export interface BroughtUp extends Connection {
  readonly daemon: 'started' | 'was-running';
}

/**
 * Connects to the daemon, after starting it where there is none; one that was running takes over the files.
 * With `--project` and no definition here, the project goes on with the definition it has, or that its last daemon had.
 * Errors: DefinitionError before anything is done; RSE3001 with `--project` when it never had a daemon; RSE3003 when it does not start; RSE3010 when one runs that listens elsewhere; RSE4010 another file's project.
 */
export async function bringUp(
  session: Session,
  startedBy: StartedBy = 'up',
  listen: Listening = null,
): Promise<BroughtUp> {
  if (session.flags.host !== null) return elsewhere(session, listen);
  const handover = await handoverOrNull(session);
  const project = placed(session, handover?.loaded.definition.name ?? session.flags.project ?? '');
  if (handover === null) return asBefore(session, project, listen);
  const { flags, env, clock, cwd } = session;
  const order = {
    project: project.name,
    directory: cwd,
    files: handover.files,
    overlays: flags.overlays,
    ...(flags.profiles === null ? {} : { profiles: flags.profiles }),
    variables: handover.variables,
    ...(listen === null ? {} : { listen }),
    stdin: null,
    naming: flags.project === null ? 'found' : 'given',
    startedBy,
    folders: project.folders,
  } as const;
  const daemon = await ensureDaemon(order, daemonProgram(env), clock);
  const connection = connectTo(session, project);
  if (daemon === 'was-running') {
    if (listen !== null) checkListeners(listen, await connection.client.daemon.status());
    await applyFiles(session, connection, handover);
  }
  if (daemon === 'started' && startedBy === 'up') await noteTakenOver(session, connection);
  if (daemon === 'started') await noteRoot(session, connection);
  return { ...connection, daemon };
}

// A daemon elsewhere has its own files, and is started by those who are there.
async function elsewhere(session: Session, listen: Listening): Promise<BroughtUp> {
  if (listen !== null) onlyHere(session, 'say where the daemon listens');
  return { ...(await connect(session)), daemon: 'was-running' };
}

async function asBefore(session: Session, project: Project, listen: Listening): Promise<BroughtUp> {
  const isRunning = (await stateOf(project.paths.socket)) === 'listening';
  const revived = isRunning ? null : await revive(session, project, listen);
  if (revived === null) {
    const live = await connectToLive(session, project);
    if (listen !== null) checkListeners(listen, await live.client.daemon.status());
    return { ...live, daemon: 'was-running' };
  }
  const connection = connectTo(session, project);
  await noteTakenOver(session, connection);
  await noteRoot(session, connection);
  return { ...connection, daemon: revived };
}

/** Says once for each daemon what runs as root because nobody said otherwise, and what to write. */
async function noteRoot(session: Session, { client }: Connection): Promise<void> {
  const { runs_as_root: names, orchestration } = await client.daemon.status();
  if (names.length === 0 || orchestration === 'disabled') return;
  const verb = names.length === 1 ? 'runs' : 'run';
  note(session, [`${list(names)} ${verb} as root: write user = "NAME" for each, or user = "root" to mean it`]);
}

/** Says of what no daemon looked after that one does now. */
async function noteTakenOver(session: Session, { client }: Connection): Promise<void> {
  const live = (await client.services.list()).filter(({ phase }) => isLive(phase)).map(({ name }) => name);
  if (live.length > 0) note(session, [`taken over, as the same processes: ${list(live)}`]);
}

/**
 * Brings the daemon up for what is done with it. Where that is refused (RSE4xxx, or a wrong command line), a daemon that
 * was started for it alone is ended again. Errors: those of `bringUp`; those of what is done.
 */
export async function withDaemon(
  session: Session,
  act: (connection: Connection) => Promise<number>,
  listen: Listening = null,
): Promise<number> {
  using connection = await bringUp(session, 'up', listen);
  try {
    return await act(connection);
  } catch (error) {
    if (connection.daemon === 'started' && isRefusal(error)) await endAgain(session, connection);
    throw error;
  }
}

const isRefusal = (error: unknown): boolean => error instanceof RouseError && /^RSE(?:4|0107)/.test(error.code);

// It may have left by itself, or have found live processes to look after: then it stays for them.
async function endAgain(session: Session, { client, project }: Connection): Promise<void> {
  try {
    await client.daemon.stop('daemon');
  } catch (error) {
    if (error instanceof RouseError) return;
    throw error;
  }
  await untilGone(session, project);
}

async function handoverOrNull(session: Session): Promise<Handover | null> {
  try {
    return await handoverOf(session);
  } catch (error) {
    const isElsewhere = error instanceof RouseError && error.code === 'RSE0101' && session.flags.project !== null;
    if (isElsewhere) return null;
    throw error;
  }
}
