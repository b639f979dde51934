/** `rouse wait`: waits until services are as wished. */
import { type Aim, isAt } from '../contract/aim.ts';
import type { ApiService } from '../contract/api-service.ts';
import { ConnectionError, RouseError } from '../model/errors.ts';
import { connect } from './connection.ts';
import { openFeed } from './feed.ts';
import { INTERRUPTED, type Interruption, aborted, onInterrupt } from './interrupt.ts';
import { checkFields, printJson } from './json.ts';
import { SERVICE_KEYS } from './keys.ts';
import { chosen } from './names.ts';
import { list } from './render/outcome.ts';
import { took } from './render/time.ts';
import { type Session, note } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '[service...]',
  examples: [
    ['rouse wait', 'until everything is ready'],
    ['rouse wait db --for stopped --timeout 30s', 'until db does not run any more'],
    ['rouse wait a b --any', 'until one of them is ready'],
  ],
  flags: [
    {
      spelling: '--for <state>',
      text: 'what to wait for (ready)',
      choices: ['ready', 'started', 'completed', 'stopped', 'healthy'],
    },
    { spelling: '--timeout <duration>', text: 'give up after this time' },
    { spelling: '--any', text: 'one of them is enough' },
  ],
  exits: [
    [0, 'it is so'],
    [1, 'a service failed and will not get there'],
    [4, 'no such service'],
    [124, 'the time was over'],
    [130, 'interrupted'],
  ],
  run,
};

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, SERVICE_KEYS);
  const aim = options.choice('for', ['ready', 'started', 'completed', 'stopped', 'healthy']);
  const timeoutMs = options.durationMs('timeout');
  using connection = await connect(session);
  chosen(await connection.client.services.list(), args);
  const end = Promise.withResolvers<readonly ApiService[]>();
  const stop = new AbortController();
  const state: { interruption: Interruption | null } = { interruption: null };
  using _ = onInterrupt((interruption) => {
    state.interruption = interruption;
    stop.abort();
  });
  using _limit = session.clock.after(timeoutMs ?? Infinity, () => end.reject(tooLate(aim, timeoutMs ?? 0)));
  using feed = await openFeed({
    client: connection.client,
    clock: session.clock,
    refresh: 'after-events',
    watcher: {
      event: () => undefined,
      services: (all) => {
        const services = chosen(all, args);
        const enough = options.isOn('any')
          ? services.some((each) => isAt(each, aim))
          : services.every((each) => isAt(each, aim));
        const lost = services.filter((service) => isLost(service, aim));
        const isHopeless = options.isOn('any') ? lost.length === services.length : lost.length > 0;
        if (enough) end.resolve(services);
        else if (isHopeless) end.reject(hopeless(lost, aim));
      },
    },
  });
  const gone = feed.ended.then(() =>
    end.reject(new ConnectionError('RSE3002', 'cannot wait longer: the daemon has ended')),
  );
  gone.catch((error: unknown) => end.reject(error));
  const services = await Promise.race([end.promise, aborted(stop.signal).then(() => null)]);
  if (services === null) return INTERRUPTED[state.interruption ?? 'interrupt'];
  if (session.flags.json !== null) printJson(session, services, SERVICE_KEYS);
  else note(session, session.flags.verbose ? [`${list(services.map(({ name }) => name))}: ${aim}`] : []);
  return 0;
}

/** Whether it will not get there by itself. */
function isLost({ state }: ApiService, aim: Aim): boolean {
  return aim !== 'stopped' && (state === 'failed' || state === 'blocked');
}

function hopeless(lost: readonly ApiService[], aim: Aim): RouseError {
  const names = lost.map(({ name }) => name);
  const [first] = lost;
  return new RouseError(
    'RSE2109',
    `cannot wait until ${list(names)} ${names.length === 1 ? 'is' : 'are'} ${aim}: ${first?.reason?.text ?? 'it failed'}`,
    {
      services: names,
      hint: `see why: rouse explain ${first?.name ?? ''}`,
    },
  );
}

function tooLate(aim: Aim, limitMs: number): RouseError {
  return new RouseError('RSE2201', `cannot wait longer until it is ${aim}: ${took(limitMs)} are over`, {
    hint: 'see how it stands: rouse ps',
  });
}
