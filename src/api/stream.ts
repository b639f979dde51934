/**
 * A stream that is pulled, never pushed: the next message is asked for when the reader has taken the last one, so a slow
 * reader costs its subscription's bounded buffer and nothing here. A quiet stream says every 15 s that it is alive.
 */
import type { Clock } from '../ports/clock.ts';
import type { Reply } from './reply.ts';

/** The shape a reader asked for. */
export type StreamFormat = 'sse' | 'ndjson';

/** One message: its number for resuming (null = none), its event, and its content. */
export interface Message {
  readonly id: string | null;
  readonly event: string;
  readonly content: object;
}

/** What a stream is made from. `stop` is aborted when the reader has gone. */
export interface StreamSource {
  readonly format: StreamFormat;
  readonly messages: AsyncGenerator<Message>;
  readonly clock: Clock;
  readonly stop: AbortController;
}

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 2000;
const TYPES: Readonly<Record<StreamFormat, string>> = {
  sse: 'text/event-stream; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

/** The shape that an Accept header asks for; null = a page. */
export function formatOf(accept: string | null): StreamFormat | null {
  if (accept?.includes('text/event-stream') === true) return 'sse';
  return accept?.includes('application/x-ndjson') === true ? 'ndjson' : null;
}

/** 200 with the messages as they come. Server-sent events end with an `end` event: there is nothing to come back for. */
export function streamed(source: StreamSource): Reply {
  const { format, clock, messages } = source;
  const encoder = new TextEncoder();
  let next: Awaited | null = null;
  const body = new ReadableStream<Uint8Array>(
    {
      start: (sink) => {
        if (format === 'sse') sink.enqueue(encoder.encode(`retry: ${RETRY_MS}\n\n`));
      },
      pull: async (sink) => {
        next ??= begin(messages);
        await settledOrQuiet(next, clock);
        const { outcome } = next;
        if (outcome === null) {
          sink.enqueue(encoder.encode(format === 'sse' ? `: hb ${timeOfDay(clock)}\n\n` : '\n'));
          return;
        }
        next = null;
        if (outcome instanceof Error) throw outcome;
        if (outcome.done === true) {
          if (format === 'sse') sink.enqueue(encoder.encode('event: end\ndata: {}\n\n'));
          sink.close();
          return;
        }
        sink.enqueue(encoder.encode(written(format, outcome.value)));
      },
      cancel: async () => {
        source.stop.abort();
        await messages.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return { status: 200, headers: { 'content-type': TYPES[format], 'x-accel-buffering': 'no' }, body };
}

/** A message in its shape. JSON never holds a raw newline, so one `data` line is enough. */
function written(format: StreamFormat, message: Message): string {
  const text = JSON.stringify(message.content);
  if (format === 'ndjson') return `${text}\n`;
  return `${message.id === null ? '' : `id: ${message.id}\n`}event: ${message.event}\ndata: ${text}\n\n`;
}

/** A message that was asked for. One reaction a message, however many heartbeats pass until it comes. */
interface Awaited {
  outcome: IteratorResult<Message> | Error | null;
  wake: () => void;
}

function begin(messages: AsyncGenerator<Message>): Awaited {
  const awaited: Awaited = { outcome: null, wake: () => undefined };
  const settle = (outcome: IteratorResult<Message> | Error): void => {
    awaited.outcome = outcome;
    awaited.wake();
  };
  messages.next().then(settle, (error: unknown) => {
    settle(error instanceof Error ? error : new Error('the stream broke', { cause: error }));
  });
  return awaited;
}

async function settledOrQuiet(awaited: Awaited, clock: Clock): Promise<void> {
  if (awaited.outcome !== null) return;
  const quiet = Promise.withResolvers<undefined>();
  using _timer = clock.after(HEARTBEAT_MS, () => {
    quiet.resolve(undefined);
  });
  awaited.wake = () => {
    quiet.resolve(undefined);
  };
  await quiet.promise;
}

function timeOfDay(clock: Clock): string {
  return new Date(clock.now()).toISOString().slice(11, 19);
}
