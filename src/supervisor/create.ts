/** The composition: one supervisor from its parts. The only place that knows them all. */
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { bootId } from '../clock/boot.ts';
import { systemRandom } from '../clock/random.ts';
import { systemClock } from '../clock/system.ts';
import type { Limits } from '../core/schedule.ts';
import { find } from '../core/system.ts';
import { BY_POLICY, Engine } from '../engine/engine.ts';
import { recover } from '../engine/recover.ts';
import { createLogStore } from '../log/log-store.ts';
import { type Mask, createMask } from '../log/mask.ts';
import type { Phase } from '../model/service.ts';
import type { ConfinedBy, HeldBy } from '../model/held.ts';
import type { Definition, ServiceName, Spec } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { LogStore } from '../ports/log-store.ts';
import type { Prober, Tell } from '../ports/prober.ts';
import type { Random } from '../ports/random.ts';
import type { Report, Runtime } from '../ports/runtime.ts';
import { reachBy } from '../probe/address.ts';
import { probeKinds } from '../probe/kinds.ts';
import { createProber } from '../probe/prober.ts';
import { createCommandRuntime } from '../runtime/command.ts';
import { dispatchRuntime } from '../runtime/dispatch.ts';
import { createExternalRuntime } from '../runtime/external.ts';
import type { ServiceFunction } from '../runtime/function.ts';
import { createFunctionRuntime } from '../runtime/function.ts';
import { type Confining, createConfining } from '../runtime/confining.ts';
import { type Credentials, createCredentials } from '../runtime/credentials.ts';
import { type GuardOf, createGuards } from '../runtime/guard.ts';
import { type RunFacts, createHooks } from '../runtime/hooks.ts';
import type { Host } from '../runtime/host.ts';
import { describeHost } from '../runtime/host.ts';
import { createNotifying } from '../runtime/notify.ts';
import { createProcessRuntime } from '../runtime/process.ts';
import { punchHole } from '../runtime/punch-hole.ts';
import type { Trees } from '../runtime/tree.ts';
import { createTrees } from '../runtime/trees.ts';
import { openEventStore } from '../store/event-store.ts';
import { memoryStore } from '../store/memory-store.ts';
import { launchingOn } from './entering.ts';
import { hiding } from './hiding.ts';
import { invokeWith } from './invoke.ts';
import type { Supervisor } from './port.ts';
import { Headcount, goOn, previousOf, tracesIn } from './recovery.ts';
import { EngineSupervisor } from './supervisor.ts';

export { daemonPath } from '../runtime/host.ts';

/** The fewest runs that may be spawning at once, however small the machine. */
const LEAST_STARTS = 8;
/** Phases in which a run is there, and with it what it was given. */
const LIVE: ReadonlySet<Phase> = new Set(['starting', 'ready', 'stopping', 'unknown']);
/** Automatic restarts of all services that may follow each other at once, and how often one more may, per processor; ms. */
const RESTARTS_AT_ONCE = 20;
const RESTART_EVERY_MS = 500;

/** What a supervisor is to work with. Folders are absolute; `store` null keeps records in memory only. */
export interface SupervisorOptions {
  readonly definition: Definition;
  readonly folders: { readonly logs: string; readonly runs: string; readonly store: string | null };
  /** The PATH in which programs are looked for and which they get; ruling of the daemon, see `Host.path`. */
  readonly path: string;
  /** Where `inherit_env` takes its values from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The functions behind services with `run`, asked for by name at every start. */
  readonly functions: (service: ServiceName) => ServiceFunction | undefined;
  /** Whether timers keep the program alive; a library lives by its program, a daemon by its socket. */
  readonly keepAlive: 'no' | 'yes';
  /** Runs that may be spawning at once; default twice the processors, at least 8. */
  readonly startsAtOnce?: number;
  /** The daemon that it is for; told in the events. Left out by whoever is none. */
  readonly program?: { readonly version: string; readonly pid: number };
  /** Told of what had to be moved aside or rebuilt, in a line each. */
  readonly say?: (line: string) => void;
}

