/** `rouse signal`: sends a signal to what runs. */
import { constants } from 'node:os';
import { nearest } from '../model/nearest.ts';
import { connect } from './connection.ts';
import { checkFields, printJson } from './json.ts';
import { SERVICE_KEYS } from './keys.ts';
import { chosen } from './names.ts';
import { usage } from './options.ts';
import { escapeLine } from './render/escape.ts';
import { type Session, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '<signal> <service...>',
  examples: [
    ['rouse signal HUP web', 'to the main process of web'],
    ['rouse signal USR1 web worker --tree', 'to every process of both'],
  ],
  flags: [{ spelling: '--tree', text: 'every process of the service, not the main process alone' }],
  exits: [
    [0, 'sent'],
    [4, 'no such service'],
    [6, 'refused: one of them is not running, or has no process of its own'],
  ],
  run,
};

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, SERVICE_KEYS);
  const [word = '', ...names] = args;
  const signal = signalOf(word);
  const scope = options.isOn('tree') ? 'tree' : 'main';
  using connection = await connect(session);
  const { services } = connection.client;
  // A name that is none is said before anything is sent.
  const meant = chosen(await services.list(), names);
  if (session.flags.dryRun) printLines(session, ['nothing was sent']);
  else for (const { name } of meant) await services.signal(name, { signal, scope });
  if (session.flags.json !== null) printJson(session, meant, SERVICE_KEYS);
  else if (!session.flags.quiet && !session.flags.dryRun)
    printLines(
      session,
      meant.map(({ name, pid }) => `sent ${signal} to ${escapeLine(name)}${scope === 'main' ? ` (pid ${pid})` : ''}`),
    );
  return 0;
}

/** `HUP`, `sighup`, `SIGHUP`, `1`. Errors: RSE0107 with the nearest name. */
export function signalOf(word: string): string {
  const names = Object.keys(constants.signals);
  const upper = word.toUpperCase();
  const numbered = Object.entries(constants.signals).find(([, number]) => String(number) === word)?.[0];
  const found = numbered ?? names.find((name) => name === upper || name === `SIG${upper}`);
  if (found !== undefined) return found;
  const near = nearest(upper.startsWith('SIG') ? upper : `SIG${upper}`, names);
  const hint = near === null ? 'for example: rouse signal HUP web' : `did you mean ${near}?`;
  throw usage(`cannot send "${word}": there is no such signal`, hint);
}
