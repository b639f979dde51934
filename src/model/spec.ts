/**
 * What the user declared about a service, fully resolved and immutable.
 *
 * A Spec is what `config/` and the library make out of a definition: no defaults are missing, no variable
 * is left, every duration is in milliseconds and every command is an argument vector.
 */

/** A service's name: `^[a-z][a-z0-9._-]{0,62}$`, none of the reserved words. */
export type ServiceName = string;

/** A service is kept up, a task runs once and should end well, an external service is only watched. */
export type Kind = 'service' | 'task' | 'external';

/** Where a value was written. Lines and columns count from 1; `file` is absolute, or `<stdin>`, `<api>`, `<library>`. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

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

/** One edge of the graph, owned by the dependent. `need` is `optional` when a failed dependency does not block. */
export interface Dependency {
  readonly name: ServiceName;
  readonly when: When;
  readonly need: 'required' | 'optional';
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
  | { readonly type: 'fd'; readonly fd: number };

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
  /** Whether `up` without targets wakes it. */
  readonly autostart: 'yes' | 'no';
  readonly labels: Readonly<Record<string, string>>;
  readonly logs: LogRule;
  /** The guide's endpoint string as written, for the frozen API. */
  readonly healthCheckEndpoint: string | null;
  /** Shown address, e.g. `http://localhost:3000`, or null. */
  readonly url: string | null;
  /** Equal hash, equal definition (SHA-256, hex, over everything but origins and how commands were written). */
  readonly hash: string;
  readonly origin: Origin | null;
}

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
  /** SHA-256, hex, of the whole; the API's ETag. */
  readonly hash: string;
}
