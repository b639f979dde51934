/** `rouse ps`: one line a service. */
import type { ApiIncident } from '../contract/api-incident.ts';
import type { ApiService } from '../contract/api-service.ts';
import { connect } from './connection.ts';
import { checkFields, plainFields, plainValue, printJson, printJsonLine } from './json.ts';
import { SERVICE_KEYS } from './keys.ts';
import { openFeed } from './feed.ts';
import { openIncidents } from './incidents.ts';
import { aborted, untilInterrupted } from './interrupt.ts';
import { chosen } from './names.ts';
import { escapeLine } from './render/escape.ts';
import { psScreen } from './render/ps.ts';
import { type Session, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '[service...]',
  examples: [
    ['rouse ps', 'every service, stopped ones too'],
    ['rouse ps --json=name,status,ready', 'for programs'],
    ['kill -9 $(rouse ps web -o pid)', 'one field, without a header'],
  ],
  flags: [
    { spelling: '-f, --follow', text: 'print again whenever something changes' },
    { spelling: '-o, --output <columns>', text: '`wide`, or fields to print alone, separated by commas' },
  ],
  exits: [
    [0, 'printed'],
    [4, 'no such service'],
  ],
  run,
};

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, SERVICE_KEYS);
  const fields = plainFields(options, SERVICE_KEYS);
  using connection = await connect(session);
  const columns = options.text('output') === 'wide' ? 'wide' : 'usual';
  const show = (all: readonly ApiService[], incidents: readonly ApiIncident[]): void => {
    const services = chosen(all, args);
    if (fields !== null)
      printLines(
        session,
        services.map((service) => fields.map((field) => escapeLine(plainValue(service, field))).join('\t')),
      );
    else if (session.flags.json !== null) printJson(session, services, SERVICE_KEYS);
    else printLines(session, psScreen(services, { ...layoutOf(session), columns, incidents }));
  };
  if (!options.isOn('follow')) {
    const all = await connection.client.services.list();
    show(all, fields === null ? await openIncidents(session, connection, all) : []);
    return 0;
  }
  return await untilInterrupted(async (signal) => {
    const known = new Map<string, string>();
    using feed = await openFeed({
      client: connection.client,
      clock: session.clock,
      refresh: 'after-events',
      watcher: {
        event: () => undefined,
        services: (all) => {
          const fresh = chosen(all, args).filter((service) => hasMoved(service, known));
          if (fresh.length === 0) return;
          if (session.flags.json === null) show(all, []);
          else for (const service of fresh) printJsonLine(session, service, SERVICE_KEYS);
        },
      },
    });
    await Promise.race([feed.ended, aborted(signal)]);
  });
}

/** Whether something but the mere passing of time is different from when it was shown last. */
function hasMoved(service: ApiService, known: Map<string, string>): boolean {
  const { name, phase, step, state, ready, run: number, restarts, pid, pin, waiting_for: waitingFor } = service;
  const told = [service.health.healthy, service.saying, service.degraded_by];
  const print = JSON.stringify([phase, step, state, ready, number, restarts, pid, pin, waitingFor, ...told]);
  if (known.get(name) === print) return false;
  known.set(name, print);
  return true;
}

function layoutOf(session: Session): { style: Session['out']['style']; width: number | null; now: number } {
  return { style: session.out.style, width: session.out.columns(), now: session.clock.now() };
}
