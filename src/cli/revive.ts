/** A daemon in place of one that is gone: started with the order that the last one had, so it takes over what runs. */
import { fileURLToPath } from 'node:url';
import type { ListenRule } from '../model/policy.ts';
import { type Presence, ensureDaemon } from '../daemon/ensure.ts';
import { recallOrder, rememberOrder } from '../daemon/remembered.ts';
import type { DaemonProgram } from '../daemon/spawn.ts';
import type { Project } from './project.ts';
import type { Session } from './session.ts';

/** How this program is executed as a daemon. */
export function daemonProgram(env: Session['env']): DaemonProgram {
  return { program: process.execPath, args: [...process.execArgv, entry(), 'daemon', 'serve'], env };
}

/**
 * Sees to it that the project has a daemon, by the order that the last one had; null when it never had one here.
 * `listen`: where it answers in place of what the order says; null leaves that.
 * Errors: those of `ensureDaemon`.
 */
export async function revive(
  session: Session,
  { paths, folders }: Project,
  listen: readonly ListenRule[] | null = null,
): Promise<Presence | null> {
  const order = recallOrder(paths);
  if (order === null) return null;
  return ensureDaemon(
    { ...order, folders, ...(listen === null ? {} : { listen }) },
    daemonProgram(session.env),
    session.clock,
  );
}

/**
 * A daemon that only ends what an earlier one left: it defines nothing, so each run is ended by the definition that it was
 * started with. What is remembered of the project stays as it was. Errors: those of `ensureDaemon`.
 */
export async function reviveToEnd(session: Session, { name, paths, folders }: Project): Promise<Presence> {
  const before = recallOrder(paths);
  const order = {
    project: name,
    directory: session.cwd,
    files: ['-'],
    overlays: [],
    variables: {},
    stdin: `name = ${JSON.stringify(name)}\n`,
    naming: 'given',
    startedBy: 'up',
    folders,
  } as const;
  const presence = await ensureDaemon(order, daemonProgram(session.env), session.clock);
  if (before !== null) rememberOrder(paths, before);
  return presence;
}

/** The program of the command line itself: as deep below the root from the sources as from the bundle. */
const entry = (): string => fileURLToPath(new URL('../../bin/rouse.js', import.meta.url));
