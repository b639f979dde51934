/**
 * What the user declared about a service, fully resolved and immutable.
 *
 * A Spec is what `config/` and the library make out of a definition: no defaults are missing, no variable
 * is left, every duration is in milliseconds and every command is an argument vector.
 */
export type { Origin } from './origin.ts';
import type { Origin } from './origin.ts';
import { type Confinement, PLAIN_CONFINEMENT, type Secret } from './confinement.ts';
import type { Policy } from './policy.ts';

/** A service's name: `^[a-z][a-z0-9._-]{0,62}$`, none of the reserved words. */
export type ServiceName = string;

/** A service is kept up, a task runs once and should end well, an external service is only watched. */
export type Kind = 'service' | 'task' | 'external';

/** A command as it will be executed. Shapes: `argv` is not empty; `source` is the text or the words as written. */
export interface Command {
  readonly argv: readonly string[];
  /** `shell` runs `/bin/sh -c argv[0]`, only if the definition says `shell = true`; `nushell` runs `nu argv…`. */
  readonly via: 'exec' | 'shell' | 'nushell';
  readonly source: string;
  readonly origin: Origin | null;
}

/** How a service runs: the one key of the definition that decides it. */
export type Execution =
  | { readonly type: 'process'; readonly command: Command }
  | {
      readonly type: 'command';
      readonly start: Command;
      readonly stop: Command | null;
      readonly status: Command | null;
    }
  | { readonly type: 'external' }
  /** A function of the embedding program; the library keeps the function itself, by service name. */
  | { readonly type: 'function' };

/** What a dependency must have reached before its dependent may start. */
export type When = 'ready' | 'started' | 'completed' | 'ended';

/** What happens to the dependent when the dependency is lost while both run. */
export type OnLoss = 'ignore' | 'restart' | 'stop';

/**
 * What the dependent needs of it: `required` blocks when it fails, `optional` does not, `order` neither wakes it nor holds
 * it up, it only starts after it and stops before it where both are under way (`after`).
 */
export type Need = 'required' | 'optional' | 'order';

/** One edge of the graph, owned by the dependent. */
export interface Dependency {
  readonly name: ServiceName;
  readonly when: When;
  readonly need: Need;
  readonly onLoss: OnLoss;
  readonly origin: Origin | null;
}

/** The question a probe asks. */
export type ProbeTarget =
  | {
      readonly type: 'http';
      readonly url: string;
      readonly method: 'GET' | 'HEAD';
      readonly headers: Readonly<Record<string, string>>;
      /** Accepted status ranges, inclusive. Default 200–299. */
      readonly status: readonly (readonly [number, number])[];
      readonly redirects: 'refuse' | 'follow';
    }
  | { readonly type: 'tcp'; readonly host: string; readonly port: number }
  | { readonly type: 'exec'; readonly command: Command }
  | {
      readonly type: 'dns';
      readonly server: string;
      readonly port: number;
      readonly name: string;
      readonly record: 'A' | 'AAAA' | 'TXT' | 'CNAME' | 'NS' | 'MX' | 'SRV' | 'SOA' | 'PTR';
    }
  /** The service's own process lives; with `name`, any process of that name on this machine. */
  | { readonly type: 'process'; readonly name: string | null }
  /** A line of this run's output matches (RE2 syntax, at most 512 characters). */
  | { readonly type: 'log'; readonly pattern: string }
  | { readonly type: 'file'; readonly path: string }
  /** A newline written to the descriptor named by `ROUSE_READY_FD`. */
  | { readonly type: 'fd'; readonly fd: number }
  /** `READY=1` sent to `NOTIFY_SOCKET`, by the main process or by any of its tree; sd_notify(3). */
  | { readonly type: 'notify'; readonly access: 'main' | 'all' }
  /** `WATCHDOG=1` sent to `NOTIFY_SOCKET` within the interval; sd_watchdog_enabled(3). */
  | { readonly type: 'beat' };

