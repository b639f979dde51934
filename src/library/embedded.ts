/** A supervisor inside this program: no daemon, no signal handlers, no output, no files but logs in a private folder. */
import { systemClock } from '../clock/system.ts';
import { type ApiChange, toApiChange, toChangeRequest } from '../contract/api-change.ts';
import { toApiCheck } from '../contract/api-check.ts';
import { toApiEvent } from '../contract/api-event.ts';
import { toApiExplanation } from '../contract/api-explain.ts';
import { type ApiLogLine, toApiLogLine } from '../contract/api-log.ts';
import { toApiService } from '../contract/api-service.ts';
import type { Actor, Change, Task } from '../model/change.ts';
import { type ErrorCode, StopTimeoutError } from '../model/errors.ts';
import type { Reason } from '../model/reason.ts';
import type { Gap, ProjectRecord } from '../model/record.ts';
import type { Definition, ServiceName } from '../model/spec.ts';
import { createSupervisor } from '../supervisor/create.ts';
import type { ServiceView } from '../model/view.ts';
import type { ServiceFunction } from '../supervisor/function.ts';
import type { Supervisor } from '../supervisor/port.ts';
import type { Backend, EventChoice, LogChoice, Order, StackEvent } from './backend.ts';
import { type PrivateFolder, privateFolder } from './private-folder.ts';

/** The program that embeds Rouse, as the one who asks. */
export const BY_LIBRARY: Actor = { via: 'library', name: 'library' };

/** What is embedded. */
export interface EmbeddedParts {
  readonly definition: Definition;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly functions: (service: ServiceName) => ServiceFunction | undefined;
}

const LONG_MS = 2 ** 31 - 1;
/** Beyond the grace of every service in a row, what the operating system may take to bury a tree; ms. */
const BURIAL_MS = 15_000;
const LOG_LINES = 20;

/** A backend in this program. Disposing it ends every process that it holds and leaves what other programs manage. */
export class Embedded implements Backend {
  readonly clock = systemClock();
  readonly supervisor: Supervisor;
  readonly #folder: PrivateFolder = privateFolder();
  readonly #awakeClock = systemClock({ keepAlive: 'yes' });
  #state: 'open' | 'closed' = 'open';

  constructor({ definition, environment, functions }: EmbeddedParts) {
    const { path } = this.#folder;
    this.supervisor = createSupervisor({
      definition,
      folders: { logs: `${path}/logs`, runs: `${path}/run`, store: null },
      path: environment['PATH'] ?? '',
      environment,
      functions,
      keepAlive: 'no',
    });
  }

  /** Where logs are kept; absolute. It may not be there yet. */
  get folder(): string {
    return this.#folder.path;
  }

  get project(): string {
    return this.supervisor.definition().name;
  }

  get urls(): ReadonlyMap<string, string | null> {
    return new Map(this.supervisor.definition().services.map(({ name, url }) => [name, url]));
  }

  async services(): ReturnType<Backend['services']> {
    return this.supervisor.services().map(toApiService);
  }

  async service(name: string): ReturnType<Backend['service']> {
    return toApiService(this.supervisor.service(name));
  }

  async explain(name: string): ReturnType<Backend['explain']> {
    return toApiExplanation(this.supervisor.explain(name));
  }

  async checks(name: string): ReturnType<Backend['checks']> {
    return this.supervisor.checks(name).map(toApiCheck);
  }

  startFault(name: string): ErrorCode | null {
    const [last] = this.supervisor.records({ sinceSeq: 0, types: ['service.phase'], services: [name], limit: 1 });
    return last?.body.type === 'service.phase' ? codeOf(last.body.reason) : null;
  }

  async lastLines(name: string, count: number): Promise<readonly string[]> {
    return this.supervisor.logs.last(name, this.supervisor.service(name).run, count);
  }

  async order(order: Order): Promise<ApiChange> {
    this.#folder.make();
    return toApiChange(this.supervisor.request(toChangeRequest(order, BY_LIBRARY)));
  }

  async settled(id: string, signal: AbortSignal): Promise<ApiChange> {
    using _ = this.awake();
    const leave = new AbortController();
    const hopeless = this.#hopeless(id, leave.signal);
    const ended = this.supervisor.settled(id, AbortSignal.any([signal, leave.signal]));
    // The one that comes second ends by `leave`, and has nothing to say any more.
    ended.catch(() => undefined);
    const change = await Promise.race([ended, hopeless]).finally(() => leave.abort());
    return toApiChange(change, (task) =>
      task.state === 'failed'
        ? this.supervisor.logs.last(task.service, this.supervisor.service(task.service).run, LOG_LINES)
        : [],
    );
  }

  /** The change as it is now. Errors: RSE4002. */
  present(id: string): ApiChange {
    return toApiChange(this.supervisor.change(id));
  }

