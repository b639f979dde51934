/** `rouse events`: what happened, and what happens. */
import type { ApiEvent } from '../contract/api-event.ts';
import { connect } from './connection.ts';
import { untilInterrupted } from './interrupt.ts';
import { checkFields, printJson, printJsonLine } from './json.ts';
import { EVENT_KEYS } from './keys.ts';
import { chosen, meantNames } from './names.ts';
import { escapeLine } from './render/escape.ts';
import { type EventLayout, eventLine, isTold } from './render/events.ts';
import { widthOf } from './render/width.ts';
import { type Session, note, printLines } from './session.ts';
import { openSource } from './source.ts';
import type { Source } from './stored.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '[service...]',
  examples: [
    ['rouse events', 'what happened so far'],
    ['rouse events -f web', 'what happens to web from now on'],
    ['rouse events --type service.exit --json', 'every end of a process, for programs'],
  ],
  flags: [
    { spelling: '-f, --follow', text: 'go on with new events' },
    { spelling: '-n, --lines <number>', text: 'the last so many (100)' },
    { spelling: '--type <type>', text: 'only these, e.g. service.phase or change.*', many: 'list' },
    { spelling: '--since-seq <number>', text: 'only those after this number' },
  ],
  exits: [
    [0, 'printed'],
    [4, 'no such service'],
  ],
  run,
};

const LINES = 100;
const MOST = 1000;

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, EVENT_KEYS);
  const wish = wishOf(session, { args, options });
  if (options.isOn('follow')) return followEvents(session, wish);
  using source = await openSource(session);
  const names = chosen(source.services, args).map(({ name }) => name);
  const page = await pageOf(source.events, { ...wish, services: meantNames(source.services, args) });
  const layout = layoutOf(session, names);
  if (session.flags.json !== null) printJson(session, page, EVENT_KEYS);
  else
    printLines(
      session,
      page.map((event) => eventLine(event, layout)),
    );
  return 0;
}

/** Which events are wanted. `shown`: all of them, or only those that people are told of. */
interface Wish {
  readonly services: readonly string[];
  readonly types: readonly string[];
  readonly limit: number;
  readonly sinceSeq: number | null;
  readonly shown: 'all' | 'told';
}

function wishOf({ flags }: Session, { args, options }: Input): Wish {
  const types = options.texts('type').flatMap((text) => text.split(','));
  return {
    services: args,
    types,
    limit: options.count('lines') ?? LINES,
    sinceSeq: options.count('sinceSeq'),
    shown: flags.json !== null || types.length > 0 ? 'all' : 'told',
  };
}

async function pageOf(events: Source['events'], wish: Wish): Promise<readonly ApiEvent[]> {
  const { services, types, limit, sinceSeq, shown } = wish;
  const found = await events.page({
    services,
    types,
    // Those that are left out are not counted, so more are asked for than are shown.
    limit: shown === 'all' ? limit : Math.max(limit, MOST),
    ...(sinceSeq === null ? {} : { sinceSeq }),
  });
  const told = shown === 'all' ? found : found.filter(isTold);
  return sinceSeq === null ? told.slice(Math.max(0, told.length - limit)) : told.slice(0, limit);
}

async function followEvents(session: Session, wish: Wish): Promise<number> {
  using connection = await connect(session);
  const { client } = connection;
  const { types, sinceSeq, shown } = wish;
  const known = await client.services.list();
  const services = meantNames(known, wish.services);
  const names = chosen(known, services).map(({ name }) => name);
  const layout = layoutOf(session, names);
  const show = (event: ApiEvent): void => {
    if (shown === 'told' && !isTold(event)) return;
    if (session.flags.json === null) printLines(session, [eventLine(event, layout)]);
    else printJsonLine(session, event, EVENT_KEYS);
  };
  const page = await pageOf(client.events, { ...wish, services });
  for (const event of page) show(event);
  return await untilInterrupted(async (signal) => {
    const last = page.at(-1)?.seq ?? sinceSeq;
    const stream = client.events.follow({ services, types, ...(last === null ? {} : { sinceSeq: last }), signal });
    for await (const event of stream) {
      if (event.type === 'gap') note(session, [`missed ${event.dropped} events: too slow a reader`]);
      else if (event.type === 'reset') note(session, [`events before ${event.oldest_seq} are no longer kept`]);
      else if (event.type !== 'snapshot') show(event);
    }
  });
}

function layoutOf(session: Session, names: readonly string[]): EventLayout {
  return {
    style: session.out.style,
    times: session.out.stream === 'terminal' ? 'local' : 'utc',
    nameWidth: Math.max(1, ...names.map((name) => widthOf(escapeLine(name)))),
  };
}
