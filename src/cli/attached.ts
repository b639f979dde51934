/**
 * A project held by a terminal: up, then its output, then down when somebody wants so.
 *
 * The services belong to the daemon; a lease ties them to this program, so that a closed window stops them too.
 *   coming up  → ready or failed: the sum or the failures, then output follows
 *              → Ctrl-C, q: stop everything, 130 · d: leave it · SIGTERM: stop everything, 143
 *   following  → Ctrl-C, q: stop everything, 0 (1 after a failure) · d: leave it · r: try again after a failure
 *   stopping   → Ctrl-C: ask whether to force · again: kill
 */
import type { ApiEvent } from '../contract/api-event.ts';
import type { ApiService } from '../contract/api-service.ts';
import { ERRORS } from '../model/errors.ts';
import type { Connection } from './connection.ts';
import { inOrder, openDisplay } from './display.ts';
import { openFeed } from './feed.ts';
import { openOutput } from './follow-output.ts';
import type { AttachedOptions, Held } from './held.ts';
import { INTERRUPTED } from './interrupt.ts';
import { printJson } from './json.ts';
import { CHANGE_KEYS } from './keys.ts';
import { type Outcome, showFailures, titleOf } from './operation.ts';
import { escapeLine } from './render/escape.ts';
import { explainScreen } from './render/explain.ts';
import { doneLine } from './render/outcome.ts';
import { mark } from './render/style.ts';
import { type Session, note } from './session.ts';
import { stopAttached } from './stopping.ts';
import { type Wish, openWishes } from './wishes.ts';
import { isThere } from './until-gone.ts';

/** How a stage ended: nothing left to look at, a wish, or the daemon is gone. */
type End = Wish | 'settled' | 'gone' | 'late' | 'at-rest';

/** Holds the project; resolves with the exit code. */
export async function attached(session: Session, connection: Connection, options: AttachedOptions): Promise<number> {
  const { client } = connection;
  const startedAt = session.clock.now();
  const plan = await client.plans.plan(options.order);
  const { order: names } = plan;
  const scope = (options.order.services ?? []).length === 0 ? 'all' : 'services';
  const leaseEnd = new AbortController();
  const lease = await client.daemon.lease({ scope, ...(scope === 'all' ? {} : { services: names }) }, leaseEnd.signal);
  const display = openDisplay(session, () => client.services.list());
  const listener: { event: (event: ApiEvent) => void } = { event: display.event };
  using feed = await openFeed({
    client,
    clock: session.clock,
    refresh: 'after-events',
    watcher: { event: (event) => listener.event(event), services: display.services },
  });
  // The end of the connection is heard at once, that of the stream when it has been looked for in vain.
  const lost = Promise.race([lease.ended, feed.ended.catch(() => undefined)]).then(() => 'gone' as const);
  using wishes = openWishes(session);
  const title = titleOf(session, connection, plan);
  const runsBefore = runsOf(feed.latest());
  const parts = { session, connection, options, wishes, display, feed };
  const held: Held = { ...parts, lost, names, startedAt, title, runsBefore };
  try {
    const { end, state } = await live(held, listener);
    if (end === 'detach') {
      await lease.detach();
      note(session, [
        `left running: rouse ps ${mark(session.err.style, 'dot')} rouse logs -f ${mark(session.err.style, 'dot')} rouse down`,
      ]);
      return state === 'failed' ? 1 : 0;
    }
    if (end === 'gone') return sayGone(held, state);
    if (end === 'late') {
      await lease.detach();
      note(session, ['not everything is ready in time; what runs goes on: rouse ps']);
      return ERRORS.RSE2201.exit;
    }
    listener.event = display.event;
    await stopAttached(held);
    if (end === 'terminate' || end === 'hangup') return INTERRUPTED[end];
    if (state === 'failed') return 1;
    return state === 'ready' ? 0 : INTERRUPTED.interrupt;
  } finally {
    leaseEnd.abort();
    await lease.ended;
  }
}

/** The daemon is gone while this terminal held the project: what of it still runs, nobody holds any more. */
function sayGone({ session, feed, names }: Held, state: State): number {
  const running = inOrder(feed.latest(), names).filter(({ pid }) => pid !== null && isThere(pid));
  if (running.length === 0) return state === 'ready' ? 0 : 1;
  const words = running.map(({ name, pid }) => `${escapeLine(name)} (pid ${pid})`).join(', ');
  note(session, [
    `the daemon is gone; what runs on without it: ${words}`,
    'take it over: rouse up   end it: rouse down',
  ]);
  return ERRORS.RSE3002.exit;
}

const runsOf = (services: readonly ApiService[]): ReadonlyMap<string, number> =>
  new Map(services.map(({ name, run }) => [name, run]));

type State = 'coming' | 'ready' | 'failed';

