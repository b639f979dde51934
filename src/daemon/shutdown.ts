/**
 * The end of the daemon, once, in this order: services stop as their dependents allow, streams get a last word, answers
 * on their way are given, the socket goes, what the supervisor holds is given back, the lock goes last.
 */
import type { ApiServer } from '../api/server.ts';
import type { Actor } from '../model/change.ts';
import type { Supervisor } from '../supervisor/port.ts';

/** What has to be ended. */
export interface Endings {
  readonly supervisor: Pick<Supervisor, 'down'> & AsyncDisposable;
  readonly api: Pick<ApiServer, 'close'>;
  /** Aborted when streams are to end. */
  readonly ending: AbortController;
  /** Ended after the supervisor, so that what that does last is on record. */
  readonly trail: AsyncDisposable;
  readonly lock: Disposable;
  readonly say: (line: string) => void;
}

/** How it ends: with the services, or leaving them. */
export type EndMode = 'services-too' | 'daemon-alone';

/** The end of one daemon. */
export class Shutdown {
  readonly #endings: Endings;
  readonly #ended = Promise.withResolvers<undefined>();
  #state: 'running' | 'stopping' = 'running';

  constructor(endings: Endings) {
    this.#endings = endings;
  }

  /** Whether the end has begun. */
  get state(): 'running' | 'stopping' {
    return this.#state;
  }

  /** Resolves when nothing of the daemon is left. */
  get ended(): Promise<undefined> {
    return this.#ended.promise;
  }

  /** Begins the end; a second call changes nothing. Faults on the way are said, and do not keep the rest from ending. */
  begin(mode: EndMode, why: string, by: Actor): void {
    if (this.#state === 'stopping') return;
    this.#state = 'stopping';
    this.#endings.say(`stopping: ${why}`);
    void this.#run(mode, by);
  }

  async #run(mode: EndMode, by: Actor): Promise<void> {
    const { supervisor, api, ending, trail, lock, say } = this.#endings;
    const step = async (verb: string, action: () => PromiseLike<void> | void): Promise<void> => {
      try {
        await action();
      } catch (error) {
        say(`cannot ${verb}: ${error instanceof Error ? error.message : String(error)}`);
      }
    };
    if (mode === 'services-too') await step('stop the services', () => supervisor.down(by));
    ending.abort();
    await step('close the socket', () => api.close());
    await step('give back what was held', () => supervisor[Symbol.asyncDispose]());
    await step('close the audit trail', () => trail[Symbol.asyncDispose]());
    await step('give back the lock', () => lock[Symbol.dispose]());
    say('ended');
    this.#ended.resolve(undefined);
  }
}
