/** `rouse plan`: what would `up` do, in which order, and why. Asks the daemon where there is one. */
import { RouseError } from '../model/errors.ts';
import type { ApiPlan } from '../contract/api-plan.ts';
import { connect } from './connection.ts';
import { checkFields, printJson } from './json.ts';
import { PLAN_KEYS } from './keys.ts';
import type { Order } from './operation.ts';
import { planScreen } from './render/plan.ts';
import { type Session, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '[service...]',
  examples: [
    ['rouse plan', 'everything, wave by wave'],
    ['rouse plan web --json', 'web and what it needs, for programs'],
    ['rouse plan --exit-code', '10 when there is something to do'],
  ],
  flags: [
    {
      spelling: '--action <action>',
      text: 'of another order than up',
      choices: ['up', 'down', 'start', 'stop', 'restart'],
    },
    { spelling: '--exit-code', text: 'answer by the exit code' },
  ],
  exits: [
    [0, 'printed; with --exit-code: nothing to do'],
    [4, 'no such service'],
    [10, 'with --exit-code: there are changes'],
  ],
  run,
};

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, PLAN_KEYS);
  const order: Order = { action: options.choice('action', ['up', 'down', 'start', 'stop', 'restart']), services: args };
  const plan = (await planOfDaemon(session, order)) ?? (await planOfFile(session, order));
  if (session.flags.json !== null) printJson(session, plan, PLAN_KEYS);
  else printLines(session, planScreen(plan, session.out.style));
  return options.isOn('exitCode') && plan.steps.some(({ action }) => action !== 'none') ? 10 : 0;
}

/** The plan by what runs now; null when nothing runs. Files named by hand are planned as they stand. */
async function planOfDaemon(session: Session, order: Order): Promise<ApiPlan | null> {
  const { files, project, host } = session.flags;
  const isHere = project === null && host === null;
  if (files.length > 0 && isHere) return null;
  try {
    using connection = await connect(session);
    return await connection.client.plans.plan(order);
  } catch (error) {
    if (error instanceof RouseError && error.code === 'RSE3001' && isHere) return null;
    throw error;
  }
}

async function planOfFile(session: Session, order: Order): Promise<ApiPlan> {
  const { planOffline } = await import('./offline.ts');
  return planOffline(session, order);
}
