/** `rouse status`: services in detail, or all of them at a glance. */
import type { ApiService } from '../contract/api-service.ts';
import { type Connection, connect } from './connection.ts';
import { openIncidents } from './incidents.ts';
import { checkFields, printJson } from './json.ts';
import { SERVICE_KEYS } from './keys.ts';
import { chosen } from './names.ts';
import { psScreen } from './render/ps.ts';
import { statusScreen } from './render/status.ts';
import { type Session, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '[service...]',
  examples: [
    ['rouse status', 'all services at a glance'],
    ['rouse status web', 'one in detail, with its last output'],
    ['rouse status --exit-code -q && deploy', 'go on only when everything is up'],
  ],
  flags: [
    { spelling: '--exit-code', text: 'answer by the exit code' },
    { spelling: '-n, --lines <number>', text: 'last lines of output to show (5)' },
  ],
  exits: [
    [0, 'printed; with --exit-code: all of them are up'],
    [1, 'with --exit-code: one has failed'],
    [3, 'with --exit-code: one is not running'],
    [4, 'no such service'],
  ],
  run,
};

const LINES = 5;

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, SERVICE_KEYS);
  using connection = await connect(session);
  const all = await connection.client.services.list();
  const services = chosen(all, args);
  if (session.flags.json !== null) printJson(session, services, SERVICE_KEYS);
  else if (!session.flags.quiet)
    printLines(
      session,
      await linesOf(session, connection, { all, services, tail: options.count('lines') ?? LINES, args }),
    );
  return options.isOn('exitCode') ? exitCodeOf(services) : 0;
}

interface Shown {
  readonly all: readonly ApiService[];
  readonly services: readonly ApiService[];
  readonly tail: number;
  readonly args: readonly string[];
}

async function linesOf(session: Session, connection: Connection, shown: Shown): Promise<string[]> {
  const { client } = connection;
  const { style } = session.out;
  const now = session.clock.now();
  if (shown.args.length === 0) {
    const incidents = await openIncidents(session, connection, shown.all);
    return psScreen(shown.services, { style, width: session.out.columns(), now, columns: 'usual', incidents });
  }
  const screens: string[][] = [];
  for (const service of shown.services) {
    const lines = shown.tail === 0 ? [] : await client.logs.page({ services: [service.name], tail: shown.tail });
    screens.push(statusScreen(service, { services: shown.all, lastLines: lines.map(({ text }) => text), style, now }));
  }
  return screens.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

/** 0 all up or done, 1 one has failed, 3 one is not running. What starts or is retried does not run yet. */
export function exitCodeOf(services: readonly ApiService[]): number {
  if (services.some(({ state }) => state === 'failed' || state === 'blocked')) return 1;
  return services.every(({ state }) => state === 'ready' || state === 'done' || state === 'unhealthy') ? 0 : 3;
}
