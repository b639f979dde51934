/** `rouse events`: what happened, and what happens. */
import type { ApiEvent } from '../contract/api-event.ts';
import { connect } from './connection.ts';
import { untilInterrupted } from './interrupt.ts';
import { checkFields, printJson, printJsonLine } from './json.ts';
import { EVENT_KEYS } from './keys.ts';
import { chosen } from './names.ts';
import { escapeLine } from './render/escape.ts';
import { type EventLayout, eventLine, isTold } from './render/events.ts';
import { widthOf } from './render/width.ts';
import { type Session, note, printLines } from './session.ts';
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
  using connection = await connect(session);
  const { client } = connection;
  const names = chosen(await client.services.list(), args).map(({ name }) => name);
  const layout = layoutOf(session, names);
  const filter = { types: options.texts('type').flatMap((text) => text.split(',')), services: args };
  const sinceSeq = options.count('sinceSeq');
  const limit = options.count('lines') ?? LINES;
  // Of what people are not told of nothing may be counted, so more is asked for than is shown.
  const isAll = session.flags.json !== null || filter.types.length > 0;
  const found = await client.events.page({
    ...filter,
    limit: isAll ? limit : Math.max(limit, MOST),
    ...(sinceSeq === null ? {} : { sinceSeq }),
  });
  const told = isAll ? found : found.filter(isTold);
  const page = sinceSeq === null ? told.slice(Math.max(0, told.length - limit)) : told.slice(0, limit);
  if (!options.isOn('follow')) {
    if (session.flags.json === null)
      printLines(
        session,
        page.map((event) => eventLine(event, layout)),
      );
    else printJson(session, page, EVENT_KEYS);
    return 0;
  }
  const show = (event: ApiEvent): void => {
    if (!isAll && !isTold(event)) return;
    if (session.flags.json === null) printLines(session, [eventLine(event, layout)]);
    else printJsonLine(session, event, EVENT_KEYS);
  };
  for (const event of page) show(event);
  return await untilInterrupted(async (signal) => {
    const last = page.at(-1)?.seq ?? sinceSeq;
    const stream = client.events.follow({ ...filter, ...(last === null ? {} : { sinceSeq: last }), signal });
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