/** A repeated question with its cadence. Units: ms; counts are answers in a row. */
export interface Probe {
  readonly target: ProbeTarget;
  readonly intervalMs: number;
  /** Cadence until the service is ready. */
  readonly startIntervalMs: number;
  readonly timeoutMs: number;
  /** Failures in a row that make it unhealthy, at least 1. */
  readonly failureThreshold: number;
  /** Successes in a row that make it ready or healthy again, at least 1. */
  readonly successThreshold: number;
  /** Time after the start in which failures are not counted. */
  readonly graceMs: number;
}

/** How Rouse knows that dependents may start. */
export type Readiness =
  | { readonly type: 'probe'; readonly probe: Probe }
  /** No check: the run has lived for `settleMs`. 0 = ready as soon as it is started. */
  | { readonly type: 'settle'; readonly settleMs: number }
  /** A task: ready is never reached, success is `completed`. */
  | { readonly type: 'completion' };

/** What an unhealthy service suffers. */
export type OnUnhealthy = 'restart' | 'stop' | 'none';

/** The check of a running service, and what follows when it fails. */
export interface Liveness {
  readonly probe: Probe;
  readonly onFailure: OnUnhealthy;
}

/** When and how often a run that ended is followed by another. Units: ms, counts. */
export interface RestartPolicy {
  readonly policy: 'no' | 'on-failure' | 'always';
  readonly delayMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
  /** Share of the delay that chance may add or take away, 0..1. */
  readonly jitter: number;
  /** Time in `ready` after which the count of restarts starts again at 0. */
  readonly resetAfterMs: number;
  /** Automatic restarts allowed inside `withinMs`. */
  readonly limit: number;
  readonly withinMs: number;
  readonly atLimit: 'fail' | 'slow';
}

/** How a run is ended. */
export interface StopRule {
  readonly signal: string;
  /** From the first signal or the stop command to SIGKILL; ms. */
  readonly timeoutMs: number;
  readonly command: Command | null;
  /** Whom the first signal reaches; the kill always reaches the whole tree. */
  readonly scope: 'tree' | 'main';
  /** Time in which it is said to be not ready any more before it is asked to end; ms, 0 = none. */
  readonly drainMs: number;
}

/** The moments at which a definition may have a command of its own run. */
export type HookName = 'beforeStart' | 'afterReady' | 'beforeStop' | 'afterStop';

/** A command at such a moment. Units: ms; a hook that takes longer is ended with its whole tree. */
export interface Hook {
  readonly command: Command;
  readonly timeoutMs: number;
}

/** What a run may use at most, where the kernel can hold it to that; null = no limit. */
export interface ResourceLimits {
  readonly memoryBytes: number | null;
  /** Processors, e.g. 0.5. */
  readonly cpus: number | null;
  readonly processes: number | null;
}

/** When a task runs by itself. */
export interface Schedule {
  /** Five or six fields, or a name such as `@daily`. */
  readonly cron: string;
  /** IANA name, or null for the machine's. */
  readonly timezone: string | null;
  /** When the last run is not over: leave the new one out, run it afterwards, or end the old one. */
  readonly overlap: 'skip' | 'queue' | 'replace';
  /** Runs that were missed while no daemon lived: forget them, or make up for one. */
  readonly catchUp: 'skip' | 'once';
}

/** Files whose change is followed by a restart, or by a signal. Units: ms. */
export interface WatchRule {
  /** Globs, absolute. */
  readonly paths: readonly string[];
  /** Globs that do not count, absolute. */
  readonly ignore: readonly string[];
  readonly debounceMs: number;
  /** `restart`, or the name of a signal. */
  readonly action: string;
  /** Whether dependents are restarted with it. */
  readonly cascade: 'no' | 'yes';
}

/** The output of a service on disk. */
export interface LogRule {
  readonly keepBytes: number;
  readonly format: 'text' | 'json';
}

