/** `rouse scale`: how many replicas there are of a service, until the file says another number. */
import type { ApiReload } from '../contract/api-reload.ts';
import { connect } from './connection.ts';
import { differ, differenceScreen } from './differences.ts';
import { checkFields, printJson } from './json.ts';
import { RELOAD_KEYS } from './keys.ts';
import { usage } from './options.ts';
import { finish } from './reload.ts';
import { escapeLine } from './render/escape.ts';
import { type Session, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '<service=count>',
  examples: [
    ['rouse scale web=3', 'web@1, web@2 and web@3'],
    ['rouse scale web=default', 'as many as the file says'],
  ],
  flags: [
    { spelling: '--no-wait', text: 'return when the number is accepted' },
    { spelling: '--wait-timeout <duration>', text: 'give up waiting after this time; services go on' },
  ],
  exits: [
    [0, 'so many there are'],
    [1, 'a service failed'],
    [2, 'wrong command line, or it cannot have replicas'],
    [4, 'no such service'],
    [124, 'still on its way when the time was over'],
  ],
  run,
};

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, RELOAD_KEYS);
  const timeoutMs = options.durationMs('waitTimeout');
  const { service, replicas } = wishOf(args[0] ?? '');
  const { dryRun, json, quiet } = session.flags;
  using connection = await connect(session);
  const done = await connection.client.definition.scale(service, { replicas, dry_run: dryRun });
  if (json === null && !quiet && differ(done.services))
    printLines(session, differenceScreen(session, done.services, null));
  if (dryRun) {
    if (json !== null) printJson(session, done, RELOAD_KEYS);
    else printLines(session, ['nothing was changed']);
    return 0;
  }
  return await finish(
    session,
    connection,
    { done, words: [countOf(service, done)] },
    {
      wait: options.isOff('wait') ? 'no' : 'until-done',
      timeoutMs,
      onInterrupt: 'leave',
    },
  );
}

/** `web has 3 replicas`, which is what was asked for, whether it was so before or not. */
function countOf(service: string, { services }: ApiReload): string {
  const there = services.filter(({ name, action }) => action !== 'remove' && name.replace(/@\d+$/, '') === service);
  return `${escapeLine(service)} has ${there.length} ${there.length === 1 ? 'replica' : 'replicas'}`;
}

/** `web=3`, `web=default`. Errors: RSE0107. */
export function wishOf(word: string): { readonly service: string; readonly replicas: number | null } {
  const [, service = '', count = ''] = /^([^=]+)=(\d{1,3}|default)$/.exec(word) ?? [];
  const replicas = count === 'default' ? null : Number(count);
  if (service === '') throw usage(`cannot scale "${word}": it does not say how many`, 'write: rouse scale web=3');
  if (replicas !== null && (replicas < 1 || replicas > 100))
    throw usage(
      `cannot scale "${service}" to ${count}: there can be 1 to 100 of it`,
      `for none: rouse stop ${service}`,
    );
  return { service, replicas };
}
