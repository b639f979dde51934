/** `rouse health`: asks services how they are. */
import { connect } from './connection.ts';
import { checkFields, printJson } from './json.ts';
import { HEALTH_KEYS } from './keys.ts';
import { healthLine } from './render/health.ts';
import { chosen } from './names.ts';
import { type Session, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '[service...]',
  examples: [
    ['rouse health web', 'ask web now'],
    ['rouse health', 'ask every service'],
    ['rouse health web --last --json', 'the last answer, without asking'],
  ],
  flags: [{ spelling: '--last', text: 'the last answer instead of a new one' }],
  exits: [
    [0, 'healthy'],
    [3, 'not healthy, or not known'],
    [4, 'no such service'],
  ],
  run,
};

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, HEALTH_KEYS);
  using connection = await connect(session);
  const { services } = connection.client;
  const names = chosen(await services.list(), args).map(({ name }) => name);
  const mode = options.isOn('last') ? 'last' : 'ask';
  const reports = await Promise.all(names.map((name) => services.health(name, mode)));
  const [only] = reports;
  if (session.flags.json === null)
    printLines(
      session,
      reports.map((report) => healthLine(report, session.out.style)),
    );
  else if (args.length === 1 && reports.length === 1 && only !== undefined) printJson(session, only, HEALTH_KEYS);
  else printJson(session, reports, HEALTH_KEYS);
  return reports.every(({ healthy }) => healthy === true) ? 0 : 3;
}
