/** `rouse logs`: output of services. */
import type { LogFilter } from '../client/client.ts';
import type { ApiLogLine } from '../contract/api-log.ts';
import { LOG_LEVELS } from '../ports/log-store.ts';
import { connect } from './connection.ts';
import { untilBack } from './daemon-back.ts';
import { untilInterrupted } from './interrupt.ts';
import { checkFields, jsonText, printJson, printJsonLine } from './json.ts';
import { LOG_KEYS } from './keys.ts';
import { chosen, meantNames } from './names.ts';
import { momentOf } from './moment.ts';
import { type Options, usage } from './options.ts';
import { logLine, prefixWidth } from './render/log-line.ts';
import type { Session } from './session.ts';
import { openSource } from './source.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '[service...]',
  examples: [
    ['rouse logs web -f', 'follow, across restarts'],
    ['rouse logs --grep error -n 50', 'lines of all services with "error" among the last 50 of those'],
    ['rouse logs web --since 10m --level warn', 'warnings and worse of the last ten minutes'],
    ['rouse logs web --bytes > web.log', 'the bytes that web wrote'],
  ],
  flags: [
    { spelling: '-f, --follow', text: 'go on with new lines, and with services that start later' },
    { spelling: '-n, --lines <number>', text: 'the last so many lines (200 on a terminal, else all)' },
    { spelling: '--tail <number>', text: 'the same as --lines' },
    { spelling: '--no-prefix', text: 'without the name before each line' },
    { spelling: '-t, --timestamps', text: 'with the time of each line, where it is known' },
    { spelling: '--previous', text: 'of the run before the last' },
    { spelling: '--since <when>', text: 'written from then on: a duration such as 10m, or a time of RFC 3339' },
    { spelling: '--until <when>', text: 'written until then' },
    { spelling: '--grep <pattern>', text: 'only lines that match the expression (RE2)' },
    { spelling: '-i, --ignore-case', text: 'let --grep ignore case' },
    { spelling: '--invert', text: 'only lines that do not match' },
    { spelling: '--level <level>', text: 'only lines as severe as that: trace, debug, info, warn, error, fatal' },
    { spelling: '--after <cursor>', text: 'go on behind the line with that cursor (see --json)', many: 'list' },
    { spelling: '--bytes', text: 'the exact bytes of one service, nothing added' },
    { spelling: '--raw', text: 'control characters as they are, also on a terminal' },
  ],
  exits: [
    [0, 'printed'],
    [4, 'no such service'],
  ],
  run,
};

const TERMINAL_LINES = 200;

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, LOG_KEYS);
  const asked = filterOf(session, { args, options });
  if (options.isOn('follow')) return followLines(session, { args, options }, asked);
  using source = await openSource(session);
  const services = chosen(source.services, args);
  const names = meantNames(source.services, args);
  const filter = { ...asked, services: names };
  if (isBytes(session, { args: names, options })) {
    session.out.write(await source.logs.bytes(names[0] ?? '', filter.tail ?? null));
    return 0;
  }
  const shown = writer(session, options, widthOf(services));
  return await untilInterrupted(async (signal) => {
    shown.begin();
    for await (const line of source.logs.read({ ...filter, signal })) {
      shown.line(line);
      await session.out.drained?.();
    }
    shown.end();
  });
}

// Following goes on through restarts of the daemon too: each line has its place, and the next daemon is asked from there.
async function followLines(session: Session, { args, options }: Input, filter: LogFilter): Promise<number> {
  using connection = await connect(session);
  const { client, project } = connection;
  const known = await client.services.list();
  const services = meantNames(known, args);
  const shown = writer(session, options, widthOf(chosen(known, args)));
  return await untilInterrupted(async (signal) => {
    const lost = untilBack(session, project, signal);
    for await (const line of client.logs.follow({ ...filter, services, signal, lost })) shown.line(line);
  });
}

const widthOf = (services: readonly { readonly name: string }[]): number =>
  prefixWidth(services.map(({ name }) => name));

