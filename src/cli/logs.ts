/** `rouse logs`: output of services. */
import type { LogFilter } from '../client/client.ts';
import type { ApiLogLine } from '../contract/api-log.ts';
import { parseDuration } from '../model/duration.ts';
import { connect } from './connection.ts';
import { untilInterrupted } from './interrupt.ts';
import { checkFields, printJson, printJsonLine } from './json.ts';
import { LOG_KEYS } from './keys.ts';
import { chosen } from './names.ts';
import { type Options, usage } from './options.ts';
import { logLine, prefixWidth } from './render/log-line.ts';
import type { Session } from './session.ts';
import { openSource } from './source.ts';
import type { Source } from './stored.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '[service...]',
  examples: [
    ['rouse logs web -f', 'follow, across restarts'],
    ['rouse logs --grep error -n 50', 'lines of all services with "error" among the last 50 of those'],
    ['rouse logs web --no-prefix > web.log', 'the bytes that web wrote'],
  ],
  flags: [
    { spelling: '-f, --follow', text: 'go on with new lines, and with services that start later' },
    { spelling: '-n, --lines <number>', text: 'the last so many lines (200 on a terminal, else all)' },
    { spelling: '--tail <number>', text: 'the same as --lines' },
    { spelling: '--no-prefix', text: 'without the name before each line' },
    { spelling: '-t, --timestamps', text: 'with the time of each line, where it is known' },
    { spelling: '--previous', text: 'of the run before the last' },
    { spelling: '--since <when>', text: 'from then on: a duration such as 10m, or a time' },
    { spelling: '--until <when>', text: 'until then' },
    { spelling: '--grep <pattern>', text: 'only lines that match the regular expression' },
    { spelling: '-i, --ignore-case', text: 'let --grep ignore case' },
    { spelling: '--invert', text: 'only lines that do not match' },
    { spelling: '--raw', text: 'control characters as they are, also on a terminal' },
  ],
  exits: [
    [0, 'printed'],
    [4, 'no such service'],
  ],
  run,
};

const TERMINAL_LINES = 200;

/** What of the lines is wanted. Times are epoch ms. */
interface Wish {
  readonly tail: number | null;
  readonly since: number | null;
  readonly until: number | null;
  readonly matches: (text: string) => boolean;
  readonly filtered: 'yes' | 'no';
}

async function run(session: Session, { args, options }: Input): Promise<number> {
  checkFields(session, LOG_KEYS);
  const wish = wishOf(session, options);
  if (options.isOn('follow')) return followLines(session, { args, options }, wish);
  using source = await openSource(session);
  const services = chosen(source.services, args);
  if (isBytes(session, { args, options }, wish)) {
    session.out.write(await source.logs.bytes(args[0] ?? '', wish.tail));
    return 0;
  }
  const write = writer(session, options, widthOf(services));
  return await untilInterrupted(async (signal) => {
    write(await lastLines(source, { filter: filterOf({ args, options }), wish, signal }), 'all');
  });
}

async function followLines(session: Session, { args, options }: Input, wish: Wish): Promise<number> {
  using connection = await connect(session);
  const { client } = connection;
  const write = writer(session, options, widthOf(chosen(await client.services.list(), args)));
  return await untilInterrupted(async (signal) => {
    const filter = filterOf({ args, options });
    for await (const line of client.logs.follow({ ...filter, tail: wish.tail, signal }))
      if (isWanted(line, wish)) write([line], 'more');
  });
}

const widthOf = (services: readonly { readonly name: string }[]): number =>
  prefixWidth(services.map(({ name }) => name));

const filterOf = ({ args, options }: Input): LogFilter => ({
  services: args,
  runs: options.isOn('previous') ? 'previous' : 'all',
});

/** The service's own bytes: asked without a prefix, where nothing is to be chosen from and no terminal to be harmed. */
function isBytes(session: Session, { args, options }: Input, wish: Wish): boolean {
  const isPlain = options.isOff('prefix') && !options.isOn('timestamps') && !options.isOn('follow');
  const isSafe = session.out.stream === 'pipe' || options.isOn('raw');
  return isPlain && isSafe && args.length === 1 && wish.filtered === 'no' && session.flags.json === null;
}

// With a pattern or times, "the last n" means n of the lines that fit, so all have to be looked at.
async function lastLines(
  { logs }: Source,
  { filter, wish, signal }: { readonly filter: LogFilter; readonly wish: Wish; readonly signal: AbortSignal },
): Promise<readonly ApiLogLine[]> {
  const kept: ApiLogLine[] = [];
  const tail = wish.filtered === 'yes' ? null : wish.tail;
  for await (const line of logs.read({ ...filter, tail, signal })) {
    if (!isWanted(line, wish)) continue;
    kept.push(line);
    if (wish.tail !== null && kept.length > wish.tail) kept.shift();
  }
  return kept;
}

function isWanted(line: ApiLogLine, wish: Wish): boolean {
  const at = line.at === null ? null : Date.parse(line.at);
  if (wish.since !== null && at !== null && at < wish.since) return false;
  if (wish.until !== null && at !== null && at > wish.until) return false;
  return wish.matches(line.text);
}

/** Writes lines in the form that was asked for: `all` at once, or `more` while following. */
function writer(
  session: Session,
  options: Options,
  width: number,
): (lines: readonly ApiLogLine[], extent: 'all' | 'more') => void {
  const layout = {
    style: session.out.style,
    width,
    prefix: options.isOff('prefix') ? 'none' : 'name',
    times: options.isOn('timestamps') ? 'shown' : 'hidden',
    control: options.isOn('raw') || (session.out.stream === 'pipe' && options.isOff('prefix')) ? 'raw' : 'escaped',
  } as const;
  return (lines, extent) => {
    if (session.flags.json !== null) {
      if (extent === 'all') printJson(session, lines, LOG_KEYS);
      else for (const line of lines) printJsonLine(session, line, LOG_KEYS);
    } else for (const line of lines) session.out.write(`${logLine(line, layout)}\n`);
  };
}

function wishOf(session: Session, options: Options): Wish {
  const now = session.clock.now();
  const pattern = options.text('grep');
  const since = momentOf('since', options.text('since'), now);
  const until = momentOf('until', options.text('until'), now);
  const expression = pattern === null ? null : expressionOf(pattern, options.isOn('ignoreCase') ? 'iu' : 'u');
  const hit = options.isOn('invert') ? 'no' : 'yes';
  return {
    tail:
      options.count('lines') ?? options.count('tail') ?? (session.out.stream === 'terminal' ? TERMINAL_LINES : null),
    since,
    until,
    matches: (text) => expression === null || expression.test(text) === (hit === 'yes'),
    filtered: expression !== null || since !== null || until !== null ? 'yes' : 'no',
  };
}

function expressionOf(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw usage(`cannot read --grep: ${cause}`, 'a regular expression of JavaScript, e.g. "error|warn"');
  }
}

/** A moment out of `10m` (ago) or a time that JavaScript reads. Units: epoch ms. */
function momentOf(flag: string, text: string | null, now: number): number | null {
  if (text === null) return null;
  const ago = parseDuration(text);
  const at = ago === null ? Date.parse(text) : now - ago;
  if (!Number.isNaN(at)) return at;
  throw usage(
    `cannot read --${flag}: "${text}" is neither a duration nor a time`,
    `e.g. --${flag} 10m, or 2026-11-24T12:00:00Z`,
  );
}
