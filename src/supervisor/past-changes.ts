/** Changes, those of earlier daemons among them: what the engine knows, and behind it what the store has kept. */
import type { Engine } from '../engine/engine.ts';
import type { Change } from '../model/change.ts';
import type { EventStore } from '../ports/event-store.ts';

/** The most that are looked at and shown. */
const MOST = 1000;

/** The change of that id. Errors: RSE4002. */
export function changeOf(known: Engine['changes'], store: Pick<EventStore, 'changes'>, id: string): Change {
  try {
    return known.get(id);
  } catch (error) {
    const stored = store.changes(MOST).find((change) => change.id === id);
    if (stored === undefined) throw error;
    return stored;
  }
}

/** All of them, newest first, at most 1000; what the engine says of one counts. */
export function allChanges(known: Engine['changes'], store: Pick<EventStore, 'changes'>): readonly Change[] {
  const all = new Map(store.changes(MOST).map((change) => [change.id, change]));
  for (const change of known.list()) all.set(change.id, change);
  return [...all.values()].toSorted((left, right) => Number(right.id) - Number(left.id)).slice(0, MOST);
}
