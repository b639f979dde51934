/** A merged service to a Spec: no default is missing afterwards, no variable is left. */
import { resolve } from 'node:path';
import { type ServiceInput, serviceSchema } from '../contract/definition-service.ts';
import { declaredName, replicaOf } from '../model/replica.ts';
import { type Execution, type Kind, type Liveness, type Probe, type Spec } from '../model/spec.ts';
import type { Reach } from './address.ts';
import type { CommandPlace } from './command.ts';
import { confinementOf } from './confinement.ts';
import { type EdgePlace, conflictsOf, dependenciesOf, namedDependencies } from './dependencies.ts';
import { type EnvironmentPlace, environmentOf, inheritedOf } from './environment.ts';
import { executionOf } from './execution.ts';
import type { Report } from './fault.ts';
import { specHash } from './hash.ts';
import { type LifePlace, lifeOf } from './life.ts';
import type { Listed } from './listed.ts';
import { logRuleOf, restartOf, stopOf } from './policy.ts';
import { type ProbePlace, cadenceOf, ms, probeOf, writtenIn } from './probe.ts';
import { kept } from './schema-fault.ts';
import type { Span } from './source.ts';
import { type MergedService, standIn } from './stand-in.ts';
import { type Path, type Table, type Tree, childOf, spanAt, withEntries } from './tree.ts';
import { type Variables, originPart } from './variables.ts';

/** What the building of all services of a definition shares. */
export interface Building {
  readonly variables: Variables;
  readonly directory: string;
  readonly reach: Reach;
  /** Whether `shell = true` is granted. */
  readonly shells: 'granted' | 'refused';
  readonly readText: (path: string, span: Span | null) => string | null;
  readonly report: Report;
  readonly warn: Report;
  /** What a name stands for where there are several of it. */
  readonly members: EdgePlace['members'];
  /** Profiles that are switched on. */
  readonly profiles: ReadonlySet<string>;
  /** Which commands may run at all; the folder is that of each service. */
  readonly listed: Listed;
}

/** The spec. With faults (all reported) it still has the name and the edges, so that the graph is whole. */
export function specOf(service: MergedService, given: Building): Spec {
  const { name } = service;
  const path: Path = ['services', declaredName(name)];
  const runs = service.table.entries.has('run') ? 'function' : 'no';
  const whole = withEntries(
    service.table,
    [...service.table.entries].filter(([key]) => key !== 'run'),
  );
  const {
    value: input,
    table,
    pruned,
  } = kept(serviceSchema, { tree: whole, path, report: given.report, services: [name] });
  const building = pruned.size === 0 ? given : withoutRepetition(given, pruned);
  const { report } = building;
  const granted = input.shell === true && shellGranted(table, path, building);
  const listed = { ...building.listed, directory: cwdOf(input, table, building) };
  const { variables } = building;
  const command: CommandPlace = { variables, service: name, path, shell: granted ? 'yes' : 'no', listed };
  const place: Place = { service, table, path, building, command, input };
  const kind: Kind = input.external === true ? 'external' : (input.type ?? 'service');
  const found = executionOf(input, { ...place, kind, runs });
  const execution: Execution = found ?? { type: 'external' };
  const edges: EdgePlace = { service: name, table, path, report, members: building.members };
  return sealed({
    ...standIn(service),
    description: input.description ?? '',
    kind,
    execution,
    dependencies: pruned.has('depends_on')
      ? namedDependencies({ ...edges, table: whole })
      : dependenciesOf(input, edges),
    conflicts: conflictsOf(input.conflicts, edges),
    ...surroundingsOf(place),
    ...checksOf(place, { kind, execution }),
    ...(found === null ? {} : inLife(input, { ...place, kind, execution, directory: building.directory })),
    restart: restartOf(input.restart, kind, place),
    stop: stopOf(input.stop, place),
    successCodes: input.success_codes ?? [0],
    noRestartCodes: input.no_restart_codes ?? [],
    restartCodes: restartCodesOf(input, place),
    ...onItsOwn(input, building),
    profiles: input.profiles ?? [],
    replica: replicaOf(name),
    labels: input.labels ?? {},
    logs: logRuleOf(input.logs),
  });
}

