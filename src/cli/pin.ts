/** `rouse pin`: holds services up, or down, whatever others want. */
import { connect } from './connection.ts';
import { checkFields, printJson } from './json.ts';
import { SERVICE_KEYS } from './keys.ts';
import { chosen } from './names.ts';
import { escapeLine } from './render/escape.ts';
import { type Session, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '<service...>',
  examples: [
    ['rouse pin db', 'up, and nothing stops it but rouse down'],
    ['rouse pin web --down', 'stopped, and nothing starts it'],
  ],
  flags: [{ spelling: '--down', text: 'hold it down' }],
  exits: [
    [0, 'pinned'],
    [4, 'no such service'],
    [6, 'refused: something depends on it, or another pin says the contrary'],
  ],
  run: (session, input) => pinAll(session, input, input.options.isOn('down') ? 'down' : 'up'),
};

/** Pins all of the services, or lets all of them go. Errors: RSE4001; those of `services.pin`. */
export async function pinAll(session: Session, { args }: Input, pin: 'up' | 'down' | 'none'): Promise<number> {
  checkFields(session, SERVICE_KEYS);
  using connection = await connect(session);
  const { services } = connection.client;
  const { dryRun, json, quiet } = session.flags;
  const meant = chosen(await services.list(), args);
  const pinned = dryRun ? meant : await services.pin({ services: meant.map(({ name }) => name), pin });
  if (json !== null) printJson(session, pinned, SERVICE_KEYS);
  else if (dryRun) printLines(session, ['nothing was changed']);
  else if (!quiet) {
    const how = pin === 'none' ? 'is not pinned any more' : `is pinned ${pin}`;
    printLines(
      session,
      pinned.map(({ name }) => `${escapeLine(name)} ${how}`),
    );
  }
  return 0;
}