/** A service as declared, resolved. */
export interface Spec {
  readonly name: ServiceName;
  readonly description: string;
  readonly kind: Kind;
  readonly execution: Execution;
  readonly dependencies: readonly Dependency[];
  /** The child's environment but for what Rouse itself adds (PATH, HOME, USER, LANG, ROUSE_SERVICE…); wins over it. */
  readonly env: Readonly<Record<string, string>>;
  /** Names taken over from the daemon's own environment. */
  readonly inheritEnv: readonly string[];
  /** Absolute path. */
  readonly cwd: string;
  /** File mode mask for the child, or null to keep the daemon's. */
  readonly umask: number | null;
  readonly readiness: Readiness;
  /** Null: healthy means that the process lives. */
  readonly liveness: Liveness | null;
  /** The longest a run may stay in `starting`; ms. Infinity = for ever (tasks). */
  readonly startTimeoutMs: number;
  readonly restart: RestartPolicy;
  readonly stop: StopRule;
  /** Exit codes that count as success, 0 among them unless the user left it out. */
  readonly successCodes: readonly number[];
  /** Exit codes after which no restart is tried. */
  readonly noRestartCodes: readonly number[];
  /** Exit codes after which a restart is tried whatever the policy says. */
  readonly restartCodes: readonly number[];
  /** Whether `up` without targets wakes it. */
  readonly autostart: 'yes' | 'no';
  readonly labels: Readonly<Record<string, string>>;
  readonly logs: LogRule;
  /** The guide's endpoint string as written, for the frozen API. */
  readonly healthCheckEndpoint: string | null;
  readonly hooks: Readonly<Record<HookName, Hook | null>>;
  /** Longest time between two signs of life of the service; ms, null = not asked for. */
  readonly watchdogMs: number | null;
  /** Services that are never up together with it; holds both ways, whoever says it. */
  readonly conflicts: readonly ServiceName[];
  readonly limits: ResourceLimits;
  readonly confinement: Confinement;
  /** By name, which is that of the file or of the variable. */
  readonly secrets: Readonly<Record<string, Secret>>;
  /** Names under one of which it is switched on; empty = always. */
  readonly profiles: readonly string[];
  /** The service that it is one of several of, and its number from 1; null when there is only one. */
  readonly replica: { readonly of: ServiceName; readonly number: number } | null;
  readonly schedule: Schedule | null;
  readonly watch: WatchRule | null;
  /** Shown address, e.g. `http://localhost:3000`, or null. */
  readonly url: string | null;
  /** Equal hash, equal definition (SHA-256, hex, over everything but origins and how commands were written). */
  readonly hash: string;
  readonly origin: Origin | null;
}

/** The keys that most definitions leave alone, as they are then. */
export const PLAIN = {
  restartCodes: [],
  hooks: { beforeStart: null, afterReady: null, beforeStop: null, afterStop: null },
  watchdogMs: null,
  conflicts: [],
  limits: { memoryBytes: null, cpus: null, processes: null },
  confinement: PLAIN_CONFINEMENT,
  secrets: {},
  profiles: [],
  replica: null,
  schedule: null,
  watch: null,
} as const satisfies Partial<Spec>;

/** The guide's `[orchestrator.services]`, with the place each was written (null = default). */
export interface Settings {
  readonly orchestration: 'enabled' | 'disabled';
  readonly orchestrationOrigin: Origin | null;
  readonly dependencyStart: 'automatic' | 'refused';
  readonly dependencyStartOrigin: Origin | null;
  /** Path of Nushell, or null for `nu` on the PATH. */
  readonly nuPath: string | null;
  /** The guide's provisioning path, handed to commands as `PROVISIONING`, or null. */
  readonly provisioningPath: string | null;
}

/** A loaded definition: the project and its services, in the order of declaration. */
export interface Definition {
  /** The project's name. */
  readonly name: string;
  /** The folder that relative paths start from. Absolute. */
  readonly directory: string;
  /** The files it came from, absolute, in the order of merging. */
  readonly files: readonly string[];
  readonly services: readonly Spec[];
  readonly settings: Settings;
  /** What is allowed at all. Comes from files and the environment alone, never from a document of the API. */
  readonly policy: Policy;
  /** SHA-256, hex, of the whole; the API's ETag. */
  readonly hash: string;
}
