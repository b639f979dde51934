/** `rouse checks`: health checks and their last results. */
import type { ApiCheck } from '../contract/api-check.ts';
import { type Connection, connect } from './connection.ts';
import { aborted, untilInterrupted } from './interrupt.ts';
import { checkFields, printJson, printJsonLine } from './json.ts';
import { CHECK_KEYS } from './keys.ts';
import { checksScreen } from './render/health.ts';
import { chosen } from './names.ts';
import { type Session, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '[service...]',
  examples: [
    ['rouse checks', 'every check with its last answers'],
    ['rouse checks web --now', 'ask first'],
  ],
  flags: [
    { spelling: '--now', text: 'ask first, instead of showing the last answers' },
    { spelling: '-f, --follow', text: 'again every two seconds' },
  ],
  exits: [
    [0, 'printed'],
    [4, 'no such service'],
  ],
  run,
};

const EVERY_MS = 2000;

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, CHECK_KEYS);
  using connection = await connect(session);
  const names = chosen(await connection.client.services.list(), args).map(({ name }) => name);
  if (options.isOn('now')) await Promise.all(names.map((name) => connection.client.services.health(name, 'ask')));
  if (!options.isOn('follow')) {
    const checks = await checksOf(connection, names);
    if (session.flags.json === null) show(session, checks);
    else printJson(session, checks, CHECK_KEYS);
    return 0;
  }
  return await untilInterrupted(async (signal) => {
    while (!signal.aborted) {
      const checks = await checksOf(connection, names);
      if (session.flags.json === null) show(session, checks);
      else for (const check of checks) printJsonLine(session, check, CHECK_KEYS);
      await Promise.race([aborted(signal), new Promise<void>((resolve) => session.clock.after(EVERY_MS, resolve))]);
    }
  });
}

function show(session: Session, checks: readonly ApiCheck[]): void {
  const { style } = session.out;
  if (checks.length === 0) printLines(session, ['no check is running']);
  else printLines(session, checksScreen(checks, { style, width: session.out.columns(), now: session.clock.now() }));
}

async function checksOf({ client }: Connection, names: readonly string[]): Promise<readonly ApiCheck[]> {
  return (await Promise.all(names.map((name) => client.services.checks(name)))).flat();
}
