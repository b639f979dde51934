/** `rouse stop`: stops services; those that something live depends on only with `--deps`. */
import type { ChangeOptions } from '../contract/api-change.ts';
import { RouseError } from '../model/errors.ts';
import { confirm } from './confirm.ts';
import { type Connection, connect } from './connection.ts';
import { withForce } from './force.ts';
import { checkFields } from './json.ts';
import { CHANGE_KEYS } from './keys.ts';
import { operate } from './operation.ts';
import { list } from './render/outcome.ts';
import { type Session, note } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '<service...>',
  examples: [
    ['rouse stop web', 'refused when something live needs web'],
    ['rouse stop db --deps -y', 'db and everything that needs it'],
    ['rouse stop web --now', 'without grace'],
  ],
  flags: [
    { spelling: '--deps', text: 'also what depends on it' },
    { spelling: '--no-deps', text: 'leave what depends on it running' },
    { spelling: '--now', text: 'kill instead of asking to end' },
    { spelling: '--timeout <duration>', text: 'kill after this time, whatever the definition says' },
    { spelling: '--no-wait', text: 'return when the order is accepted' },
  ],
  exits: [
    [0, 'stopped'],
    [1, 'it would not stop'],
    [4, 'no such service'],
    [6, 'refused: something depends on it, or a confirmation is needed'],
  ],
  run,
};

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, CHANGE_KEYS);
  const graceMs = options.durationMs('timeout');
  const grace = options.isOn('now') ? 'none' : 'rule';
  using connection = await connect(session);
  const wish = options.isOff('deps') ? 'leave' : options.isOn('deps') ? 'include' : 'refuse';
  const dependents = await reachOf(session, connection, { services: args, wish });
  if (dependents === null) {
    note(session, ['nothing was changed']);
    return 6;
  }
  const order = { action: 'stop', services: args, options: { dependents, grace } } as const;
  const patience = {
    wait: options.isOff('wait') ? 'no' : 'until-done',
    timeoutMs: null,
    onInterrupt: 'leave',
  } as const;
  // Who is killed at once needs nobody to look whether he has gone.
  const forceMs = grace === 'none' ? null : graceMs;
  return await withForce(session, connection, forceMs, () => operate(session, connection, order, patience));
}

type Reach = NonNullable<ChangeOptions['dependents']>;

/** How far the stop may go, after asking where that is to be asked; null when the answer was no. Errors: RSE4005, RSE4011. */
async function reachOf(
  session: Session,
  { client }: Connection,
  { services, wish }: { readonly services: readonly string[]; readonly wish: Reach },
): Promise<Reach | null> {
  if (wish === 'leave' || session.flags.dryRun) return wish;
  const error = await refusal(client, services);
  if (error === null) return wish;
  const others = error.fields.services ?? [];
  const mayAsk = session.input === 'terminal' && session.flags.prompts === 'allowed';
  // Where nobody can be asked, the order needs the answer with it.
  if (wish === 'refuse' && (!mayAsk || session.flags.yes)) throw refused(error, services);
  const answer = await confirm(session, `this also stops ${list(others)}; go on?`, '--deps -y');
  return answer === 'yes' ? 'include' : null;
}

/** Why a stop of these alone would be refused, with who depends on them; null when it would not. */
async function refusal(client: Connection['client'], services: readonly string[]): Promise<RouseError | null> {
  try {
    await client.plans.plan({ action: 'stop', services, options: { dependents: 'refuse' } });
    return null;
  } catch (error) {
    if (error instanceof RouseError && error.code === 'RSE4005') return error;
    throw error;
  }
}

const refused = (error: RouseError, services: readonly string[]): RouseError =>
  new RouseError(error.code, error.message, {
    ...error.fields,
    hint: `stop them too: rouse stop ${services.join(' ')} --deps -y`,
  });
