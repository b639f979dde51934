/** `rouse diff`: what runs against what the file says, key by key. */
import { connect } from './connection.ts';
import { handoverOf, loadOrderOf } from './definition.ts';
import { differ, differenceScreen } from './differences.ts';
import { checkFields, printJson } from './json.ts';
import { RELOAD_KEYS } from './keys.ts';
import { chosen } from './names.ts';
import { type Session, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '[service...]',
  examples: [
    ['rouse diff', 'what a reload would change'],
    ['rouse diff web', 'of web alone'],
    ['rouse diff --exit-code', '10 when something differs'],
  ],
  flags: [{ spelling: '--exit-code', text: 'answer by the exit code' }],
  exits: [
    [0, 'printed; with --exit-code: nothing differs'],
    [2, 'the definition has problems'],
    [4, 'no such service'],
    [10, 'with --exit-code: something differs'],
  ],
  run,
};

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, RELOAD_KEYS);
  const handover = await handoverOf(session);
  using connection = await connect(session);
  const found = await connection.client.definition.differences(loadOrderOf(session, handover));
  const services = chosen(found.services, args);
  if (session.flags.json !== null) printJson(session, { ...found, services }, RELOAD_KEYS);
  else if (differ(services)) printLines(session, differenceScreen(session, services, handover.loaded));
  else if (!session.flags.quiet) printLines(session, ['what runs is what the file says']);
  return options.isOn('exitCode') && differ(services) ? 10 : 0;
}