  events(choice: EventChoice, signal: AbortSignal): AsyncIterable<StackEvent> {
    return toEvents(this.supervisor.subscribe(choice, signal));
  }

  async *logs(choice: LogChoice, signal: AbortSignal): AsyncGenerator<ApiLogLine> {
    for (const name of choice.services) this.supervisor.service(name);
    const { services, tail, mode } = choice;
    for await (const line of this.supervisor.logs.read({ services, tail, mode, runs: 'all' }, signal))
      yield toApiLogLine(line);
  }

  async down(): Promise<void> {
    using _ = this.awake();
    await this.supervisor.down(BY_LIBRARY);
  }

  awake(): Disposable {
    return this.#awakeClock.after(LONG_MS, () => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    using _folder = this.#folder;
    await using _supervisor = this.supervisor;
    await this.#stopHeld();
  }

  /** The change as soon as whoever still waits in it waits for a failure; never, when that does not happen. */
  async #hopeless(id: string, signal: AbortSignal): Promise<Change> {
    const choice = { types: ['change.progress'], services: [], capacity: 1000 };
    const events = this.supervisor.subscribe(choice, signal);
    for (;;) {
      const change = this.supervisor.change(id);
      if (change.endedAt === null && isHopeless(change.tasks)) return change;
      const { done } = await events[Symbol.asyncIterator]().next();
      if (done === true) return new Promise<never>(() => undefined);
    }
  }

  /** A command that is on its way is held too, since it is a process; what it has started belongs to somebody else. */
  async #stopHeld(): Promise<void> {
    const held = this.#held();
    if (held.length === 0 || this.supervisor.definition().settings.orchestration === 'disabled') return;
    using _ = this.awake();
    const expiry = new AbortController();
    const specs = this.supervisor.definition().services.filter(({ name }) => held.includes(name));
    const graceMs = specs.reduce((sum, { stop }) => sum + stop.timeoutMs, BURIAL_MS);
    using _limit = this.clock.after(graceMs, () => expiry.abort());
    // Who is only needed would stop with the last who needs it: what stays is asked for by itself first.
    const kept = this.#live().filter(({ name }) => !held.includes(name));
    const alone = { dependencies: 'alone', dependents: 'leave', completed: 'keep', by: BY_LIBRARY } as const;
    if (kept.length > 0) this.supervisor.request({ action: 'start', services: kept.map(({ name }) => name), ...alone });
    const { id } = this.supervisor.request({ action: 'stop', services: held, ...alone });
    try {
      await this.supervisor.settled(id, expiry.signal);
    } catch (cause) {
      const left = this.#held();
      const pids = left.flatMap((name) => this.supervisor.service(name).pid ?? []);
      const names = left.map((name) => `"${name}"`).join(', ');
      throw new StopTimeoutError(`cannot stop ${names}: still running after SIGKILL`, { services: left, pids, cause });
    }
  }

  #held(): readonly ServiceName[] {
    return this.#live()
      .filter(({ execution, phase, startedAt }) => {
        if (execution === 'external') return false;
        return execution !== 'command' || (phase !== 'ready' && startedAt === null);
      })
      .map(({ name }) => name);
  }

  #live(): readonly ServiceView[] {
    return this.supervisor.services().filter(({ phase }) => !['stopped', 'failed', 'completed'].includes(phase));
  }
}

/** Whether every open task waits, through others or not, for one that has failed and is only being tried again. */
function isHopeless(tasks: readonly Task[]): boolean {
  const lost = new Set(tasks.filter(({ state }) => state === 'failed').map(({ service }) => service));
  const open = tasks.filter(({ endedAt }) => endedAt === null);
  if (lost.size === 0 || open.some(({ state }) => state !== 'waiting')) return false;
  for (let size = -1; size !== lost.size;) {
    size = lost.size;
    for (const { service, waitingFor } of open) if (waitingFor.some((name) => lost.has(name))) lost.add(service);
  }
  return open.every(({ service }) => lost.has(service));
}

function codeOf(reason: Reason): ErrorCode | null {
  if (reason.code === 'restart-limit') return codeOf(reason.last);
  if (reason.code !== 'start-failed') return null;
  const { code, program } = reason.fault;
  if (code === 'command-failed' || code === 'command-timeout') return 'RSE2104';
  if (code === 'not-found' || code === 'not-executable') return program === 'nu' ? 'RSE2108' : 'RSE2101';
  if (code === 'not-trusted') return 'RSE2114';
  if (code === 'secret') return 'RSE2115';
  return code === 'isolation' ? 'RSE2116' : 'RSE2109';
}

async function* toEvents(records: AsyncIterable<ProjectRecord | Gap>): AsyncGenerator<StackEvent> {
  for await (const record of records) yield 'type' in record ? record : toApiEvent(record);
}
