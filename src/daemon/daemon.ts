/** A supervisor that outlives its terminal: it holds the project's lock and answers on the project's socket. */
import { join } from 'node:path';
import type { ApiParts, DaemonControl, Definitions } from '../api/parts.ts';
import { createApi } from '../api/server.ts';
import { NO_TOKENS } from '../api/unrecorded.ts';
import type { Actor } from '../model/change.ts';
import { ConflictError } from '../model/errors.ts';
import type { ProjectPaths } from '../model/paths.ts';
import type { ListenRule } from '../model/policy.ts';
import type { Definition } from '../model/spec.ts';
import type { ServiceView } from '../model/view.ts';
import type { Supervisor } from '../supervisor/port.ts';
import { doByItself } from './by-itself.ts';
import type { DaemonDefinitions } from './definitions.ts';
import { type Doors, openDoors } from './doors.ts';
import { ensureBase, ensurePrivate } from './folders.ts';
import { watchHeld } from './held-ground.ts';
import { Leases } from './leases.ts';
import { takeLock } from './lock-file.ts';
import type { StartedBy } from './order.ts';
import { Shutdown } from './shutdown.ts';
import { tellCommand } from './spawn.ts';
import { Trail } from './trail.ts';

/** What a daemon is made of. `path` is the PATH that programs are looked up in. */
export interface DaemonOptions {
  readonly paths: ProjectPaths;
  readonly folders: { readonly runtime: string; readonly state: string };
  readonly definition: Definition;
  readonly definitions: Definitions & Pick<DaemonDefinitions, 'again'>;
  readonly createSupervisor: (definition: Definition) => Supervisor | Promise<Supervisor>;
  readonly startedBy: StartedBy;
  /** Whether files are watched from the start, and who notes that it was switched. Left out: not at first. */
  readonly watch?: { readonly first: 'on' | 'off'; readonly noted: (mode: 'on' | 'off') => void };
  readonly version: string;
  readonly path: string;
  readonly clock: ApiParts['clock'];
  readonly random: ApiParts['random'];
  /** Left out: no credential is known. */
  readonly tokens?: ApiParts['tokens'];
  /** Listeners on addresses in place of those of the definition's rules. */
  readonly listen?: readonly ListenRule[];
  /** Takes a line of the daemon's own log. */
  readonly say: (line: string) => void;
}

/** A daemon that answers. */
export interface RunningDaemon {
  readonly socket: string;
  readonly supervisor: Supervisor;
  readonly state: () => 'running' | 'stopping';
  /** Stops all services in order and ends; a second call changes nothing. */
  end(why: string): void;
  /** Ends and leaves the services running, for the next daemon to take over; those that a terminal holds are stopped. */
  leave(why: string): void;
  /** Resolves when nothing of it is left. */
  readonly ended: Promise<undefined>;
}

const ROUSE: Actor = { via: 'rouse', name: 'rouse' };

/**
 * Starts the daemon of a project; resolves when its socket answers. No service is started.
 * Errors: RSE3006 folders that are not private; RSE4015 another daemon holds the project; RSE3003 the socket cannot be
 * bound; RSE3009 a listener that is not safe; those of `createSupervisor`. Then nothing is left of it.
 */
export async function startDaemon(options: DaemonOptions): Promise<RunningDaemon> {
  const { paths, folders, definition, say, clock } = options;
  for (const folder of [folders.state, folders.runtime]) ensureBase(folder);
  for (const folder of [paths.state, paths.runtime]) ensurePrivate(folder);
  await using undo = new AsyncDisposableStack();
  const lock = undo.use(takeLocks(paths, definition.name));
  const tell = (words: readonly string[], text: string): void => tellCommand(words, text, say);
  const trail = undo.use(await Trail.open({ path: paths.audit, definition, clock, say, tell }));
  const supervisor = undo.use(await options.createSupervisor(definition));
  trail.follow(supervisor);
  const ending = new AbortController();
  const parts: ApiParts = {
    supervisor,
    definitions: options.definitions,
    facts: factsOf(options),
    control: controlOf(options, {
      supervisor,
      ending: ending.signal,
      shutdown: () => shutdown,
      byItself: () => byItself,
    }),
    clock,
    random: options.random,
    audit: trail.log,
    trail: trail.reader,
    tokens: options.tokens ?? NO_TOKENS,
    listeners: () => doors.listeners,
    report: (requestId, error) => say(`bug in ${requestId}: ${error instanceof Error ? error.stack : String(error)}`),
  };
  const doors = await doorsOf(options, parts);
  undo.defer(() => doors.close());
  const shutdown = new Shutdown({ supervisor, api: doors, ending, trail, lock, say });
  leaveWithoutGround(options, shutdown, ending.signal);
  const byItself = doByItself({
    supervisor,
    clock,
    say,
    again: () => options.definitions.again(),
    marksFile: join(paths.state, 'schedules.json'),
    ending: ending.signal,
  });
  byItself.turn(options.watch?.first ?? 'off');
  undo.move();
  doors.open();
  say(`ready: project ${definition.name}, pid ${process.pid}, socket ${paths.socket}`);
  return {
    socket: paths.socket,
    supervisor,
    state: () => shutdown.state,
    end: (why) => shutdown.begin('services-too', why, ROUSE),
    leave: (why) => {
      const isHeld = options.startedBy === 'foreground' || parts.control.leases() > 0;
      shutdown.begin(isHeld ? 'services-too' : 'daemon-alone', why, ROUSE);
    },
    ended: shutdown.ended,
  };
}

