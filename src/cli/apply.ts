/** A definition taken over by a daemon that runs, or not yet. */
import { RouseError } from '../model/errors.ts';
import type { Connection } from './connection.ts';
import { type Handover, handoverOf, loadOrderOf } from './definition.ts';
import { escapeLine } from './render/escape.ts';
import { list } from './render/outcome.ts';
import { type Session, note } from './session.ts';

/** Has a daemon that was running take over the files. Errors: DefinitionError; RSE4010 when it belongs to other files. */
export async function applyFiles(session: Session, { client }: Connection, handover: Handover): Promise<void> {
  const { loaded } = handover;
  const system = await client.daemon.status();
  if (system.definition_hash === loaded.definition.hash) return;
  const applied = await client.definition.load(loadOrderOf(session, handover));
  const changes = [
    applied.added.length > 0 ? `added ${list(applied.added)}` : '',
    applied.changed.length > 0 ? `changed ${list(applied.changed)}` : '',
    applied.removed.length > 0 ? `removed ${list(applied.removed)}` : '',
  ].filter((part) => part !== '');
  if (changes.length > 0) note(session, [`definition: ${changes.join(', ')}`]);
  if (applied.changed.length > 0) await noteOutdated(session, client);
}

/** What runs by an older definition runs on: whoever wonders why is told how to change that. */
async function noteOutdated(session: Session, client: Connection['client']): Promise<void> {
  const outdated = (await client.services.list()).filter((service) => service.outdated).map(({ name }) => name);
  if (outdated.length === 0) return;
  note(session, [`outdated: ${list(outdated)} (rouse restart ${outdated.map(escapeLine).join(' ')})`]);
}

/** Says when the file differs from the definition in force, for orders that do not take it over. */
export async function warnOutdated(session: Session, { client }: Connection): Promise<void> {
  try {
    const { loaded } = await handoverOf(session);
    const system = await client.daemon.status();
    if (system.project === loaded.definition.name && system.definition_hash !== loaded.definition.hash)
      note(session, ['the file differs from the definition in force; take it over with rouse reload, or --apply']);
  } catch (error) {
    // The order does not need the file; whether it can be read is for `validate` to say.
    if (!(error instanceof RouseError)) throw error;
  }
}
