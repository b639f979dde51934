/** Moments, limits and times of a service in the words of the definition file; what it does not have is left out. */
import type { Hook, Spec } from '../model/spec.ts';
import { processLimitsOf } from './document-confinement.ts';
import { commandOf, durationOf } from './document-probe.ts';

type Table = Readonly<Record<string, unknown>>;

/** What a document says of a service's life beside how it starts and ends. */
export function lifeOf(spec: Spec): Table {
  const after = spec.dependencies.filter(({ need }) => need === 'order').map(({ name }) => name);
  return {
    ...(after.length === 0 ? {} : { after }),
    ...(spec.conflicts.length === 0 ? {} : { conflicts: spec.conflicts }),
    ...(spec.profiles.length === 0 ? {} : { profiles: spec.profiles }),
    ...(spec.watchdogMs === null ? {} : { watchdog: durationOf(spec.watchdogMs) }),
    ...unlessEmpty('hooks', hooksOf(spec)),
    ...unlessEmpty('limits', limitsOf(spec)),
    ...scheduleOf(spec),
    ...watchOf(spec),
  };
}

const unlessEmpty = (key: string, table: Table): Table => (Object.keys(table).length === 0 ? {} : { [key]: table });

function hooksOf({ hooks }: Spec): Table {
  const { beforeStart, afterReady, beforeStop, afterStop } = hooks;
  return {
    ...hookOf('before_start', beforeStart),
    ...hookOf('after_ready', afterReady),
    ...hookOf('before_stop', beforeStop),
    ...hookOf('after_stop', afterStop),
  };
}

const hookOf = (key: string, hook: Hook | null): Table =>
  hook === null ? {} : { [key]: { command: commandOf(hook.command), timeout: durationOf(hook.timeoutMs) } };

function limitsOf(spec: Spec): Table {
  const { memoryBytes, cpus, processes } = spec.limits;
  return {
    ...(memoryBytes === null ? {} : { memory: `${memoryBytes}B` }),
    ...(cpus === null ? {} : { cpus }),
    ...(processes === null ? {} : { processes }),
    ...processLimitsOf(spec),
  };
}

function scheduleOf({ schedule }: Spec): Table {
  if (schedule === null) return {};
  const { cron, timezone, overlap, catchUp } = schedule;
  return { schedule: { cron, ...(timezone === null ? {} : { timezone }), overlap, catch_up: catchUp } };
}

function watchOf({ watch }: Spec): Table {
  if (watch === null) return {};
  const { paths, ignore, debounceMs, action, cascade } = watch;
  return { watch: { paths, ignore, debounce: durationOf(debounceMs), action, cascade: cascade === 'yes' } };
}
