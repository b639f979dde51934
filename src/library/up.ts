/** Bringing a stack up inside this program, and connecting to one that a daemon runs. */
import { homedir } from 'node:os';
import { foldersOf, pathsOf } from '../model/paths.ts';
import type { ApiChange } from '../contract/api-change.ts';
import type { StackEvent } from './backend.ts';
import { Embedded } from './embedded.ts';
import { failuresOf, lateErrors, oneOf, refuseFailed } from './failure.ts';
import { listenOn } from './listen.ts';
import { Remote } from './remote.ts';
import { type Running, type RunningParts, RunningStack } from './running.ts';
import type { Stack } from './stack.ts';
import { limitOf } from './waiting.ts';

/** How a stack is brought up. */
export interface UpOptions<N extends string = string> {
  /** These, with what they need; default every service that starts by itself. */
  readonly only?: readonly NoInfer<N>[];
  /** For everything to be ready, e.g. `60s`; default: as long as the services' own limits allow. */
  readonly timeout?: string;
  /** Ends the stack: `up` rejects with its reason; afterwards everything is stopped. */
  readonly signal?: AbortSignal;
  /** `stop` (default): when one fails everything is stopped and `up` rejects. `keep`: see `failures` of what it resolves with. */
  readonly onFailure?: 'stop' | 'keep';
  /** Is told everything that happens. Nothing is printed by itself. */
  readonly reporter?: (event: StackEvent) => void;
}

/**
 * Brings the stack up; resolves when every wanted service is ready and every wanted task completed.
 * A stack can be up several times side by side; each has its own processes.
 * Errors: StartError (HealthTimeoutError among them), or an AggregateError of several; the signal's reason; RSE1111;
 * RSE4001. Then nothing of it runs any more; what survived SIGKILL comes as StopTimeoutError beside the first
 * error in an AggregateError.
 */
export async function up<N extends string>(stack: Stack<N>, options: UpOptions<N> = {}): Promise<Running<N>> {
  const { signal, timeout, only = [], reporter } = options;
  const limitMs = limitOf(timeout);
  signal?.throwIfAborted();
  const backend = new Embedded({
    definition: stack.definition,
    environment: stack.environment,
    functions: (name) => stack.functions.get(name),
  });
  try {
    if (reporter !== undefined) void report(backend, reporter);
    const { id } = await backend.order({ action: 'up', services: only });
    const change = await within(backend, { id, limitMs, signal: signal ?? null });
    const failures =
      change.state === 'running' ? await lateErrors(change, backend, timeout ?? '') : await failuresOf(change, backend);
    if (failures.length > 0 && options.onFailure !== 'keep') throw oneOf(failures);
    if (failures.length === 0) await refuseFailed(change, backend);
    const life = signal ?? null;
    const { environment } = stack;
    const listen: RunningParts<N>['listen'] = (where, stop) => listenOn(where, { backend, environment, stop });
    return new RunningStack({ backend, names: stack.services, failures, life, owns: 'services', listen });
  } catch (error) {
    await endAfter(backend, error);
    throw error;
  }
}

/** Which daemon: that of a project, or the one behind a socket. */
export type Place = { readonly project: string } | { readonly socketPath: string };

/**
 * The stack that a daemon runs. Leaving it, or disposing it, leaves the services as they are; `down` stops them.
 * Errors: ConnectionError RSE3001 nobody listens, RSE3002 it cannot be reached; RSE3005.
 */
export async function connect(place: Place): Promise<Running> {
  const backend = await Remote.at('socketPath' in place ? place.socketPath : socketOf(place.project));
  const names = [...backend.urls.keys()];
  return new RunningStack({ backend, names, failures: [], life: null, owns: 'connection', listen: null });
}

function socketOf(project: string): string {
  const uid = process.getuid?.() ?? 0;
  return pathsOf(foldersOf({ env: process.env, uid, home: homedir() }), project).socket;
}

/** The change when it has ended, or as it is when the time is over. Errors: the signal's reason. */
async function within(
  backend: Embedded,
  { id, limitMs, signal }: { readonly id: string; readonly limitMs: number; readonly signal: AbortSignal | null },
): Promise<ApiChange> {
  const over = new AbortController();
  using _limit = backend.clock.after(limitMs, () => over.abort());
  try {
    return await backend.settled(id, AbortSignal.any([over.signal, ...(signal === null ? [] : [signal])]));
  } catch (error) {
    if (signal?.aborted === true || !over.signal.aborted) throw error;
    return backend.present(id);
  }
}

async function report(backend: Embedded, reporter: (event: StackEvent) => void): Promise<void> {
  const choice = { types: [], services: [], capacity: 1000 };
  for await (const event of backend.events(choice, new AbortController().signal)) reporter(event);
}

/** Stops what was begun. What goes wrong then is told beside the first error, never in its place. */
async function endAfter(backend: Embedded, error: unknown): Promise<void> {
  try {
    await backend.down();
  } catch (cause) {
    throw new AggregateError([error, cause], `${textOf(error)}\n${textOf(cause)}`, { cause });
  } finally {
    await backend[Symbol.asyncDispose]();
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
