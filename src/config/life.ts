/** `hooks`, `watchdog`, `limits`, `schedule` and `watch` to the rules of a service. */
import { resolve } from 'node:path';
import type { ServiceInput } from '../contract/definition-service.ts';
import { isTimezone, parseCron } from '../model/cron.ts';
import { parseSize } from '../model/duration.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { Execution, Hook, HookName, Kind, ResourceLimits, Schedule, Spec, WatchRule } from '../model/spec.ts';
import { commandOf } from './command.ts';
import { type RulePlace, signalOf } from './policy.ts';
import { ms, writtenIn } from './probe.ts';
import { type Path, type Tree, childOf, keySpanAt, spanAt } from './tree.ts';

/** A service's table, how it runs, and the folder that globs start from. */
export interface LifePlace extends RulePlace {
  readonly kind: Kind;
  readonly execution: Execution;
  readonly directory: string;
}

const KEYS = {
  beforeStart: 'before_start',
  afterReady: 'after_ready',
  beforeStop: 'before_stop',
  afterStop: 'after_stop',
} as const satisfies Record<HookName, string>;

const HOOK_TIMEOUT_MS = 30_000;
const DEBOUNCE_MS = 200;
/** The least time between signs of life that can be told from a machine that is busy; ms. */
const WATCHDOG_LEAST_MS = 100;

/** What a definition says of moments, limits and times. Faults: RSE1106 where they do not fit how it runs. */
export function lifeOf(
  input: ServiceInput,
  place: LifePlace,
): Pick<Spec, 'hooks' | 'watchdogMs' | 'limits' | 'schedule' | 'watch'> {
  const { kind, execution } = place;
  if (kind === 'external') for (const key of ['hooks', 'watch'] as const) unfit(input, key, place, 'is external');
  if (execution.type !== 'process')
    for (const key of ['watchdog', 'limits'] as const) unfit(input, key, place, 'is not run by Rouse itself');
  if (kind !== 'task') unfit(input, 'schedule', place, 'is kept up, and a schedule is for tasks');
  else if (execution.type === 'process')
    unfit(input, 'watchdog', place, 'is a task, and a watchdog is for what is kept up');
  return {
    hooks: hooksOf(input, place),
    watchdogMs: watchdogOf(input, place),
    limits: limitsOf(input.limits),
    schedule: scheduleOf(input.schedule, place),
    watch: watchOf(input.watch, place),
  };
}

function unfit(input: ServiceInput, key: keyof ServiceInput, place: LifePlace, why: string): void {
  if (input[key] === undefined) return;
  const { service } = place.command;
  tell(place, [key], { code: 'RSE1106', message: `"${key}" does not go with "${service}", which ${why}` });
}

function watchdogOf(input: ServiceInput, place: LifePlace): number | null {
  if (input.watchdog === undefined) return null;
  const watchdogMs = ms(input.watchdog, 0);
  if (watchdogMs >= WATCHDOG_LEAST_MS) return watchdogMs;
  const message = `"watchdog" of "${place.command.service}" is shorter than ${WATCHDOG_LEAST_MS}ms`;
  tell(place, ['watchdog'], {
    code: 'RSE1102',
    message,
    hint: 'give it some times as long as the service takes between two signs',
  });
  return null;
}

function hooksOf(input: ServiceInput, place: LifePlace): Spec['hooks'] {
  const hook = (name: HookName): Hook | null => {
    const key = KEYS[name];
    const written = input.hooks?.[key];
    const tree = childOf(childOf(place.table, 'hooks'), key);
    if (written === undefined || tree === undefined) return null;
    const isTable = typeof written === 'object' && 'command' in written;
    const inner = tree.type === 'table' ? childOf(tree, 'command') : tree;
    const path = [...place.path, 'hooks', key, ...(tree.type === 'table' ? ['command'] : [])];
    if (inner === undefined) {
      const message = `hook "${key}" of "${place.command.service}" needs "command"`;
      tell(place, ['hooks', key], { code: 'RSE1103', message });
      return null;
    }
    const command = commandOf(inner, { ...place.command, path });
    return command === null
      ? null
      : { command, timeoutMs: ms(isTable && 'timeout' in written ? written.timeout : undefined, HOOK_TIMEOUT_MS) };
  };
  return {
    beforeStart: hook('beforeStart'),
    afterReady: hook('afterReady'),
    beforeStop: hook('beforeStop'),
    afterStop: hook('afterStop'),
  };
}

function limitsOf(input: ServiceInput['limits']): ResourceLimits {
  return {
    memoryBytes: input?.memory === undefined ? null : parseSize(input.memory),
    cpus: input?.cpus ?? null,
    processes: input?.processes ?? null,
  };
}

function scheduleOf(input: ServiceInput['schedule'], place: LifePlace): Schedule | null {
  if (input === undefined) return null;
  const table = typeof input === 'string' ? { cron: input } : input;
  const { service } = place.command;
  const at = typeof input === 'string' ? ['schedule'] : ['schedule', 'cron'];
  if (table.cron === undefined) {
    tell(place, ['schedule'], { code: 'RSE1103', message: `"schedule" of "${service}" needs "cron"` });
    return null;
  }
  const read = parseCron(table.cron);
  if ('fault' in read)
    tell(place, at, {
      code: 'RSE1119',
      message: `"schedule" of "${service}" ${read.fault}`,
      hint: 'write minute, hour, day, month and weekday: "30 3 * * mon-fri", or a name such as "@daily"',
    });
  if (table.timezone !== undefined && !isTimezone(table.timezone))
    tell(place, ['schedule', 'timezone'], {
      code: 'RSE1119',
      message: `this machine knows no time zone "${table.timezone}"`,
      hint: 'write it as in the IANA database: "Europe/Berlin", "UTC"',
    });
  return {
    cron: table.cron,
    timezone: table.timezone ?? null,
    overlap: table.overlap ?? 'skip',
    catchUp: table.catch_up ?? 'skip',
  };
}

function watchOf(input: ServiceInput['watch'], place: LifePlace): WatchRule | null {
  if (input === undefined) return null;
  const table = typeof input === 'string' || Array.isArray(input) ? { paths: input } : input;
  const tree = childOf(place.table, 'watch');
  if (table.paths === undefined || table.paths.length === 0) {
    const message = `"watch" of "${place.command.service}" needs "paths"`;
    tell(place, ['watch'], { code: 'RSE1103', message });
    return null;
  }
  const paths = tree?.type === 'table' ? childOf(tree, 'paths') : tree;
  const action = table.action ?? 'restart';
  return {
    paths: globsOf(table.paths, paths, place),
    ignore: globsOf(table.ignore ?? [], childOf(tree, 'ignore'), place),
    debounceMs: ms(table.debounce, DEBOUNCE_MS),
    action: action === 'restart' ? action : signalOf(action, ['watch', 'action'], place),
    cascade: table.cascade === true ? 'yes' : 'no',
  };
}

function globsOf(globs: string | readonly string[], tree: Tree | undefined, place: LifePlace): readonly string[] {
  const folder = writtenIn(tree?.span?.source.path) ?? place.directory;
  return (typeof globs === 'string' ? [globs] : globs).map((glob) => resolve(folder, glob));
}

function tell(place: LifePlace, path: Path, words: { code: ErrorCode; message: string; hint?: string }): void {
  const span = words.code === 'RSE1119' ? spanAt(place.table, path) : keySpanAt(place.table, path);
  const { service, variables } = place.command;
  variables.report({ ...words, span, path: [...place.path, ...path], services: [service] });
}
