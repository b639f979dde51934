/** Services that are functions of the program which embeds Rouse. */
import type { KindRuntime } from './dispatch.ts';
import { closeSync, writeSync } from 'node:fs';
import { isRouseError } from '../model/errors.ts';
import type { StartFault } from '../model/reason.ts';
import type { ServiceName } from '../model/spec.ts';
import type { LogStore } from '../ports/log-store.ts';
import type { Report, RuntimeReport } from '../ports/runtime.ts';

/** What the function is given. */
export interface FunctionContext {
  /** Aborted when the service is to stop. */
  readonly signal: AbortSignal;
  /** Writes one line, or several, to the service's output. Does nothing once the run is over. */
  readonly log: (text: string) => void;
  /** Says that dependents may start. Saying it again, or once the run is over, is nothing. */
  readonly ready: () => void;
}

/** A service as a function: it is up until its promise settles. */
export type ServiceFunction = (context: FunctionContext) => Promise<void> | void;

/** What the runtime is built from. `find` gives the function of a service; undefined when the program keeps none. */
export interface FunctionParts {
  readonly logs: LogStore;
  readonly report: Report;
  readonly find: (service: ServiceName) => ServiceFunction | undefined;
  /** Called at most once a run, when the function says that it is ready. */
  readonly ready: (service: ServiceName, run: number) => void;
}

interface Call {
  readonly abort: AbortController;
  readonly fd: number;
  stage: 'live' | 'ready' | 'over';
}

/**
 * The runtime of `run: async ({ signal, log, ready }) => …`.
 *
 * A function that returns has exit code 0, one that throws 1 with its stack in the output: this is what the codes mean for a function.
 * A function cannot be killed: `kill` lets go of it, which is reported as `exited` with nulls. What it does later is its
 * own; its `log` and `ready` do nothing any more. Nothing of it survives the program, so `adopt` says `exited`.
 */
export function createFunctionRuntime(parts: FunctionParts): KindRuntime {
  const calls = new Map<string, Call>();
  const later = (report: RuntimeReport): void => queueMicrotask(() => parts.report(report));
  const key = (service: ServiceName, run: number): string => `${service} ${run}`;

  function end(service: ServiceName, run: number, exitCode: number | null): void {
    const call = calls.get(key(service, run));
    if (call === undefined || call.stage === 'over') return;
    call.stage = 'over';
    closeSync(call.fd);
    parts.logs.end(service, run);
    later({ type: 'exited', service, run, exitCode, signal: null });
  }

  async function perform(service: ServiceName, run: number, work: { act: ServiceFunction; call: Call }): Promise<void> {
    const { act, call } = work;
    const log = (text: string): void => {
      if (call.stage !== 'over') writeLines(call.fd, text);
    };
    const ready = (): void => {
      if (call.stage !== 'live') return;
      call.stage = 'ready';
      parts.ready(service, run);
    };
    try {
      await act({ signal: call.abort.signal, log, ready });
      end(service, run, 0);
    } catch (cause) {
      log(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
      end(service, run, 1);
    }
  }

  return {
    start({ name }, run) {
      if (calls.has(key(name, run))) return;
      const act = parts.find(name);
      const fd = act === undefined ? withoutFunction(name) : openOutput(parts.logs, name, run);
      if (act === undefined || typeof fd === 'object') {
        if (typeof fd === 'object') later({ type: 'start-failed', service: name, run, fault: fd });
        return;
      }
      const call: Call = { abort: new AbortController(), fd, stage: 'live' };
      calls.set(key(name, run), call);
      later({ type: 'started', service: name, run, pid: null });
      // After the report, and outside the caller's turn: the function may throw, or say at once that it is ready.
      queueMicrotask(() => void perform(name, run, { act, call }));
    },
    stop: ({ name }, run) => calls.get(key(name, run))?.abort.abort(new Error(`"${name}" is asked to stop`)),
    signal: () => undefined,
    kill(service, run) {
      calls.get(key(service, run))?.abort.abort(new Error(`"${service}" is let go of`));
      end(service, run, null);
    },
    adopt: ({ name }, run) => later({ type: 'exited', service: name, run, exitCode: null, signal: null }),
    release(service, run) {
      if (calls.get(key(service, run))?.stage === 'over') calls.delete(key(service, run));
    },
  };
}

function writeLines(fd: number, text: string): void {
  const bytes = Buffer.from(text.endsWith('\n') ? text : `${text}\n`);
  try {
    writeSync(fd, bytes);
  } catch {
    // A full disk is the log's loss, and no reason to end the service that wanted to say something.
  }
}

function withoutFunction(service: ServiceName): StartFault {
  const message = `no function is registered for "${service}"`;
  return {
    code: 'not-found',
    message,
    program: null,
    hint: 'give the function to the stack that declares the service',
  };
}

function openOutput(logs: LogStore, service: ServiceName, run: number): number | StartFault {
  try {
    return logs.open(service, run).fd;
  } catch (cause) {
    if (!isRouseError(cause)) throw cause;
    return { code: 'refused', message: cause.message, program: null, hint: cause.hint };
  }
}
