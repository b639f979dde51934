/** `rouse reload`: shows what the file changes, asks, and applies it to what runs; on any fault nothing changes. */
import type { ApiDifference, ApiReload } from '../contract/api-reload.ts';
import { READ_AT_START } from '../model/policy.ts';
import { confirm } from './confirm.ts';
import { type Connection, connect } from './connection.ts';
import { handoverOf, loadOrderOf } from './definition.ts';
import { differ, differenceScreen } from './differences.ts';
import { checkFields, printJson } from './json.ts';
import { RELOAD_KEYS } from './keys.ts';
import { type Patience, follow } from './operation.ts';
import { list } from './render/outcome.ts';
import { type Session, note, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '',
  examples: [
    ['rouse reload', 'shows what changes, asks, and applies it'],
    ['rouse reload -y', 'without asking'],
    ['rouse reload --no-restart', 'what runs by an older definition runs on, and is shown as outdated'],
  ],
  flags: [
    { spelling: '--no-restart', text: 'restart nothing: what is outdated is only marked' },
    { spelling: '--no-wait', text: 'return when the definition is accepted' },
    { spelling: '--wait-timeout <duration>', text: 'give up waiting after this time; services go on' },
  ],
  exits: [
    [0, 'applied, or nothing to apply'],
    [1, 'applied, and a service failed'],
    [2, 'the definition has problems; nothing was changed'],
    [6, 'not confirmed, or the project belongs to another file'],
    [124, 'still on its way when the time was over'],
  ],
  run,
};

async function run(session: Session, { options }: Input): Promise<number> {
  checkFields(session, RELOAD_KEYS);
  const timeoutMs = options.durationMs('waitTimeout');
  const handover = await handoverOf(session);
  const order = loadOrderOf(session, handover);
  using connection = await connect(session);
  const { client } = connection;
  const planned = await client.definition.differences(order);
  const isShown = session.flags.json === null && !session.flags.quiet;
  if (isShown && differ(planned.services))
    printLines(session, differenceScreen(session, planned.services, handover.loaded));
  if (isShown) printLines(session, rulesScreen(planned.rules));
  if (session.flags.dryRun) return onlyShown(session, planned);
  const restart = options.isOff('restart') ? 'none' : 'outdated';
  if ((await agreed(session, planned.services, restart)) === 'no') {
    note(session, ['nothing was changed']);
    return 6;
  }
  const done = await client.definition.reload({ ...order, restart });
  return await finish(
    session,
    connection,
    { done },
    {
      wait: options.isOff('wait') ? 'no' : 'until-done',
      timeoutMs,
      onInterrupt: 'leave',
    },
  );
}

function rulesScreen(rules: readonly string[]): readonly string[] {
  if (rules.length === 0) return [];
  const later = rules.filter((rule) => READ_AT_START.includes(rule));
  const when = later.length === 0 ? [] : [`takes effect at rouse daemon restart: ${later.join(', ')}`];
  return [`rules changed: ${rules.join(', ')}`, ...when];
}

function onlyShown(session: Session, planned: ApiReload): number {
  if (session.flags.json !== null) printJson(session, planned, RELOAD_KEYS);
  else printLines(session, ['nothing was changed']);
  return 0;
}

/** Asks where something that runs would be stopped or restarted; the rest harms nobody. */
async function agreed(
  session: Session,
  services: readonly ApiDifference[],
  restart: 'outdated' | 'none',
): Promise<'yes' | 'no'> {
  const named = (wanted: ApiDifference['action']): string[] =>
    services.filter(({ action, runs }) => action === wanted && runs).map(({ name }) => name);
  const [gone, outdated] = [named('remove'), restart === 'none' ? [] : named('restart')];
  const parts = [
    ...(outdated.length === 0 ? [] : [`restart ${list(outdated)}`]),
    ...(gone.length === 0 ? [] : [`stop ${list(gone)}`]),
  ];
  return parts.length === 0 ? 'yes' : confirm(session, `${parts.join(' and ')}?`, '-y');
}

/** Shows the changes that a reload made until they have ended, says what it came to; gives the exit code. */
export async function finish(
  session: Session,
  connection: Connection,
  { done, words = closing(done) }: { readonly done: ApiReload; readonly words?: readonly string[] },
  patience: Patience,
): Promise<number> {
  const { flags } = session;
  let code = 0;
  if (patience.wait === 'until-done')
    for (const change of done.changes) code = Math.max(code, await follow(session, connection, change, patience));
  if (flags.json !== null) printJson(session, done, RELOAD_KEYS);
  else if (!flags.quiet) printLines(session, words);
  return code;
}

function closing({ services, changes, rules }: ApiReload): readonly string[] {
  if (!differ(services) && rules.length > 0) return ['reloaded'];
  if (!differ(services)) return ['nothing to reload: what runs is what the file says'];
  const left = services.filter(({ action, runs }) => action === 'restart' && runs).map(({ name }) => name);
  return changes.length > 0 || left.length === 0 ? ['reloaded'] : [`reloaded; outdated: ${list(left)}`];
}
