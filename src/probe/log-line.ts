/**
 * Whether a line of the run's output matches a pattern.
 *
 * The output is followed from its beginning until the first match, which is final for the run. Patterns are RE2's and
 * matched in linear time, since both they and the output may be hostile.
 */
import assert from 'node:assert/strict';
import { RE2JS } from 're2js';
import type { LogStore } from '../ports/log-store.ts';
import type { ProbeSubject } from '../ports/prober.ts';
import { type Answer, type Asker, type ProbeKind, fail, pass } from './kind.ts';

/** A kind that passes once a line has matched; the evidence is the line. */
export function logLineKind(logs: LogStore): ProbeKind {
  return {
    price: 'cheap',
    key: ({ service, run, probe }) => JSON.stringify([service, run, probe.target]),
    open: (subject, wake) => {
      const { target } = subject.probe;
      assert(target.type === 'log');
      return lineAsker({ logs, subject, wake, pattern: target.pattern });
    },
  };
}

interface LineSearch {
  readonly logs: LogStore;
  readonly subject: ProbeSubject;
  readonly wake: () => void;
  readonly pattern: string;
}

function lineAsker(search: LineSearch): Asker {
  const stop = new AbortController();
  const pattern = compile(search.pattern);
  let found: string | null = noted(search);
  let isFollowing = pattern !== null;
  const find = async (mode: 'once' | 'follow', signal: AbortSignal): Promise<void> => {
    if (pattern === null || found !== null) return;
    const line = await firstMatch(search, mode, { pattern, signal });
    // The other reader may have been faster.
    if (found === null && line !== null) note(search);
    found ??= line;
    if (found !== null) stop.abort();
  };
  const follow = async (): Promise<void> => {
    try {
      await find('follow', stop.signal);
    } catch {
      // The output cannot be read now; asking reads it anew and says why.
    }
    isFollowing = found !== null;
    if (found !== null) search.wake();
  };
  void follow();
  let isCaughtUp = false;
  return {
    ask: async (signal): Promise<Answer> => {
      if (pattern === null) return fail(`not a pattern: ${search.pattern}`);
      // Following may not have come to what is there already; once is enough as long as it goes on.
      if (!isCaughtUp || !isFollowing) await find('once', AbortSignal.any([signal, stop.signal]));
      isCaughtUp = !signal.aborted;
      return found === null ? fail('no such line yet') : pass(found);
    },
    isWatching: () => isFollowing,
    [Symbol.dispose]: () => stop.abort(),
  };
}

// A run may outlive its daemon, and the line may be given back while the run goes on: that it was there is noted.
function note({ logs, subject: { service, run }, pattern }: LineSearch): void {
  logs.mark?.(service, run, pattern);
}

function noted({ logs, subject: { service, run }, pattern }: LineSearch): string | null {
  return logs.isMarked?.(service, run, pattern) === true ? 'a line of this run matched before' : null;
}

async function firstMatch(
  { logs, subject: { service, run } }: LineSearch,
  mode: 'once' | 'follow',
  { pattern, signal }: { readonly pattern: RE2JS; readonly signal: AbortSignal },
): Promise<string | null> {
  // From the first byte of this run on, wherever the reading begins: also for a run that was taken over.
  const after = [{ service, run, offset: 0 }];
  for await (const line of logs.read({ services: [service], tail: null, mode, runs: 'all', after }, signal)) {
    if (line.run > run) return null;
    if (line.kind === 'line' && pattern.test(line.text)) return line.text;
  }
  return null;
}

function compile(pattern: string): RE2JS | null {
  try {
    return RE2JS.compile(pattern);
  } catch {
    // Definitions are checked when they are loaded; one of the library may not be, and then it never matches.
    return null;
  }
}