const inLife = (input: ServiceInput, place: LifePlace): Partial<Spec> => ({
  ...lifeOf(input, place),
  ...confinementOf(input, place),
});

/** Whether it starts, or falls due, by itself: not with its profiles off; with a schedule `up` leaves it to that. */
function onItsOwn(
  input: ServiceInput,
  building: Building,
): Pick<Spec, 'autostart'> | Pick<Spec, 'autostart' | 'schedule'> {
  if (!isSwitchedOn(input, building)) return { autostart: 'no', schedule: null };
  return { autostart: (input.autostart ?? input.schedule === undefined) ? 'yes' : 'no' };
}

const isSwitchedOn = ({ profiles = [] }: ServiceInput, building: Building): boolean =>
  profiles.length === 0 || profiles.some((profile) => building.profiles.has(profile));

const WAYS = ['command', 'start_command', 'stop_command', 'status_command', 'external', 'type', 'health', 'ready'];

// A key that was taken out for its fault is not missing, excludes nothing, and grants no shell.
function withoutRepetition(building: Building, pruned: ReadonlySet<string>): Building {
  const ways = WAYS.some((key) => pruned.has(key));
  const report: Report = (fault) => {
    const repeats = ways && fault.path.length === 3 && (fault.code === 'RSE1103' || fault.code === 'RSE1106');
    if (!repeats && !(pruned.has('shell') && fault.code === 'RSE1107')) building.report(fault);
  };
  return { ...building, report, variables: { ...building.variables, report } };
}

interface Place {
  readonly service: MergedService;
  readonly table: Table;
  readonly path: Path;
  readonly building: Building;
  readonly command: CommandPlace;
  readonly input: ServiceInput;
}

function sealed(spec: Spec): Spec {
  const { hash: _, ...rest } = spec;
  return { ...rest, hash: specHash(rest) };
}

function shellGranted(table: Table, path: Path, building: Building): boolean {
  if (building.shells === 'granted') return true;
  building.report({
    code: 'RSE1107',
    message: '"shell" is not granted to a definition that did not come from a file',
    span: spanAt(table, ['shell']),
    path: [...path, 'shell'],
    hint: 'write the command as an array of words, or define the service in a file; the rules may allow it: security.api_definitions',
  });
  return false;
}

function surroundingsOf(place: Place): Pick<Spec, 'env' | 'inheritEnv' | 'cwd' | 'umask'> {
  const { input, building, table, path } = place;
  const { directory, readText, report, warn } = building;
  const at: EnvironmentPlace = { service: place.service.name, table, path, directory, readText, report, warn };
  return {
    env: environmentOf(input, at),
    inheritEnv: inheritedOf(input, at),
    cwd: cwdOf(input, table, building),
    umask: input.umask === undefined ? null : Number.parseInt(input.umask, 8),
  };
}

function cwdOf({ cwd }: ServiceInput, table: Table, { directory }: Building): string {
  const folder = writtenIn(childOf(table, 'cwd')?.span?.source.path) ?? directory;
  return cwd === undefined ? directory : resolve(folder, cwd);
}

type Checks = Pick<Spec, 'readiness' | 'liveness' | 'startTimeoutMs' | 'healthCheckEndpoint' | 'url'>;

function checksOf(place: Place, { kind, execution }: { kind: Kind; execution: Execution }): Checks {
  const { input } = place;
  const health = healthOf(place, { kind, execution });
  const ready = input.ready === undefined ? null : probeAt('ready', input.ready, place);
  if (ready?.target.type === 'notify' && execution.type !== 'process') refuseNotify(place);
  const gate = ready ?? health?.probe ?? null;
  const settleMs = ms(input.settle, execution.type === 'process' ? 1000 : 0);
  const asked = health?.probe.target.type === 'http' ? health.probe.target.url : null;
  const shared = {
    liveness: health === null || saysOnce(health.probe) ? null : health,
    healthCheckEndpoint: input.health_check_endpoint ?? asked,
    url: input.url ?? (asked === null ? null : originPart(asked)),
  };
  if (kind === 'task')
    return { ...shared, liveness: null, readiness: { type: 'completion' }, startTimeoutMs: timeoutOf(input, Infinity) };
  if (gate === null)
    return {
      ...shared,
      readiness: { type: 'settle', settleMs },
      startTimeoutMs: timeoutOf(input, Math.max(30_000, settleMs * 2)),
    };
  const usual = kind === 'external' ? Infinity : usualTimeout(gate);
  return { ...shared, readiness: { type: 'probe', probe: gate }, startTimeoutMs: timeoutOf(input, usual) };
}

