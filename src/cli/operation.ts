/** An order carried out in front of somebody: shown while it goes on, and what came of it. */
import type { ApiChange, ChangeOrder } from '../contract/api-change.ts';
import type { ApiPlan } from '../contract/api-plan.ts';
import type { ApiService } from '../contract/api-service.ts';
import { RouseError } from '../model/errors.ts';
import type { Connection } from './connection.ts';
import { inOrder, kindOf, openDisplay } from './display.ts';
import { failuresOf } from './failures.ts';
import { type Feed, openFeed } from './feed.ts';
import { goingOn } from './going-on.ts';
import { INTERRUPTED, type Interruption, onInterrupt } from './interrupt.ts';
import { printJson } from './json.ts';
import { CHANGE_KEYS, PLAN_KEYS } from './keys.ts';
import { escapeLine } from './render/escape.ts';
import { doneLine, failureLines } from './render/outcome.ts';
import { planScreen } from './render/plan.ts';
import { mark } from './render/style.ts';
import { took } from './render/time.ts';
import { type Session, note, printLines } from './session.ts';

/** An order without what only a dry run has. */
export type Order = Omit<ChangeOrder, 'dry_run'>;

/**
 * How an operation is waited for. `timeoutMs` null: as long as it takes. `onInterrupt`: whether Ctrl-C takes back what
 * was begun, or only looks away while it goes on.
 */
export interface Patience {
  readonly wait: 'until-done' | 'no';
  readonly timeoutMs: number | null;
  readonly onInterrupt: 'abort' | 'leave';
}

/** What became of a change, and the services it was about, in order. */
export interface Outcome {
  readonly change: ApiChange;
  readonly services: readonly ApiService[];
  readonly all: readonly ApiService[];
  readonly interruption: Interruption | null;
  /** Units: ms. */
  readonly tookMs: number;
}

/** Prints what an order would do and changes nothing. */
export async function dryRun(session: Session, { client }: Connection, order: Order): Promise<number> {
  const plan = await client.plans.plan(order);
  if (session.flags.json !== null) printJson(session, plan, PLAN_KEYS);
  else printLines(session, [...planScreen(plan, session.out.style), 'nothing was changed']);
  return 0;
}

/** Gives the order, shows it until it has ended, says what came of it; resolves with the exit code. */
export async function operate(
  session: Session,
  connection: Connection,
  order: Order,
  patience: Patience,
): Promise<number> {
  if (session.flags.dryRun) return dryRun(session, connection, order);
  if (patience.wait === 'no') {
    const change = await connection.client.changes.create(order);
    if (session.flags.json !== null) printJson(session, change, CHANGE_KEYS);
    else if (!session.flags.quiet)
      printLines(session, [`change ${escapeLine(change.id)}: ${escapeLine(change.summary)}`]);
    return 0;
  }
  return conclude(session, connection, await carryOut(session, connection, order, patience));
}

/** Shows a change that was begun already until it has ended, and says what came of it. With `--json` it is silent. */
export async function follow(
  session: Session,
  connection: Connection,
  change: ApiChange,
  patience: Patience,
): Promise<number> {
  const names = change.tasks.map(({ service }) => service);
  const shown = { title: '', names, aim: aimOf(change), begin: () => Promise.resolve(change) };
  const outcome = await shownToItsEnd(session, connection, shown, patience);
  if (session.flags.json === null) return conclude(session, connection, outcome);
  return outcome.interruption === null ? (outcome.change.state === 'done' ? 0 : 1) : INTERRUPTED[outcome.interruption];
}

/** Gives the order and shows it until it has ended. Errors: those of the order; RSE2201 when the patience is over. */
async function carryOut(session: Session, connection: Connection, order: Order, patience: Patience): Promise<Outcome> {
  const { client } = connection;
  const plan = kindOf(session) === 'quiet' ? null : await client.plans.plan(order);
  const title = plan === null || order.action !== 'up' ? '' : titleOf(session, connection, plan);
  const shown = { title, names: plan?.order ?? [], aim: aimOf(order), begin: () => client.changes.create(order) };
  return shownToItsEnd(session, connection, shown, patience);
}

/** What is to be shown. `begin` is called once somebody looks. */
interface Shown {
  readonly title: string;
  readonly names: readonly string[];
  readonly aim: 'up' | 'down';
  readonly begin: () => Promise<ApiChange>;
}

async function shownToItsEnd(
  session: Session,
  connection: Connection,
  { title, names, aim, begin }: Shown,
  patience: Patience,
): Promise<Outcome> {
  const { client } = connection;
  const startedAt = session.clock.now();
  const display = openDisplay(session, () => client.services.list());
  using feed =
    kindOf(session) === 'quiet'
      ? null
      : await openFeed({ client, clock: session.clock, refresh: display.refresh, watcher: display });
  const change = await begin();
  display.begin({ title, names, aim, startedAt, keys: '' });
  try {
    const end = await endOf(session, connection, { change, feed, patience });
    const all = await (feed?.refresh() ?? client.services.list());
    const touched = names.length > 0 ? names : end.change.tasks.map(({ service }) => service);
    return { ...end, all, services: inOrder(all, touched), tookMs: session.clock.now() - startedAt };
  } finally {
    display.end();
  }
}