/**
 * A supervisor over the real world. What an earlier one left in the store is recovered: live runs are looked for, and
 * what was wanted up is wanted up.
 * Errors: RSE3008 when the store cannot be opened.
 */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const clock = systemClock({ keepAlive: options.keepAlive });
  const random = systemRandom();
  const store = openStore(options);
  const live = new Live(options.definition);
  const { mask, ...ground } = groundOf(options, clock, live);
  const { logs, credentials, trees, confining } = ground;
  const connect = (report: Report, tell: Tell): Wired =>
    wire(options, { clock, random, live, ...ground, ...hiding(mask, { report, tell }) });
  let wired: Wired | null = null;
  const { services: specs } = options.definition;
  const remains = { stored: store.services(), traces: tracesIn(options.folders.runs), boot: bootId() };
  const recovery = recover(specs, remains, clock.monotonic());
  const headcount = new Headcount(recovery);
  const limits = limitsOf(options);
  const engine = new Engine(
    {
      clock,
      random,
      store,
      limits,
      say: (line) => options.say?.(line),
      connect: (report, tell) =>
        (wired = connect((said) => {
          headcount.hear(said);
          report(said);
        }, tell)),
    },
    recovery.system,
  );
  live.engine = engine;
  credentials.sweep((name) => LIVE.has(find(engine.system, name)?.phase ?? 'stopped'));
  if (options.program !== undefined)
    engine.note({ type: 'system.started', ...options.program, previous: previousOf(store) }, BY_POLICY);
  goOn({ engine, recovery, headcount, specs, store, say: (line) => options.say?.(line) });
  const close = async (): Promise<void> => {
    await wired?.prober[Symbol.asyncDispose]();
    await logs[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]?.();
  };
  const supervisor = new EngineSupervisor({
    engine,
    definition: options.definition,
    store,
    logs,
    close,
    launching: launchingOn(ground, () => live.settings()),
    heldBy: (service, run) => heldWith(confining.of(service, run), trees.heldBy(service, run)),
  });
  live.supervisor = supervisor;
  return supervisor;
}

/** What everything that is executed stands on. */
function groundOf(options: SupervisorOptions, clock: Clock, live: Live): Ground {
  const { folders, path, environment } = options;
  const { credentials, mask } = secretsOf(folders.runs, live);
  const logs = createLogStore({
    folder: folders.logs,
    clock,
    mask,
    // Of a service that is in no definition any more, nothing is thrown away.
    keepBytes: (name) => live.spec(name)?.logs.keepBytes ?? Infinity,
    punch: punchHole(clock, path),
    say: (line) => options.say?.(line),
  });
  const guard = createGuards({ uid: process.getuid?.() ?? 0, environment, policy: () => live.policy() });
  const trees = createTrees({ clock, runDirectory: folders.runs });
  return { mask, logs, credentials, guard, trees, host: describeHost(path, environment), confining: createConfining() };
}

/** Secrets lie beside the runs, and what was handed over is hidden wherever it turns up. */
function secretsOf(runs: string, live: Live): { readonly credentials: Credentials; readonly mask: Mask } {
  const folder = join(dirname(runs), 'credentials');
  const credentials = createCredentials(folder, (name) => live.spec(name)?.secrets ?? {});
  return { credentials, mask: createMask((name) => credentials.texts(name)) };
}

const heldWith = (confined: ConfinedBy | null, held: HeldBy | null): HeldBy | null =>
  held === null || confined === null ? held : { ...held, confined };

function limitsOf({ startsAtOnce }: SupervisorOptions): Limits {
  const processors = availableParallelism();
  return {
    startsAtOnce: startsAtOnce ?? Math.max(LEAST_STARTS, 2 * processors),
    restarts: { burst: RESTARTS_AT_ONCE, perMs: RESTART_EVERY_MS / processors },
  };
}

