/** How an operation is shown while it goes on: a block that is redrawn, lines, NDJSON, or nothing. */
import type { ApiEvent } from '../contract/api-event.ts';
import type { ApiService } from '../contract/api-service.ts';
import { blockLines } from './render/block.ts';
import { escapeJson, escapeLine, escapeScreen } from './render/escape.ts';
import { type EventLayout, eventWords, isTold, line } from './render/events.ts';
import { timestamp, took } from './render/time.ts';
import { widthOf } from './render/width.ts';
import { remark } from './render/words.ts';
import type { Output, Session } from './session.ts';

/** What the operation is about. `names`: in starting order; `title`: said once before it. Units: epoch ms. */
export interface Subject {
  readonly title: string;
  readonly names: readonly string[];
  readonly aim: 'up' | 'down';
  readonly startedAt: number;
  readonly keys: string;
}

/**
 * A display. `begin` comes when the order is taken, then the rest in any order, then `end`; then `begin` may come again.
 * What happened before the first `begin` is shown after it.
 */
export interface Display {
  begin(subject: Subject): void;
  readonly event: (event: ApiEvent) => void;
  readonly services: (services: readonly ApiService[]) => void;
  /** Leaves what is shown as it is; nothing is redrawn after it. */
  end(): void;
  /** Whether it wants fresh state after events. */
  readonly refresh: 'after-events' | 'never';
}

const FRAME_MS = 100;
const HEARTBEAT_MS = 10_000;

/** The display that the flags and the terminal ask for. `latest` gives the state for heartbeats. */
export function openDisplay(session: Session, latest: () => Promise<readonly ApiService[]>): Display {
  const kind = kindOf(session);
  switch (kind) {
    case 'tty':
      return blockDisplay(session);
    case 'plain':
      return lineDisplay(session, latest);
    case 'json':
      return jsonDisplay(session.err);
    case 'quiet':
      return quietDisplay();
    default:
      return kind satisfies never;
  }
}

/** Which kind of display it is: what `--progress` says, else by the terminal; `--json` and `--quiet` show nothing. */
export function kindOf({ flags, err, env }: Session): 'tty' | 'plain' | 'json' | 'quiet' {
  if (flags.progress !== 'auto') return flags.progress;
  if (flags.json !== null || flags.quiet) return 'quiet';
  return err.stream === 'terminal' && env['TERM'] !== 'dumb' ? 'tty' : 'plain';
}

/** The block is drawn on stderr, at most ten times a second, above the cursor; what is printed later goes below it. */
function blockDisplay(session: Session): Display {
  const { err, clock } = session;
  let subject: Subject | null = null;
  let services: readonly ApiService[] = [];
  let drawn = 0;
  let timer: Disposable | null = null;
  const draw = (): void => {
    if (subject === null) return;
    const lines = blockLines({
      services: inOrder(services, subject.names),
      all: services,
      aim: subject.aim,
      startedAt: subject.startedAt,
      now: clock.now(),
      columns: err.columns() ?? 80,
      rows: err.rows() ?? 24,
      keys: subject.keys,
      style: err.style,
    });
    err.write(`${rewind(drawn)}${escapeScreen(lines.join('\n'))}\n`);
    drawn = lines.length;
  };
  const tick = (): void => {
    draw();
    timer = clock.after(FRAME_MS, tick);
  };
  return {
    refresh: 'after-events',
    begin: (next) => {
      subject = next;
      drawn = 0;
      err.write(`\u001B[?25l${next.title === '' ? '' : `${escapeScreen(next.title)}\n`}`);
      tick();
    },
    event: () => undefined,
    services: (fresh) => {
      services = fresh;
    },
    end: () => {
      timer?.[Symbol.dispose]();
      if (subject !== null) {
        draw();
        err.write('\u001B[?25h');
      }
      subject = null;
    },
  };
}

const rewind = (lines: number): string => (lines === 0 ? '' : `\u001B[${lines}A\u001B[J`);

