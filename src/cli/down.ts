/** `rouse down`: stops everything in reverse order. */
import type { ApiChange } from '../contract/api-change.ts';
import type { ApiService } from '../contract/api-service.ts';
import { ConnectionError, RouseError } from '../model/errors.ts';
import { type Connection, connect, connectTo } from './connection.ts';
import { kindOf, openDisplay } from './display.ts';
import { type Feed, openFeed } from './feed.ts';
import { withForce } from './force.ts';
import { goingOn } from './going-on.ts';
import { INTERRUPTED, aborted, onInterrupt } from './interrupt.ts';
import { checkFields, printJson } from './json.ts';
import { CHANGE_KEYS } from './keys.ts';
import { dryRun, showFailures } from './operation.ts';
import { type Project, projectOf } from './project.ts';
import { list } from './render/outcome.ts';
import { took } from './render/time.ts';
import { type Session, note, printLines } from './session.ts';
import { untilGone } from './until-gone.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '',
  examples: [
    ['rouse down', 'stop everything, and the daemon when `up` had started it'],
    ['rouse down -p shop', 'from any folder'],
  ],
  flags: [{ spelling: '--timeout <duration>', text: 'kill what has not stopped after this time' }],
  exits: [
    [0, 'nothing runs any more'],
    [1, 'something would not stop'],
    [6, 'refused: orchestration is disabled'],
  ],
  run,
};

/** How long the last events may take to arrive when the daemon has gone. */
const LAST_WORDS_MS = 500;
const LOOK_AGAIN_MS = 10;

async function run(session: Session, { options }: Input): Promise<number> {
  checkFields(session, CHANGE_KEYS);
  const graceMs = options.durationMs('timeout');
  using connection = await connectOrNull(session);
  if (connection === null) return nothing(session);
  if (session.flags.dryRun) return await dryRun(session, connection, { action: 'down' });
  return await withForce(session, connection, graceMs, () => bringDown(session, connection));
}

/**
 * The daemon to be asked. Where there is none although services run on, one is started to end them, in order and by their
 * own definitions; where nothing runs, it is as it was asked to be (null).
 */
async function connectOrNull(session: Session): Promise<Connection | null> {
  try {
    const connection = await connect(session);
    await connection.client.daemon.status();
    return connection;
  } catch (error) {
    if (!(error instanceof RouseError) || error.code !== 'RSE3001' || session.flags.host !== null) throw error;
    return takeOver(session);
  }
}

async function takeOver(session: Session): Promise<Connection | null> {
  const project = await projectOf(session);
  const { leftRunning } = await import('../supervisor/left-running.ts');
  const left = leftRunning(project.folders, project.name);
  if (left.length === 0) return null;
  const { revive, reviveToEnd } = await import('./revive.ts');
  note(session, [`no daemon is running, but ${list(left)} ${left.length === 1 ? 'runs' : 'run'}: one takes over`]);
  try {
    if ((await revive(session, project)) !== null) return connectTo(session, project);
    const { bringUp } = await import('./bring-up.ts');
    return await bringUp(session);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    note(session, [`its definition cannot be read any more (${error.message}): each ends by its own`]);
    await reviveToEnd(session, project);
    return connectTo(session, project);
  }
}

/** Whether the files are at fault, or are those of another project: what runs can be ended without them. */
function isUnreadable(error: unknown): error is RouseError {
  return error instanceof RouseError && (error.code.startsWith('RSE1') || error.code === 'RSE3003');
}

function nothing(session: Session): number {
  if (session.flags.json === null) note(session, ['nothing is running']);
  else session.out.write('null\n');
  return 0;
}

async function bringDown(session: Session, connection: Connection): Promise<number> {
  const { client } = connection;
  const { clock } = session;
  const startedAt = clock.now();
  const order = kindOf(session) === 'quiet' ? [] : (await client.plans.plan({ action: 'down' })).order;
  const display = openDisplay(session, () => client.services.list());
  using feed = await openFeed({ client, clock, refresh: display.refresh, watcher: display });
  const stop = new AbortController();
  using _ = onInterrupt(() => stop.abort());
  const { change: id, daemon } = await client.daemon.stop('down');
  if (id === null) return nothing(session);
  display.begin({ title: '', names: order, aim: 'down', startedAt, keys: '' });
  let end: ApiChange | null | 'interrupted' = null;
  try {
    end = await Promise.race([
      stoppedOrGone(session, connection.project, { feed, id }),
      aborted(stop.signal).then(() => 'interrupted' as const),
    ]);
    await feed.refresh().catch(() => undefined);
  } finally {
    display.end();
  }
  if (daemon === 'ends' && end !== 'interrupted') await untilGone(session, connection.project);
  if (end === 'interrupted') {
    note(session, ['it goes on by itself: rouse ps']);
    return INTERRUPTED.interrupt;
  }
  if (end !== null && session.flags.json !== null) printJson(session, end, CHANGE_KEYS);
  if (end !== null && end.state !== 'done') {
    const outcome = { change: end, services: [], all: feed.latest(), interruption: null, tookMs: 0 };
    if (session.flags.json === null) await showFailures(session, connection, outcome);
    return 1;
  }
  if (session.flags.json === null && !session.flags.quiet)
    printLines(session, [`all stopped in ${took(clock.now() - startedAt)}`]);
  return 0;
}

const isAtRest = ({ phase }: ApiService): boolean => ['stopped', 'failed', 'completed'].includes(phase);

// The daemon leaves as soon as everything is stopped, perhaps before it has said so; what it did say is still shown.
async function stoppedOrGone(
  session: Session,
  project: Project,
  { feed, id }: { readonly feed: Feed; readonly id: string },
): Promise<ApiChange | null> {
  const { clock } = session;
  try {
    return await feed.settled(id, undefined, goingOn(session, project, { change: id, whenLeft: 'give-up' }));
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    const from = clock.monotonic();
    while (clock.monotonic() - from < LAST_WORDS_MS && !feed.latest().every(isAtRest))
      await new Promise<void>((resolve) => clock.after(LOOK_AGAIN_MS, resolve));
    return null;
  }
}
