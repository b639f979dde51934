/** Batches of lines to single lines, at the price of one promise a line. */
import type { LogLine } from '../model/log-line.ts';

type Result = IteratorResult<LogLine, undefined>;

const END = { value: undefined, done: true } as const;

/**
 * The lines of the batches, in order. Batches may be empty; the next is asked for when the last is used up.
 * Written by hand, because an async generator that gives lines out one by one costs more than reading and splitting them.
 * Shapes: several may be asked for at once and come in the order of asking. Ending the iteration ends the batches.
 */
export function oneByOne(batches: AsyncGenerator<readonly LogLine[], void>): AsyncIterableIterator<LogLine, undefined> {
  let batch: readonly LogLine[] = [];
  let at = 0;
  /** The batch that is on its way; everybody who asks meanwhile waits for it. */
  let coming: Promise<void> | null = null;
  let ended: 'no' | 'yes' = 'no';

  async function refill(): Promise<void> {
    const { value, done } = await batches.next().finally(() => {
      coming = null;
    });
    if (done === true) ended = 'yes';
    batch = value ?? [];
    at = 0;
  }
  function next(): Promise<Result> {
    if (coming !== null) return coming.then(() => next());
    const line = batch[at];
    if (line !== undefined) {
      at += 1;
      return Promise.resolve({ value: line, done: false });
    }
    if (ended === 'yes') return Promise.resolve(END);
    coming = refill();
    return coming.then(() => next());
  }
  return {
    next,
    async return() {
      ended = 'yes';
      batch = [];
      await batches.return();
      return END;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