/** The services named, in that order; the rest is left out. */
export function inOrder(services: readonly ApiService[], names: readonly string[]): readonly ApiService[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  return names.map((name) => byName.get(name)).filter((found) => found !== undefined);
}

/**
 * One line for each change of state, and one each ten seconds for whatever still moves; of the services that it is about,
 * and of those that are drawn in because they lost one of them.
 */
function lineDisplay(session: Session, latest: () => Promise<readonly ApiService[]>): Display {
  const { err, clock } = session;
  let timer: Disposable | null = null;
  let subject: Subject | null = null;
  const layout = (): EventLayout => ({
    style: err.style,
    times: err.stream === 'terminal' ? 'local' : 'utc',
    nameWidth: Math.max(1, ...(subject?.names ?? []).map((name) => widthOf(escapeLine(name)))),
  });
  const early: ApiEvent[] = [];
  const meant = new Set<string>();
  const show = (event: ApiEvent): void => {
    const words = isAbout(event, meant) ? progressWords(event) : null;
    if (words !== null) err.write(`${line({ at: event.at, ...words }, layout())}\n`);
  };
  const heartbeat = async (): Promise<void> => {
    const services = await latest();
    const now = clock.now();
    const moving = services.filter(({ state }) => state === 'starting' || state === 'stopping');
    for (const service of moving.filter(({ name }) => meant.has(name))) {
      const detail = `${took(now - Date.parse(service.since))}: ${remark(service, services, err.style, now)}`;
      err.write(`${line({ at: timestamp(now), subject: service.name, happened: service.state, detail }, layout())}\n`);
    }
  };
  const wait = (): void => {
    timer = clock.after(HEARTBEAT_MS, () => {
      // A daemon that does not answer is noticed by the event stream; a heartbeat less is no loss.
      heartbeat().catch(() => undefined);
      wait();
    });
  };
  return {
    refresh: 'never',
    begin: (next) => {
      subject = next;
      for (const name of next.names) meant.add(name);
      const words = { at: timestamp(next.startedAt), subject: '-', happened: next.aim, detail: next.title };
      if (next.title !== '') err.write(`${line(words, layout())}\n`);
      for (const event of early.splice(0)) show(event);
      wait();
    },
    // What happens between the order and its being taken is told below its title.
    event: (event) => {
      if (subject === null) early.push(event);
      else show(event);
    },
    services: () => undefined,
    end: () => {
      timer?.[Symbol.dispose]();
    },
  };
}

/** Whether an event is about one of them. Who lost one of them is one from then on. */
function isAbout(event: ApiEvent, meant: Set<string>): boolean {
  const name = 'service' in event ? event.service : event.type === 'change.progress' ? event.task.service : null;
  if (name === null) return true;
  const cause = event.type === 'service.phase' ? event.reason.service : null;
  if (cause !== null && meant.has(cause)) meant.add(name);
  return meant.has(name);
}

/** What a line of progress says of an event; null where it says nothing to people. */
function progressWords(event: ApiEvent): ReturnType<typeof eventWords> | null {
  if (!isTold(event)) return null;
  if (event.type === 'service.phase') return event.to === 'waiting' ? null : eventWords(event);
  if (event.type === 'service.health')
    return event.from === 'unknown' && event.to === 'healthy' ? null : eventWords(event);
  if (event.type !== 'change.progress' || event.task.state !== 'failed') return null;
  const { service, root } = event.task;
  return root === null || root === service ? null : { subject: service, happened: 'blocked', detail: `by ${root}` };
}

function jsonDisplay(err: Output): Display {
  return {
    refresh: 'never',
    begin: () => undefined,
    event: (event) => {
      err.write(`${escapeJson(JSON.stringify(event))}\n`);
    },
    services: () => undefined,
    end: () => undefined,
  };
}

function quietDisplay(): Display {
  return {
    refresh: 'never',
    begin: () => undefined,
    event: () => undefined,
    services: () => undefined,
    end: () => undefined,
  };
}
