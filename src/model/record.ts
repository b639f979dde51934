/** What is kept and told: a thing that happened in the project with its number, time and actor. */
import type { Actor, Change, Task } from './change.ts';
import type { Reason } from './reason.ts';
import type { Health, Phase } from './service.ts';
import type { HookName, ServiceName } from './spec.ts';

/** The content of a record. Payloads only grow. */
export type RecordBody =
  | {
      readonly type: 'service.phase';
      readonly service: ServiceName;
      readonly from: Phase;
      readonly to: Phase;
      readonly run: number;
      readonly reason: Reason;
      /** The reason in words. */
      readonly text: string;
      /** Ms spent in the phase that was left. */
      readonly elapsedMs: number;
      readonly pid: number | null;
    }
  | {
      readonly type: 'service.health';
      readonly service: ServiceName;
      readonly run: number;
      readonly from: Health['verdict'];
      readonly to: Health['verdict'];
      readonly message: string | null;
    }
  | {
      readonly type: 'service.exit';
      readonly service: ServiceName;
      readonly run: number;
      readonly exitCode: number | null;
      readonly signal: string | null;
    }
  | {
      readonly type: 'service.restart';
      readonly service: ServiceName;
      readonly run: number;
      readonly delayMs: number;
      readonly restarts: number;
    }
  /** A person sent it a signal. */
  | {
      readonly type: 'service.signalled';
      readonly service: ServiceName;
      readonly run: number;
      readonly signal: string;
      readonly scope: 'main' | 'tree';
    }
  /** A person pinned it, or let it go. */
  /** A hook ended badly; `message` is its evidence in words. */
  | {
      readonly type: 'service.hook';
      readonly service: ServiceName;
      readonly run: number;
      readonly hook: HookName;
      readonly message: string;
    }
  | { readonly type: 'service.pinned'; readonly service: ServiceName; readonly pin: 'up' | 'down' | 'none' }
  /** Something that was up was lost, or a start failed for good; `services` suffer from it, nearest first. */
  | {
      readonly type: 'incident.opened';
      /** The service at the root. */
      readonly service: ServiceName;
      readonly reason: Reason;
      readonly text: string;
      readonly services: readonly ServiceName[];
    }
  /** It is over: the root is back (`mended`), or a person put it to rest. `services` have suffered from it at any time. */
  | {
      readonly type: 'incident.closed';
      readonly service: ServiceName;
      readonly end: 'mended' | 'put-to-rest';
      readonly text: string;
      readonly services: readonly ServiceName[];
      readonly elapsedMs: number;
    }
  /** A schedule fell due, and what came of it. */
  | {
      readonly type: 'schedule.due';
      readonly service: ServiceName;
      readonly result: 'started' | 'skipped' | 'queued' | 'missed' | 'refused';
      readonly text: string;
    }
  /** Files that are watched have changed: those of services (`services` names them), or the definition (none). */
  | {
      readonly type: 'files.changed';
      readonly services: readonly ServiceName[];
      /** Absolute, at most 20 of them. */
      readonly files: readonly string[];
      readonly result: 'restarted' | 'signalled' | 'reloaded' | 'unchanged' | 'refused';
      readonly text: string;
    }
  | { readonly type: 'change.created' | 'change.done'; readonly change: Change }
  /** One task moved; `done` of `total` tasks have ended. */
  | {
      readonly type: 'change.progress';
      readonly id: string;
      readonly task: Task;
      readonly done: number;
      readonly total: number;
    }
  | {
      readonly type: 'definition.applied';
      readonly hash: string;
      readonly added: readonly ServiceName[];
      readonly changed: readonly ServiceName[];
      readonly removed: readonly ServiceName[];
    }
  /** `previous`: how the daemon before ended; `left` = as it was told to, with or without its services. */
  | {
      readonly type: 'system.started';
      readonly version: string;
      readonly pid: number;
      readonly previous: 'none' | 'left' | 'killed';
    }
  /** What became of the runs that an earlier daemon left. `fenced`: ordered, but never begun, and never to be. */
  | {
      readonly type: 'system.recovered';
      readonly adopted: number;
      readonly ended: number;
      readonly fenced: number;
      readonly unverified: number;
      /** Services whose run the store did not know: it was lost, or could not be written. */
      readonly rebuilt: readonly ServiceName[];
    }
  | { readonly type: 'system.stopping' };

/** A record: `seq` grows by 1 over the whole project, `at` is epoch ms. */
export interface ProjectRecord {
  readonly seq: number;
  readonly at: number;
  readonly actor: Actor;
  readonly body: RecordBody;
}

/** Says that a slow reader missed records; readers reload. */
export interface Gap {
  readonly type: 'gap';
  readonly dropped: number;
}