function factsOf({ paths, startedBy, version, path, clock }: DaemonOptions): ApiParts['facts'] {
  return {
    pid: process.pid,
    version,
    started_by: startedBy,
    socket: paths.socket,
    state_directory: paths.state,
    path,
    startedAt: clock.now(),
    uid: process.getuid?.() ?? -1,
  };
}

function doorsOf({ paths, definition, listen, clock, say }: DaemonOptions, parts: ApiParts): Promise<Doors> {
  const { policy } = definition;
  const rules = listen ?? policy.listen;
  return openDoors({ api: createApi(parts), paths, policy, rules, tokens: parts.tokens, now: () => clock.now(), say });
}

/** The lock of the state folder is there for when the runtime folder is taken away under a daemon. */
function takeLocks({ state, lock }: ProjectPaths, project: string): Disposable {
  using locks = new DisposableStack();
  locks.use(takeLock(join(state, 'lock.db'), project));
  locks.use(takeLock(lock, project));
  return locks.move();
}

function leaveWithoutGround({ startedBy, paths, clock }: DaemonOptions, shutdown: Shutdown, ending: AbortSignal): void {
  // One in the foreground is reached by its terminal.
  if (startedBy === 'foreground') return;
  const why = `${paths.runtime} was taken away`;
  const ground = watchHeld(paths.lock, clock, () => shutdown.begin('daemon-alone', why, ROUSE));
  ending.addEventListener('abort', () => ground[Symbol.dispose](), { once: true });
}

interface ControlParts {
  readonly supervisor: Supervisor;
  readonly ending: AbortSignal;
  /** Asked for only once requests come in, by when it is there. */
  readonly shutdown: () => Shutdown;
  readonly byItself: () => ReturnType<typeof doByItself>;
}

function controlOf(options: DaemonOptions, { supervisor, ending, shutdown, byItself }: ControlParts): DaemonControl {
  const life = options.startedBy === 'up' || options.startedBy === 'foreground' ? 'of-an-up' : 'its-own';
  const leases = new Leases({
    supervisor,
    newId: () => options.random.id(),
    isStopping: () => shutdown().state === 'stopping',
    end: (why) => shutdown().begin('services-too', why, ROUSE),
    life,
    say: options.say,
  });
  return {
    state: () => shutdown().state,
    ending,
    leases: () => leases.count,
    lease: (order, by) => leases.take(order, by),
    detach: (id) => leases.detach(id),
    watch: (mode) => {
      byItself().turn(mode);
      options.watch?.noted(mode);
    },
    stop: (mode, by) => {
      if (mode === 'daemon') {
        refuseToLose(supervisor.services(), leases.count);
        shutdown().begin('daemon-alone', `asked by ${by.name}`, by);
        return { change: null, daemon: 'ends' };
      }
      if (life === 'its-own') return { change: supervisor.request(downOrder(by)), daemon: 'stays' };
      shutdown().begin('services-too', `asked by ${by.name}`, by);
      const [newest] = supervisor.changes();
      return { change: newest?.action === 'down' ? newest : null, daemon: 'ends' };
    },
  };
}

// What is a function of this program ends with it, and a terminal holds only what this daemon knows of. Everything else
// goes on, and the next daemon takes it over.
function refuseToLose(views: readonly ServiceView[], leases: number): void {
  const isLive = ({ phase }: ServiceView): boolean => ['starting', 'ready', 'stopping', 'unknown'].includes(phase);
  const lost = views.filter((view) => view.execution === 'function' && isLive(view)).map(({ name }) => name);
  if (lost.length > 0) {
    const list = lost.map((name) => `"${name}"`).join(', ');
    throw new ConflictError('RSE4008', `cannot stop the daemon alone: ${list} would end with it`, {
      hint: 'stop the services as well: rouse down',
      services: lost,
    });
  }
  if (leases === 0) return;
  const held = views.filter(isLive).map(({ name }) => name);
  throw new ConflictError('RSE4008', 'cannot stop the daemon alone: a terminal holds the project', {
    hint: 'press d there to leave the services running, or stop everything: rouse down',
    services: held,
  });
}

function downOrder(by: Actor): Parameters<Supervisor['request']>[0] {
  return { action: 'down', services: [], dependencies: 'alone', dependents: 'include', completed: 'keep', by };
}