/** `shop · 4 services in 3 waves`: what a project's way up begins with. */
export function titleOf(session: Session, { project }: Connection, plan: ApiPlan): string {
  const dot = ` ${mark(session.err.style, 'dot')} `;
  const count = `${plan.order.length} ${plan.order.length === 1 ? 'service' : 'services'}`;
  const waves = `${plan.waves.length} ${plan.waves.length === 1 ? 'wave' : 'waves'}`;
  return [escapeLine(project.name), `${count} in ${waves}`].join(dot);
}

/** Whether an order brings services up or down. */
function aimOf({ action }: Pick<Order, 'action'>): 'up' | 'down' {
  return action === 'down' || action === 'stop' ? 'down' : 'up';
}

interface Waiting {
  readonly change: ApiChange;
  readonly feed: Feed | null;
  readonly patience: Patience;
}

async function endOf(
  session: Session,
  { client, project }: Connection,
  { change, feed, patience }: Waiting,
): Promise<Pick<Outcome, 'change' | 'interruption'>> {
  const stop = new AbortController();
  const state: { interruption: Interruption | null } = { interruption: null };
  using _ = onInterrupt((interruption) => {
    if (state.interruption === null && patience.onInterrupt === 'abort') {
      note(session, ['taking back what was begun …']);
      client.changes.abort(change.id).catch((error: unknown) => stop.abort(error));
    } else stop.abort(new Error('interrupted'));
    state.interruption ??= interruption;
  });
  using limit = session.clock.after(patience.timeoutMs ?? Infinity, () => {
    stop.abort(tooLate(change, patience.timeoutMs ?? 0));
  });
  try {
    const lost = goingOn(session, project, { change: change.id, whenLeft: 'wait' });
    const settled = (feed ?? client.changes).settled(change.id, stop.signal, lost);
    return { change: await settled, interruption: state.interruption };
  } catch (error) {
    if (state.interruption === null || error instanceof RouseError) throw error;
    return { change: await client.changes.get(change.id), interruption: state.interruption };
  } finally {
    limit[Symbol.dispose]();
  }
}

function tooLate(change: ApiChange, limitMs: number): RouseError {
  return new RouseError('RSE2201', `cannot wait longer for change ${change.id}: ${took(limitMs)} are over`, {
    hint: `it goes on; see: rouse changes ${change.id}`,
  });
}

/** Says what came of an order: the sum when all is well, a block for each failure else. Gives the exit code. */
async function conclude(session: Session, connection: Connection, outcome: Outcome): Promise<number> {
  const { change, interruption } = outcome;
  if (session.flags.json !== null) printJson(session, change, CHANGE_KEYS);
  else if (change.state === 'failed') await showFailures(session, connection, outcome);
  else if (!session.flags.quiet) printLines(session, [sumLine(session, outcome)]);
  if (interruption !== null) return INTERRUPTED[interruption];
  return change.state === 'done' ? 0 : 1;
}

function sumLine(session: Session, { change, services, tookMs }: Outcome): string {
  if (change.state === 'aborted') return `change ${change.id} was aborted`;
  if (change.state !== 'done') return `change ${change.id} goes on: rouse changes ${change.id}`;
  if (change.action === 'stop' || change.action === 'down') {
    const stopped = change.tasks.filter(({ state }) => state === 'done').length;
    return stopped === 0 ? 'nothing was running' : `${stopped} stopped in ${took(tookMs)}`;
  }
  if (change.tasks.length === 0) return 'nothing to do: everything is as asked';
  return doneLine(broughtUp(services, change), tookMs, session.out.style);
}

/** Without what had to make way for them. */
function broughtUp(services: readonly ApiService[], { tasks }: ApiChange): readonly ApiService[] {
  const kindsOf = (name: string): readonly string[] =>
    tasks.filter(({ service }) => service === name).map(({ kind }) => kind);
  return services.filter(({ name }) => kindsOf(name).at(-1) !== 'stop');
}

/** Prints a block for every service at the root of a failure. */
export async function showFailures(session: Session, connection: Connection, outcome: Outcome): Promise<void> {
  const failures = await failuresOf(connection.client, outcome);
  const { style } = session.err;
  const blocks = failures.map((failure) => failureLines(failure, { style, folder: session.cwd }));
  const lines = blocks.flatMap((block) => ['', ...block]);
  const { change } = outcome;
  session.err.write(
    `${(lines.length > 0 ? lines : [`error: ${escapeLine(`${change.summary}: ${change.error ?? change.state}`)}`]).join('\n')}\n`,
  );
}