/** The service's own bytes: asked for, or asked without a prefix where nothing is chosen from and no terminal to be harmed. */
function isBytes(session: Session, { args, options }: Input): boolean {
  const isChoice = CHOICES.some((name) => options.text(name) !== null) || options.texts('after').length > 0;
  const isPlain = !isChoice && !options.isOn('previous') && session.flags.json === null;
  if (options.isOn('bytes')) {
    if (isPlain && args.length === 1 && !options.isOn('timestamps')) return true;
    throw usage('cannot give bytes: they are of one service, and whole', 'e.g. rouse logs web --bytes -n 100');
  }
  const isSafe = session.out.stream === 'pipe' || options.isOn('raw');
  return options.isOff('prefix') && !options.isOn('timestamps') && isPlain && isSafe && args.length === 1;
}

const CHOICES = ['since', 'until', 'grep', 'level'] as const;

/** How lines are written. While following there is no begin and no end: a document each. */
interface Shown {
  readonly begin: () => void;
  readonly line: (line: ApiLogLine) => void;
  readonly end: () => void;
}

function writer(session: Session, options: Options, width: number): Shown {
  const layout = {
    style: session.out.style,
    width,
    prefix: options.isOff('prefix') ? 'none' : 'name',
    times: options.isOn('timestamps') ? 'shown' : 'hidden',
    control: options.isOn('raw') || (session.out.stream === 'pipe' && options.isOff('prefix')) ? 'raw' : 'escaped',
  } as const;
  if (session.flags.json === null)
    return options.isOn('follow')
      ? { begin: nothing, line: (line) => session.out.write(`${logLine(line, layout)}\n`), end: nothing }
      : inPieces(session, (line) => `${logLine(line, layout)}\n`);
  if (options.isOn('follow'))
    return { begin: nothing, line: (line) => printJsonLine(session, line, LOG_KEYS), end: nothing };
  return jsonList(session);
}

const nothing = (): void => undefined;

const PIECE_LENGTH = 64 * 1024;

/** Many lines at once: a write for each costs more than everything else. */
function inPieces(session: Session, textOf: (line: ApiLogLine) => string): Shown {
  let piece = '';
  const flush = (): void => {
    if (piece !== '') session.out.write(piece);
    piece = '';
  };
  return {
    begin: nothing,
    line: (line) => {
      piece += textOf(line);
      if (piece.length >= PIECE_LENGTH) flush();
    },
    end: flush,
  };
}

// A list of any length goes out line by line; only people on a terminal get it indented, and hold as much as they asked for.
function jsonList(session: Session): Shown {
  const kept: ApiLogLine[] = [];
  if (session.out.stream === 'terminal')
    return { begin: nothing, line: (line) => kept.push(line), end: () => printJson(session, kept, LOG_KEYS) };
  let before = '';
  const { line, end } = inPieces(session, (one) => `${before}${jsonText(session, one, LOG_KEYS)}`);
  return {
    begin: () => session.out.write('['),
    line: (one) => {
      line(one);
      before = ',';
    },
    end: () => {
      end();
      session.out.write(']\n');
    },
  };
}

function filterOf(session: Session, { args, options }: Input): LogFilter {
  const now = session.clock.now();
  const level = options.text('level')?.replace(/\+$/, '').toLowerCase() ?? null;
  if (level !== null && !LOG_LEVELS.some((word) => word === level))
    throw usage(`cannot read --level: "${level}" is no level`, `levels: ${LOG_LEVELS.join(', ')}`);
  return {
    services: args,
    runs: options.isOn('previous') ? 'previous' : 'all',
    tail:
      options.count('lines') ?? options.count('tail') ?? (session.out.stream === 'terminal' ? TERMINAL_LINES : null),
    since: momentOf('since', options.text('since'), now),
    until: momentOf('until', options.text('until'), now),
    grep: options.text('grep'),
    ignoreCase: options.isOn('ignoreCase'),
    invert: options.isOn('invert'),
    level,
    after: options.texts('after').flatMap((text) => text.split(',')),
  };
}