function refuseNotify({ table, path, building, service }: Place): void {
  building.report({
    code: 'RSE1106',
    message: `"ready" of "${service.name}" cannot be "notify": Rouse does not run it itself`,
    span: entryKey(table, 'ready'),
    path: [...path, 'ready'],
    hint: 'ask it instead: ready = "http://…", or health',
    services: [service.name],
  });
}

function restartCodesOf(input: ServiceInput, { table, path, building, service }: Place): readonly number[] {
  const codes = input.restart_codes ?? [];
  const both = codes.find((code) => input.no_restart_codes?.includes(code) === true);
  if (both !== undefined)
    building.report({
      code: 'RSE1106',
      message: `exit code ${both} of "${service.name}" is in "restart_codes" and in "no_restart_codes"`,
      span: entryKey(table, 'restart_codes'),
      path: [...path, 'restart_codes'],
      hint: 'keep it in one of them',
      services: [service.name],
    });
  return codes;
}

/** The check of the running service: `health`, the guide's endpoint, or the status command. */
function healthOf(place: Place, { kind, execution }: { kind: Kind; execution: Execution }): Liveness | null {
  const { input, table, path, building, service } = place;
  const both = input.health !== undefined && input.health_check_endpoint !== undefined;
  if (both || (kind === 'task' && (input.health ?? input.health_check_endpoint ?? input.ready) !== undefined)) {
    const key = both
      ? 'health_check_endpoint'
      : (['health', 'health_check_endpoint', 'ready'] as const).find((name) => input[name] !== undefined);
    building.report({
      code: 'RSE1106',
      message: both
        ? `"health" and "health_check_endpoint" of "${service.name}" exclude each other`
        : `"${service.name}" is a task, and "${key}" is for services that are kept up`,
      span: entryKey(table, String(key)),
      path: [...path, String(key)],
      hint: both ? 'keep one' : `a task is done when it ends with exit code 0; take it out, or: unset = ["${key}"]`,
      services: [service.name],
    });
    return null;
  }
  if (input.health !== undefined) {
    const probe = probeAt('health', input.health, place);
    const wanted = typeof input.health === 'string' ? undefined : input.health.on_failure;
    return probe === null ? null : { probe, onFailure: wanted ?? (execution.type === 'process' ? 'restart' : 'none') };
  }
  if (input.health_check_endpoint !== undefined) {
    const probe = probeAt('health_check_endpoint', input.health_check_endpoint, place);
    return probe === null ? null : { probe, onFailure: 'none' };
  }
  return statusCheck(execution);
}

function statusCheck(execution: Execution): Liveness | null {
  if (execution.type !== 'command' || execution.status === null) return null;
  return { probe: { target: { type: 'exec', command: execution.status }, ...cadenceOf({}) }, onFailure: 'none' };
}

function probeAt(
  key: 'health' | 'ready' | 'health_check_endpoint',
  input: Parameters<typeof probeOf>[0],
  place: Place,
): Probe | null {
  return probeOf(input, probePlace(key, place));
}

function probePlace(key: string, place: Place): ProbePlace {
  const tree: Tree = childOf(place.table, key) ?? place.table;
  const { reach, directory } = place.building;
  return { command: place.command, key, tree, path: [...place.path, key], reach, directory };
}

const entryKey = (table: Table, key: string): Span | null => table.entries.get(key)?.key ?? spanAt(table, [key]);

/** Says that a run is ready, and nothing of its health afterwards. */
const saysOnce = ({ target }: Probe): boolean => ['log', 'fd', 'notify'].includes(target.type);

function usualTimeout({ target, graceMs, failureThreshold, intervalMs }: Probe): number {
  const gate = ['fd', 'log', 'file', 'notify'].includes(target.type);
  return gate ? 30_000 : Math.max(30_000, graceMs + failureThreshold * intervalMs);
}

function timeoutOf(input: ServiceInput, usual: number): number {
  return input.start_timeout === 'none' ? Infinity : ms(input.start_timeout, usual);
}