/** Up and then following, again for each `r`, until something ends it. */
async function live(
  held: Held,
  listener: { event: (event: ApiEvent) => void },
): Promise<{ readonly end: End; readonly state: State }> {
  for (let rounds = 1; ; rounds += 1) {
    const round = {
      ...held,
      title: rounds === 1 ? held.title : '',
      startedAt: held.session.clock.now(),
      runsBefore: runsOf(held.feed.latest()),
    };
    listener.event = held.display.event;
    const coming = await comeUp(round);
    if (coming.end !== 'settled') return { end: coming.end, state: 'coming' };
    const { change } = coming.outcome;
    const state = change.state === 'done' ? 'ready' : 'failed';
    if (held.session.flags.json !== null) printJson(held.session, change, CHANGE_KEYS);
    else if (state === 'ready') sayReady(held, coming.outcome);
    else await showFailures(held.session, held.connection, coming.outcome);
    if (state === 'failed' && held.options.onFailure === 'stop') return { end: 'stop', state };
    if (state === 'failed' && held.wishes.keys === 'read')
      note(held.session, ['r try again   e explain   q stop and quit']);
    const end = await follow(round, listener, state);
    if (end !== 'retry') return { end, state };
  }
}

type Coming = { readonly end: 'settled'; readonly outcome: Outcome } | { readonly end: Exclude<End, 'settled'> };

/** Gives the order and shows how it goes; ends when it has settled or when somebody does not want to wait for it. */
async function comeUp(held: Held): Promise<Coming> {
  const { session, connection, options, wishes, display, feed, lost, names, startedAt, title } = held;
  const keys = wishes.keys === 'read' ? 'e explain  d detach  q quit' : '';
  const begin = (words: string): void => display.begin({ title: words, names, aim: 'up', startedAt, keys });
  const change = await connection.client.changes.create(options.order);
  begin(title);
  const late = Promise.withResolvers<'late'>();
  using _ = session.clock.after(options.timeoutMs ?? Infinity, () => late.resolve('late'));
  const settled = feed.settled(change.id);
  let wish = wishes.next();
  try {
    for (;;) {
      const end = await Promise.race([settled, wish, late.promise, lost]);
      if (typeof end === 'object') {
        const all = await feed.refresh();
        return {
          end: 'settled',
          outcome: {
            change: end,
            all,
            services: inOrder(all, names),
            interruption: null,
            tookMs: session.clock.now() - startedAt,
          },
        };
      }
      if (['stop', 'terminate', 'hangup', 'detach', 'late', 'gone'].includes(end)) return { end };
      if (end === 'explain') {
        display.end();
        await explainFirst(held);
        begin('');
      }
      wish = wishes.next();
    }
  } finally {
    display.end();
    settled.catch(() => undefined);
  }
}

function sayReady({ session, wishes }: Held, outcome: Outcome): void {
  const { style } = session.err;
  const hint = wishes.keys === 'read' ? ['Ctrl-C stops all, d leaves them running'] : [];
  note(session, [doneLine(outcome.services, outcome.tookMs, style), ...hint]);
}

/** Shows output and events until a wish ends it, the daemon is gone, or nothing runs any more. */
async function follow(held: Held, listener: { event: (event: ApiEvent) => void }, state: State): Promise<End> {
  const { wishes, feed, lost, session } = held;
  await using output = openOutput(held);
  const rest = Promise.withResolvers<'at-rest'>();
  const look = (): void => {
    if (state === 'ready' && isAtRest(feed.latest(), held.names)) rest.resolve('at-rest');
  };
  listener.event = (event) => {
    output.event(event);
    if (event.type === 'service.phase') feed.refresh().then(look, () => undefined);
  };
  look();
  for (;;) {
    const end = await Promise.race([wishes.next(), rest.promise, lost]);
    switch (end) {
      case 'explain':
        await explainFirst(held);
        break;
      case 'logs':
        note(session, [output.toggle() === 'shown' ? 'output shown' : 'output hidden']);
        break;
      case 'keys':
        note(session, ['l output on or off   e explain   d leave it running   q or Ctrl-C stop and quit']);
        break;
      case 'retry':
        if (state === 'failed') return end;
        break;
      case 'yes':
      case 'other':
        break;
      case 'stop':
      case 'terminate':
      case 'hangup':
      case 'detach':
      case 'gone':
        return end;
      case 'at-rest':
        await output.finish();
        return end;
      default:
        return end satisfies never;
    }
  }
}

/** Whether nothing of it runs, waits or will be tried again. */
function isAtRest(all: readonly ApiService[], names: readonly string[]): boolean {
  const services = inOrder(all, names);
  return services.length > 0 && services.every(({ phase }) => ['stopped', 'failed', 'completed'].includes(phase));
}

/** Explains the first service that is not as it should be. */
async function explainFirst({ session, connection, names }: Held): Promise<void> {
  const services = inOrder(await connection.client.services.list(), names);
  const odd = ['failed', 'unhealthy', 'retry', 'starting', 'stopping', 'blocked', 'waiting', 'unknown'];
  const first = odd.map((word) => services.find(({ state }) => state === word)).find((found) => found !== undefined);
  if (first === undefined) note(session, ['everything is as it should be']);
  else
    note(session, ['', ...explainScreen(await connection.client.services.explain(first.name), session.err.style), '']);
  if (first !== undefined && session.flags.verbose) note(session, [`(${escapeLine(first.name)})`]);
}
