/** `rouse changes`: operations and their tasks; `rouse changes ID abort` ends one. */
import { connect } from './connection.ts';
import { checkFields, printJson } from './json.ts';
import { CHANGE_KEYS } from './keys.ts';
import { usage } from './options.ts';
import { changeScreen, changesScreen } from './render/changes.ts';
import { type Session, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '[id] [abort]',
  examples: [
    ['rouse changes', 'the last 20 operations'],
    ['rouse changes 14', 'one with its tasks'],
    ['rouse changes 14 abort', 'end it; what it has started and is not ready stops'],
  ],
  flags: [
    { spelling: '-n, --lines <number>', text: 'how many operations (20)' },
    { spelling: '--running', text: 'only those that go on' },
  ],
  exits: [
    [0, 'printed, or aborted'],
    [4, 'no such change'],
  ],
  run,
};

const LINES = 20;

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, CHANGE_KEYS);
  const { id, order } = wishOf(args);
  using connection = await connect(session);
  const { changes } = connection.client;
  const layout = { style: session.out.style, width: session.out.columns(), now: session.clock.now() };
  if (id === null) {
    const all = await changes.list(options.isOn('running') ? 'running' : 'all');
    const shown = all.slice(0, options.count('lines') ?? LINES);
    if (session.flags.json !== null) printJson(session, shown, CHANGE_KEYS);
    else printLines(session, shown.length === 0 ? ['nothing was asked for yet'] : changesScreen(shown, layout));
    return 0;
  }
  const change = order === 'abort' ? await changes.abort(id) : await changes.get(id);
  if (session.flags.json !== null) printJson(session, change, CHANGE_KEYS);
  else printLines(session, changeScreen(change, layout));
  return 0;
}

/** `ID`, `ID abort` and `abort ID` are all understood. */
function wishOf(args: readonly string[]): { readonly id: string | null; readonly order: 'show' | 'abort' } {
  const order = args.includes('abort') ? 'abort' : 'show';
  const rest = args.filter((word) => word !== 'abort');
  const [id = null, odd] = rest;
  if (odd !== undefined)
    throw usage(`cannot read the command line: "${odd}" is not an order`, 'rouse changes ID abort');
  if (order === 'abort' && id === null) throw usage('cannot abort: no change is named', 'rouse changes 14 abort');
  return { id, order };
}