interface Wired {
  readonly runtime: Runtime;
  readonly prober: Prober & AsyncDisposable;
}

interface Ground {
  readonly mask: Mask;
  readonly logs: LogStore & AsyncDisposable;
  readonly host: Host;
  readonly guard: GuardOf;
  readonly confining: Confining;
  readonly credentials: Credentials;
  readonly trees: Trees;
}

interface WireParts extends Omit<Ground, 'mask'> {
  readonly clock: Clock;
  readonly random: Random;
  readonly live: Live;
  readonly report: Report;
  readonly tell: Tell;
}

function wire(options: SupervisorOptions, parts: WireParts): Wired {
  const { clock, random, logs, host, guard, confining, credentials, live, trees, report, tell } = parts;
  const runDirectory = options.folders.runs;
  const notify = createNotifying({ clock, report, runDirectory, path: host.path });
  const runtimeParts = {
    clock,
    random,
    logs,
    report,
    host,
    guard,
    confining,
    credentials,
    runDirectory,
    trees,
    notify,
    settings: () => live.settings(),
  };
  // A function is started when it says that it is ready; a task never says so, and needs not.
  const ready = (service: ServiceName, run: number): void => report({ type: 'started', service, run, pid: null });
  const functionReport: Report = (said) => {
    if (said.type !== 'started' || live.spec(said.service)?.kind === 'task') report(said);
  };
  const kindsOfRuntime = {
    process: createProcessRuntime(runtimeParts),
    command: createCommandRuntime(runtimeParts),
    external: createExternalRuntime({ report }),
    function: createFunctionRuntime({ logs, report: functionReport, find: options.functions, ready }),
  };
  const runtime = dispatchRuntime(
    kindsOfRuntime,
    createHooks(runtimeParts, (name, run) => live.facts(name, run)),
  );
  const kinds = probeKinds({
    clock,
    logs,
    runDirectory,
    invoke: invokeWith({ host, guard, confining, credentials, trees, settings: () => live.settings() }),
    pidOf: (name, run) => live.pid(name, run),
    notices: notify,
    reachOf: reachBy(() => live.policy()),
  });
  return { runtime, prober: createProber({ clock, random, tell, kinds }) };
}

/** What the adapters may ask of the supervisor that they are part of, once it is there. */
class Live {
  engine: Engine | null = null;
  supervisor: Supervisor | null = null;
  readonly #first: Definition;

  constructor(first: Definition) {
    this.#first = first;
  }

  settings(): Definition['settings'] {
    return (this.supervisor?.definition() ?? this.#first).settings;
  }

  policy(): Definition['policy'] {
    return (this.supervisor?.definition() ?? this.#first).policy;
  }

  spec(name: ServiceName): Spec | undefined {
    const service = this.engine === null ? undefined : find(this.engine.system, name);
    if (service !== undefined) return service.runSpec ?? service.spec;
    return this.#first.services.find((spec) => spec.name === name);
  }

  pid(name: ServiceName, run: number): number | null {
    return this.facts(name, run).pid;
  }

  facts(name: ServiceName, run: number): RunFacts {
    const service = this.engine === null ? undefined : find(this.engine.system, name);
    if (service?.run !== run) return { pid: null, exitCode: null, exitSignal: null };
    const { pid, ending } = service;
    return { pid, exitCode: ending?.exitCode ?? null, exitSignal: ending?.signal ?? null };
  }
}

function openStore(options: SupervisorOptions): EventStore & Partial<AsyncDisposable> {
  if (options.folders.store === null) return memoryStore();
  const store = openEventStore(options.folders.store, { boot: bootId() });
  const { movedAside } = store;
  if (movedAside !== null)
    options.say?.(
      `the store was damaged (${movedAside.cause}): a new one was begun, the old one is ${movedAside.movedTo}`,
    );
  return store;
}
