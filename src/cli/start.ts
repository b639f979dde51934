/** `rouse start`: starts services and what they need. */
import { connect } from './connection.ts';
import { checkFields } from './json.ts';
import { CHANGE_KEYS } from './keys.ts';
import { type Order, operate } from './operation.ts';
import type { Session } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '<service...>',
  examples: [
    ['rouse start web', 'web and what it needs, until it is ready'],
    ['rouse start web --no-deps', 'web alone'],
  ],
  flags: [
    { spelling: '--no-wait', text: 'return when the order is accepted' },
    { spelling: '--wait-timeout <duration>', text: 'give up waiting after this time; services go on' },
    { spelling: '--no-deps', text: 'without what it needs' },
    { spelling: '--deps', text: 'with what it needs, although auto_start_dependencies = false' },
  ],
  exits: [
    [0, 'ready'],
    [1, 'a service failed'],
    [4, 'no such service'],
    [6, 'refused: a dependency is not running, or orchestration is disabled'],
    [124, 'still on its way when the time was over'],
    [130, 'interrupted; what was begun and not ready has been stopped'],
  ],
  run,
};

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, CHANGE_KEYS);
  const timeoutMs = options.durationMs('waitTimeout');
  const dependencies = options.isOff('deps') ? 'alone' : options.isOn('deps') ? 'closure' : 'settings';
  const order: Order = { action: 'start', services: args, options: { dependencies } };
  using connection = await connect(session);
  return await operate(session, connection, order, {
    wait: options.isOff('wait') ? 'no' : 'until-done',
    timeoutMs,
    onInterrupt: 'abort',
  });
}
