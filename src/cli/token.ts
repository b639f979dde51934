/**
 * `rouse token`: credentials for listeners on addresses.
 *
 * They are kept in a file of the project, so that one can be made before there is a daemon; a daemon that runs obeys at
 * its next request. Over `--host` the daemon there is asked instead.
 */
import type { ApiMadeToken, ApiToken, ApiTokenOrder } from '../contract/api-token.ts';
import { ROLES } from '../model/role.ts';
import { checkFields, printJson } from './json.ts';
import { MADE_TOKEN_KEYS, TOKEN_KEYS } from './keys.ts';
import { type Options, usage } from './options.ts';
import { escapeLine } from './render/escape.ts';
import { madeScreen, tokensScreen } from './render/tokens.ts';
import { type Session, note, printLines } from './session.ts';
import { openTokenDesk } from './token-desk.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '<action> [name]',
  examples: [
    ['rouse token new ci --role operator', 'prints a token once: keep it'],
    ['rouse token new board --role viewer --logs --expires 720h', 'reads states and output, for 30 days'],
    ['rouse token new web-team --role operator --services "web,web-*"', 'over some services alone'],
    ['rouse token ls', 'which there are, and when they were used'],
    ['rouse token revoke ci', 'refused from the next request on'],
  ],
  flags: [
    { spelling: '--role <role>', text: 'new: viewer, operator or admin', choices: ROLES },
    { spelling: '--services <globs>', text: 'new: only these services, by commas or repeated', many: 'list' },
    { spelling: '--expires <duration>', text: 'new: how long it is valid, e.g. 12h (for ever)' },
    { spelling: '--logs', text: 'new: a viewer may read the output of services' },
  ],
  exits: [
    [0, 'done'],
    [4, 'no such token'],
    [6, 'the name is taken'],
  ],
  run,
};

const ACTIONS = ['new', 'ls', 'revoke'] as const;

async function run(session: Session, { args, options }: Input): Promise<number> {
  const [word = '', name] = args;
  const action = ACTIONS.find((known) => known === word || (known === 'ls' && word === 'list'));
  switch (action) {
    case 'new':
      checkFields(session, MADE_TOKEN_KEYS);
      return create(session, orderOf(name, options));
    case 'ls':
      checkFields(session, TOKEN_KEYS);
      if (name !== undefined) throw usage(`cannot list "${name}": all tokens are listed`, 'rouse token ls');
      return list(session);
    case 'revoke':
      checkFields(session, TOKEN_KEYS);
      if (name === undefined) throw usage('cannot revoke a token: none is named', 'rouse token revoke NAME');
      return revoke(session, name);
    case undefined:
      throw usage(`cannot do "token ${word}": there is no such action`, `one of: ${ACTIONS.join(', ')}`);
    default:
      return action satisfies never;
  }
}

/** The order of a command line. Errors: RSE0107. */
function orderOf(name: string | undefined, options: Options): ApiTokenOrder {
  if (name === undefined) throw usage('cannot make a token: it has no name', 'rouse token new NAME --role viewer');
  const role = ROLES.find((word) => word === options.text('role'));
  if (role === undefined)
    throw usage(
      `cannot make token "${name}": its role is not given`,
      '--role viewer reads states, operator starts and stops as well, admin may do everything',
    );
  const services = options.texts('services').flatMap((text) => text.split(',').filter((glob) => glob !== ''));
  const ends = options.durationMs('expires');
  return {
    name,
    role,
    ...(services.length === 0 ? {} : { services }),
    ...(options.isOn('logs') ? { logs: true } : {}),
    ...(ends === null ? {} : { expires_in_ms: ends }),
  };
}

async function create(session: Session, order: ApiTokenOrder): Promise<number> {
  if (session.flags.dryRun) return unchanged(session);
  using desk = await openTokenDesk(session, 'write');
  const made: ApiMadeToken = await desk.create(order);
  if (session.flags.json !== null) printJson(session, made, MADE_TOKEN_KEYS);
  else {
    // The credential alone on standard output, so that it can be handed on as it is.
    const [credential = '', ...words] = madeScreen(made, order);
    printLines(session, [credential]);
    note(session, words);
  }
  return 0;
}

async function list(session: Session): Promise<number> {
  using desk = await openTokenDesk(session, 'read');
  const tokens: readonly ApiToken[] = await desk.list();
  const { style } = session.out;
  const layout = { style, width: session.out.columns(), now: session.clock.now() };
  if (session.flags.json !== null) printJson(session, tokens, TOKEN_KEYS);
  else if (tokens.length === 0) note(session, ['there are no tokens: rouse token new NAME --role viewer']);
  else printLines(session, tokensScreen(tokens, layout));
  return 0;
}

async function revoke(session: Session, name: string): Promise<number> {
  if (session.flags.dryRun) return unchanged(session);
  using desk = await openTokenDesk(session, 'write');
  const gone = await desk.revoke(name);
  if (session.flags.json !== null) printJson(session, gone, TOKEN_KEYS);
  else if (!session.flags.quiet) printLines(session, [`revoked: ${escapeLine(gone.name)} (${gone.id})`]);
  return 0;
}

function unchanged(session: Session): number {
  printLines(session, ['nothing was changed']);
  return 0;
}
