/** `rouse restart`: stops services and starts them again, with the definition that was accepted last. */
import { applyFiles, warnOutdated } from './apply.ts';
import { connect } from './connection.ts';
import { checkFields } from './json.ts';
import { CHANGE_KEYS } from './keys.ts';
import { operate } from './operation.ts';
import { handoverOf } from './definition.ts';
import type { Session } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '[service...]',
  examples: [
    ['rouse restart web', 'web, and by their edges those that need it'],
    ['rouse restart web --apply', 'take over the changed file first'],
  ],
  flags: [
    { spelling: '--apply', text: 'load the definition file first' },
    { spelling: '--no-wait', text: 'return when the order is accepted' },
    { spelling: '--wait-timeout <duration>', text: 'give up waiting after this time; services go on' },
  ],
  exits: [
    [0, 'ready again'],
    [1, 'a service failed'],
    [4, 'no such service'],
    [6, 'refused: orchestration is disabled'],
    [124, 'still on its way when the time was over'],
  ],
  run,
};

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, CHANGE_KEYS);
  const timeoutMs = options.durationMs('waitTimeout');
  using connection = await connect(session);
  if (options.isOn('apply') && !session.flags.dryRun) await applyFiles(session, connection, await handoverOf(session));
  else await warnOutdated(session, connection);
  return await operate(
    session,
    connection,
    { action: 'restart', services: args },
    { wait: options.isOff('wait') ? 'no' : 'until-done', timeoutMs, onInterrupt: 'leave' },
  );
}
