/** The end of an attached project: everything stops in order, and at the third Ctrl-C without grace. */
import type { Held } from './held.ts';
import { ConnectionError } from '../model/errors.ts';
import type { Subject } from './display.ts';
import { killStopping } from './force.ts';
import { list } from './render/outcome.ts';
import { took } from './render/time.ts';
import { note } from './session.ts';

/** How long the last events may take to arrive when the daemon has gone. */
const LAST_WORDS_MS = 500;

/** Stops what is held; resolves when nothing of it runs. A daemon that ends on the way has stopped everything. */
export async function stopAttached(held: Held): Promise<void> {
  const { session, wishes, display, names, feed } = held;
  const startedAt = session.clock.now();
  const change = await orderStop(held);
  if (change === null) return;
  const hint = wishes.keys === 'read' ? 'Ctrl-C again to force' : '';
  const subject = { title: '', names: names.toReversed(), aim: 'down', startedAt, keys: hint } as const;
  display.begin(subject);
  try {
    await untilStopped(held, change, subject);
    await feed.refresh().catch(() => undefined);
  } finally {
    display.end();
  }
  note(session, [`all stopped in ${took(session.clock.now() - startedAt)}`]);
}

/** Waits for the end of the change; the second Ctrl-C asks whether to kill, the third does. */
async function untilStopped(held: Held, change: string, subject: Subject): Promise<void> {
  const { session, connection, wishes, display, feed } = held;
  const settled = untilSettled(held, change);
  let wish = wishes.next();
  for (let asked = 0; ;) {
    const end = await Promise.race([settled, wish]);
    if (end === 'settled') return;
    if (end === 'stop') asked += 1;
    if (asked === 1 && end === 'stop') {
      display.end();
      const still = feed.latest().filter(({ phase }) => phase === 'stopping');
      note(session, [`still stopping: ${list(still.map(({ name }) => name))}. Kill them? y/N`]);
      display.begin(subject);
    }
    if ((asked >= 1 && end === 'yes') || asked >= 2) await killStopping(connection, 0, session.clock.now());
    wish = wishes.next();
  }
}

/** Orders the stop; gives the change, null when there was nothing to be stopped or nobody to stop it. */
async function orderStop({ connection, options }: Held): Promise<string | null> {
  const { client } = connection;
  const services = options.order.services ?? [];
  try {
    if (services.length === 0) return (await client.daemon.stop('down')).change;
    const order = { action: 'down', services, options: { dependents: 'include' } } as const;
    return (await client.changes.create(order)).id;
  } catch (error) {
    if (error instanceof ConnectionError) return null;
    throw error;
  }
}

// The daemon leaves as soon as everything is stopped, perhaps before it has said so.
async function untilSettled({ feed, session }: Held, id: string): Promise<'settled'> {
  try {
    await feed.settled(id);
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    const last = new Promise<void>((resolve) => session.clock.after(LAST_WORDS_MS, resolve));
    await Promise.race([feed.ended.catch(() => undefined), last]);
  }
  return 'settled';
}
