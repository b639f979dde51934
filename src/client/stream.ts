/** Server-sent events that outlive a broken connection: they are resumed where they stopped. */
import { type EventSourceMessage, createParser } from 'eventsource-parser';
import { ConnectionError, type RouseError, isRouseError } from '../model/errors.ts';
import type { CallOptions, Session } from './session.ts';
import type { WireReply } from './transport.ts';

/** What to follow. `query` is asked at every connection, with the last id seen (null at first). */
export interface StreamOptions {
  readonly path: string;
  readonly query: (lastId: string | null) => NonNullable<CallOptions['query']>;
  readonly signal: AbortSignal;
  /**
   * Asked when the daemon is lost, or has ended the stream (null): whether to connect again, or to end, quietly after null.
   * By default a lost one may be away for 10 s, and one that ended the stream is not waited for.
   */
  readonly lost?: LostStream | undefined;
}

/** What to do when a stream breaks or is ended by the daemon. */
export type LostStream = (error: RouseError | null) => Promise<'go-on' | 'end'>;

// A daemon that restarts is back within this time; one that is not is gone, and the reader is told.
const GIVE_UP_MS = 10_000;
const RETRY_MS = 200;
// Three missed heartbeats.
const SILENCE_MS = 45_000;

/**
 * The messages of a stream, across reconnections.
 * Shapes: ends when the daemon ends the stream with an `end` message, or when the signal aborts (without an error).
 * Errors: those of the first connection; ConnectionError when there is no daemon for 10 s.
 */
export async function* follow(session: Session, options: StreamOptions): AsyncGenerator<EventSourceMessage> {
  const progress: Progress = { lastId: null, brokenAt: null, connected: 'never' };
  while (!options.signal.aborted) {
    try {
      for await (const message of connection(session, options, progress)) {
        if (message.event !== 'end') yield message;
        else if (options.lost === undefined || (await options.lost(null)) === 'end') return;
        else break;
      }
    } catch (error) {
      if (options.signal.aborted) return;
      if (progress.connected === 'never' || !isPassing(error)) throw error;
      if (options.lost === undefined ? isOver(session, progress) : (await options.lost(error)) === 'end') throw error;
    }
    progress.brokenAt ??= session.clock.monotonic();
    await pause(session, options.signal);
  }
}

interface Progress {
  connected: 'never' | 'once';
  lastId: string | null;
  /** Monotonic ms at which the daemon was lost; null while it is heard. */
  brokenAt: number | null;
}

// A daemon that is busy, away or silent may be back; one that refuses will refuse again.
function isPassing(error: unknown): error is RouseError {
  return error instanceof ConnectionError || (isRouseError(error) && error.code === 'RSE2201');
}

function isOver(session: Session, progress: Progress): boolean {
  return progress.brokenAt !== null && session.clock.monotonic() - progress.brokenAt > GIVE_UP_MS;
}

async function* connection(
  session: Session,
  options: StreamOptions,
  progress: Progress,
): AsyncGenerator<EventSourceMessage> {
  const silence = new AbortController();
  const signal = AbortSignal.any([options.signal, silence.signal]);
  const reply = await session.open('GET', options.path, {
    query: options.query(progress.lastId),
    signal,
    headers: {
      accept: 'text/event-stream',
      ...(progress.lastId === null ? {} : { 'last-event-id': progress.lastId }),
    },
  });
  progress.brokenAt = null;
  progress.connected = 'once';
  let timer = watch(session, silence);
  try {
    for await (const messages of messagesOf(reply)) {
      timer[Symbol.dispose]();
      for (const message of messages) {
        progress.lastId = message.id ?? progress.lastId;
        yield message;
      }
      timer = watch(session, silence);
    }
  } finally {
    timer[Symbol.dispose]();
  }
}

function watch(session: Session, silence: AbortController): Disposable {
  return session.clock.after(SILENCE_MS, () => {
    silence.abort(new ConnectionError('RSE3002', `cannot hear the daemon: nothing came for ${SILENCE_MS} ms`));
  });
}

async function* messagesOf(reply: WireReply): AsyncGenerator<readonly EventSourceMessage[]> {
  let messages: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => messages.push(message) });
  const decoder = new TextDecoder();
  for await (const chunk of reply.body) {
    messages = [];
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield messages;
  }
}

function pause(session: Session, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = session.clock.after(RETRY_MS, done);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      timer[Symbol.dispose]();
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
