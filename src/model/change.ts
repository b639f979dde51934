/** An operation: what was asked, by whom, and what became of each service it touched. */
import type { ServiceName } from './spec.ts';

/** Who asked: a person through one of the faces, a policy, or Rouse itself. */
export interface Actor {
  readonly via: 'cli' | 'api' | 'library' | 'policy' | 'rouse';
  readonly name: string;
}

/** What was asked for. `up` and `down` are start and stop of everything, or of targets with what they need. */
export type Action = 'up' | 'down' | 'start' | 'stop' | 'restart' | 'run';

/** Where an operation is. */
export type ChangeState = 'running' | 'done' | 'failed' | 'aborting' | 'aborted';

/** Where one service's part is. `skipped`: there was nothing to do. `canceled`: a later request took its place. */
export type TaskState = 'waiting' | 'doing' | 'done' | 'failed' | 'skipped' | 'canceled';

/** One service doing one step. Times are epoch ms, null before they happen. */
export interface Task {
  readonly id: string;
  readonly service: ServiceName;
  readonly kind: 'start' | 'stop' | 'restart';
  /** The run that the service had when the task was made; 0 = none yet. What is judged goes on from there. */
  readonly sinceRun: number;
  readonly state: TaskState;
  /** Names of what it waits for now; empty unless waiting. */
  readonly waitingFor: readonly ServiceName[];
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** Why it failed or was canceled, in words; null otherwise. */
  readonly error: string | null;
  /** The service at the root of the failure; null unless failed. */
  readonly root: ServiceName | null;
}

/** An operation with its tasks. Times are epoch ms. `id` counts from "1" and grows over the whole project. */
export interface Change {
  readonly id: string;
  readonly action: Action;
  readonly services: readonly ServiceName[];
  readonly state: ChangeState;
  readonly summary: string;
  readonly by: Actor;
  readonly createdAt: number;
  readonly endedAt: number | null;
  readonly tasks: readonly Task[];
  readonly error: string | null;
}
