/** The output of services under an attached `up`, with what happens to them in between. */
import type { ApiEvent } from '../contract/api-event.ts';
import type { ApiLogLine } from '../contract/api-log.ts';
import type { StateWord } from '../model/view.ts';
import type { Held } from './held.ts';
import { escapeJson, escapeLine } from './render/escape.ts';
import { eventWords, isTold, line } from './render/events.ts';
import { phaseWord } from './render/explain.ts';
import { logLine, prefixWidth } from './render/log-line.ts';
import { glyph, mark } from './render/style.ts';
import type { Session } from './session.ts';

/** Output that is being shown. Disposing ends it. */
export interface ShownOutput extends AsyncDisposable {
  event(event: ApiEvent): void;
  /** Shows or hides it from now on. */
  toggle(): 'shown' | 'hidden';
  /** Shows what is left of runs that have ended; then it ends. */
  finish(): Promise<void>;
}

const BACKLOG = 1000;

/** Begins to show output: that of services which this `up` has started from the begin of their run, else new lines. */
export function openOutput({ session, connection, options, names, startedAt, runsBefore }: Held): ShownOutput {
  const stop = new AbortController();
  const state: { shown: 'shown' | 'hidden' } = { shown: 'shown' };
  const wanted = options.logs;
  const isNew = ({ service, run, at }: ApiLogLine): boolean =>
    run > (runsBefore.get(service) ?? 0) || (at !== null && Date.parse(at) >= startedAt);
  const layout = {
    style: session.out.style,
    width: prefixWidth(names),
    prefix: 'name',
    times: options.times,
    control: 'escaped',
  } as const;
  const last = new Map<string, ApiLogLine>();
  const write = (one: ApiLogLine): void => {
    if (one.type === 'gap') last.delete(one.service);
    if (isAfter(one, last.get(one.service)) && state.shown === 'shown' && isNew(one))
      session.out.write(`${logLine(one, layout)}\n`);
    last.set(one.service, one);
  };
  const show = async (mode: 'follow' | 'read', signal: AbortSignal): Promise<void> => {
    if (wanted === 'none') return;
    const filter = { services: wanted, tail: BACKLOG, runs: 'last', signal } as const;
    for await (const one of connection.client.logs[mode](filter)) write(one);
  };
  // A daemon that is gone is noticed by the stream of events, which ends the whole; its output ends with it.
  const ended = show('follow', stop.signal).catch(() => undefined);
  return {
    event: (event) => {
      showEvent(session, event, layout.width);
    },
    toggle: () => {
      state.shown = state.shown === 'shown' ? 'hidden' : 'shown';
      return state.shown;
    },
    finish: async () => {
      stop.abort();
      await ended;
      await show('read', new AbortController().signal);
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
    },
  };
}

function isAfter(line: ApiLogLine, last: ApiLogLine | undefined): boolean {
  return last === undefined || line.run > last.run || (line.run === last.run && line.offset > last.offset);
}

/** What an event is shown with; null where it is not shown here. */
function signOf(event: ApiEvent): StateWord | 'files' | null {
  if (event.type === 'service.phase') return phaseWord(event.to);
  if (event.type === 'service.health') return event.to === 'healthy' ? 'ready' : 'unhealthy';
  return event.type === 'files.changed' && event.result !== 'unchanged' ? 'files' : null;
}

/** What happens to services while their output is shown: a short line on a terminal, a whole one elsewhere. */
function showEvent(session: Session, event: ApiEvent, nameWidth: number): void {
  const sign = signOf(event);
  if (sign === null) return;
  const words = eventWords(event);
  const { err } = session;
  if (session.flags.quiet) return;
  if (session.flags.progress === 'json') err.write(`${escapeJson(JSON.stringify(event))}\n`);
  else if (!isTold(event)) return;
  else if (err.stream === 'terminal') {
    const detail = words.detail === '' ? '' : `: ${words.detail}`;
    err.write(
      `${sign === 'files' ? mark(err.style, 'arrow') : glyph(err.style, sign)} ${escapeLine(`${words.subject} ${words.happened}${detail}`)}\n`,
    );
  } else err.write(`${line({ at: event.at, ...words }, { style: err.style, times: 'utc', nameWidth })}\n`);
}
