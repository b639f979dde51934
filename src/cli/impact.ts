/** `rouse impact`: who is affected when a service stops. */
import { connect } from './connection.ts';
import { printJson } from './json.ts';
import { inOrder } from './display.ts';
import { escapeLine } from './render/escape.ts';
import { incidentText } from './render/incidents.ts';
import { pad, widthOf } from './render/width.ts';
import { stateCell } from './render/words.ts';
import { type Session, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '<service>',
  examples: [['rouse impact db', 'everything that needs db, nearest first']],
  flags: [],
  exits: [
    [0, 'printed'],
    [4, 'no such service'],
  ],
  run,
};

const KEYS = ['service', 'affected'] as const;

async function run(session: Session, { args }: Input): Promise<number> {
  const [name = ''] = args;
  using connection = await connect(session);
  const affected = await connection.client.services.impact(name);
  if (session.flags.json !== null) {
    printJson(session, { service: name, affected }, KEYS);
    return 0;
  }
  const incident = (await connection.client.plans.incidents()).find(({ service }) => service === name);
  const services = inOrder(await connection.client.services.list(), affected);
  const head = affected.length === 0 ? `nothing needs ${escapeLine(name)}` : `when ${escapeLine(name)} stops:`;
  const width = Math.max(0, ...services.map((service) => widthOf(escapeLine(service.name))));
  printLines(session, [
    ...(incident === undefined ? [] : [incidentText(incident, session.clock.now())]),
    head,
    ...services.map((service) => `  ${pad(escapeLine(service.name), width)}  ${stateCell(session.out.style, service)}`),
  ]);
  return 0;
}
