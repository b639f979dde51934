/** A service as people see it: made by `core/describe.ts` from a Service and its neighbours. */
import type { HealthReport } from './check.ts';
import type { HeldBy } from './held.ts';
import type { ReasonCode } from './reason.ts';
import type { Demand, Desired, Phase, Step } from './service.ts';
import type { Execution, Kind, Origin, ServiceName } from './spec.ts';

/** The guide's four words. */
export type Status = 'Running' | 'Stopped' | 'Failed' | 'Unknown';

/** The word shown for a service: a phase, or what it comes down to for people. */
export type StateWord =
  | 'waiting'
  | 'starting'
  | 'ready'
  | 'done'
  | 'unhealthy'
  | 'retry'
  | 'failed'
  | 'blocked'
  | 'stopping'
  | 'stopped'
  | 'off'
  | 'unknown';

/** A reason with its words. */
export interface ReasonView {
  readonly code: ReasonCode;
  readonly text: string;
  /** The service that it is about, or null. */
  readonly service: ServiceName | null;
}

/** What `ps`, `status`, the API and the library show of a service. Times are epoch ms, null when there is none. */
export interface ServiceView {
  readonly name: ServiceName;
  readonly description: string;
  readonly kind: Kind;
  readonly execution: Execution['type'];
  /** Whether a shell reads any of its commands: its own, that of its stop, of a hook or of a probe. */
  readonly shell: 'yes' | 'no';
  readonly status: Status;
  readonly phase: Phase;
  readonly word: StateWord;
  /** Where inside its phase it is. */
  readonly step: Step;
  readonly desired: Desired;
  readonly demand: Demand;
  /** Whether dependents that need it ready may start. */
  readonly ready: boolean;
  readonly health: HealthReport;
  /** What holds its start, or its stop, now; empty when nothing does. */
  readonly waitingFor: readonly ServiceName[];
  /** Null in `ready` without anything to say, and when it was never asked for. */
  readonly reason: ReasonView | null;
  /** What it last said of itself (`STATUS=`); null when nothing. */
  readonly saying: string | null;
  readonly since: number;
  readonly startedAt: number | null;
  readonly readyAt: number | null;
  readonly uptimeMs: number | null;
  readonly lastStartMs: number | null;
  readonly retryInMs: number | null;
  readonly run: number;
  readonly restarts: number;
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
  readonly pid: number | null;
  /** How the live run's processes are held together; null without a run of processes. */
  readonly held: HeldBy | null;
  readonly urls: readonly string[];
  readonly dependsOn: readonly ServiceName[];
  readonly dependents: readonly ServiceName[];
  /** Lost dependencies while it runs; it is shown degraded. */
  readonly degradedBy: readonly ServiceName[];
  /** Where a person has pinned it, whatever others want. */
  readonly pin: 'up' | 'down' | 'none';
  /** Whether the live run was started with an older definition. */
  readonly outdated: boolean;
  /** When its schedule falls due next; null without one. */
  readonly nextRunAt: number | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Where it is declared; its command's place while that cannot be run. */
  readonly origin: Origin | null;
}

/** The graph for people and drawings. `waves` as in a plan of everything; edges in declaration order. */
export interface GraphView {
  readonly services: readonly ServiceName[];
  readonly edges: readonly GraphEdge[];
  readonly waves: readonly (readonly ServiceName[])[];
  readonly criticalPath: readonly ServiceName[];
}

/** An edge: `from` depends on `to`. */
export interface GraphEdge {
  readonly from: ServiceName;
  readonly to: ServiceName;
  readonly when: 'ready' | 'started' | 'completed' | 'ended';
  readonly need: 'required' | 'optional' | 'order';
  readonly onLoss: 'ignore' | 'restart' | 'stop';
}
