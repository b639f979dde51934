/**
 * A resolved definition written down in the words of the definition file, nothing left out: what `GET /definition` shows
 * and `PUT /definition` takes back. Values of variables are shown as `***`.
 */
import type { Definition, Dependency, Execution, RestartPolicy, Spec } from '../model/spec.ts';
import { confinementOf } from './document-confinement.ts';
import { lifeOf } from './document-life.ts';
import { commandOf, durationOf, healthOf, readyOf } from './document-probe.ts';

const SECRET_NAME = /(pass|secret|token|key|credential|auth|dsn)/i;
// Variables that a definition must allow by name; security, environment.
const LOADER_NAME = /^(LD_.*|NODE_OPTIONS|BASH_ENV|ENV|PYTHON.*PATH|PERL5LIB|RUBYOPT|GCONV_PATH|IFS)$/;

/** What stands where a secret would. */
const MASK = '***';

/** A part of the document. */
export type DocumentTable = Readonly<Record<string, unknown>>;

/** The definition as a document of plain JSON values. */
export function toDocument(definition: Definition): DocumentTable {
  const { settings } = definition;
  return {
    name: definition.name,
    services: Object.fromEntries(definition.services.map((spec) => [spec.name, escaped(serviceDocument(spec))])),
    orchestrator: {
      services: {
        manager_enabled: settings.orchestration === 'enabled',
        auto_start_dependencies: settings.dependencyStart === 'automatic',
        ...(settings.nuPath === null ? {} : { nu_path: settings.nuPath }),
        ...(settings.provisioningPath === null ? {} : { provisioning_path: settings.provisioningPath }),
      },
    },
  };
}

/**
 * The variables with every value masked: a value is no business of who looks at a definition, whatever its name says.
 * Shapes: names stay, in their order.
 */
export function masked(env: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(env).map((name) => [name, MASK]));
}

/** A document in the words of the file with the values of every `env` masked, and of `vars` that are named like secrets. */
export function withoutValues(document: DocumentTable): DocumentTable {
  const { services, vars } = document;
  return {
    ...document,
    ...(isTable(vars) ? { vars: maskedWhere(vars, (name) => SECRET_NAME.test(name)) } : {}),
    ...(isTable(services) ? { services: mapped(services, withoutEnvValues) } : {}),
  };
}

/**
 * The document with every mask replaced by the value that it stands for in the present definition, so that a document
 * that was read can be sent back. Shapes: `document` is not changed; a mask without a present value stays, see `masksIn`.
 */
export function unmasked(document: unknown, present: Definition): unknown {
  if (!isTable(document) || !isTable(document['services'])) return document;
  const specs = new Map(present.services.map((spec) => [spec.name, spec]));
  const services = Object.entries(document['services']).map(([name, service]) => {
    const env = specs.get(name)?.env ?? {};
    if (!isTable(service) || !isTable(service['env'])) return [name, service];
    const values = Object.entries(service['env']).map(([key, value]) => [
      key,
      value === MASK && Object.hasOwn(env, key) ? escaped(env[key]) : value,
    ]);
    return [name, { ...service, env: Object.fromEntries(values) as DocumentTable }];
  });
  return { ...document, services: Object.fromEntries(services) as DocumentTable };
}

/** The places of masks, e.g. `services.web.env.PORT`: none may be left in a document that is to be used. */
export function masksIn(document: unknown): readonly (readonly string[])[] {
  if (!isTable(document) || !isTable(document['services'])) return [];
  return Object.entries(document['services']).flatMap(([service, table]) => {
    const env = isTable(table) && isTable(table['env']) ? table['env'] : {};
    const names = Object.keys(env).filter((name) => env[name] === MASK);
    return names.map((name) => ['services', service, 'env', name]);
  });
}

function withoutEnvValues(service: unknown): unknown {
  return isTable(service) && isTable(service['env']) ? { ...service, env: masked(service['env']) } : service;
}

function maskedWhere(table: DocumentTable, isSecret: (name: string) => boolean): DocumentTable {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, isSecret(name) ? MASK : value]));
}

function mapped(table: DocumentTable, change: (value: unknown) => unknown): DocumentTable {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, change(value)]));
}

// A resolved value is what it is; read again as a definition, `${` and `$$` would be taken for something to fill in.
function escaped(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(/\$(?=[{$])/g, '$$$$');
  if (Array.isArray(value)) return value.map(escaped);
  if (!isTable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, escaped(inner)]));
}

/** One service in the words of the definition file, as it is: nothing in it is escaped. */
export function serviceDocument(spec: Spec): DocumentTable {
  return {
    ...(spec.description === '' ? {} : { description: spec.description }),
    ...(spec.kind === 'task' ? { type: 'task' } : {}),
    ...executionOf(spec.execution),
    ...(usesShell(spec) ? { shell: true } : {}),
    depends_on: Object.fromEntries(spec.dependencies.filter(({ need }) => need !== 'order').map(dependencyOf)),
    ...lifeOf(spec),
    ...confinementOf(spec),
    env: masked(spec.env),
    // They were allowed when the definition was read; naming them all allows no more than is there.
    allow_loader_env: Object.keys(spec.env).filter((name) => LOADER_NAME.test(name)),
    inherit_env: spec.inheritEnv,
    cwd: spec.cwd,
    ...(spec.umask === null ? {} : { umask: spec.umask.toString(8).padStart(3, '0') }),
    ...checksOf(spec),
    ...(spec.kind === 'external' ? {} : runRules(spec)),
    autostart: spec.autostart === 'yes',
    labels: spec.labels,
    ...(spec.url === null ? {} : { url: spec.url }),
  };
}

function checksOf(spec: Spec): DocumentTable {
  const startTimeout = Number.isFinite(spec.startTimeoutMs) ? durationOf(spec.startTimeoutMs) : 'none';
  const { readiness } = spec;
  return {
    ...healthOf(spec),
    ...readyOf(spec),
    ...(readiness.type === 'settle' && spec.kind !== 'external' ? { settle: durationOf(readiness.settleMs) } : {}),
    start_timeout: startTimeout,
  };
}

function runRules(spec: Spec): DocumentTable {
  const { stop, logs } = spec;
  return {
    restart: restartOf(spec.restart),
    stop: {
      signal: stop.signal,
      timeout: durationOf(stop.timeoutMs),
      scope: stop.scope,
      drain: durationOf(stop.drainMs),
      ...(stop.command === null || spec.execution.type === 'command' ? {} : { command: commandOf(stop.command) }),
    },
    success_codes: spec.successCodes,
    no_restart_codes: spec.noRestartCodes,
    restart_codes: spec.restartCodes,
    logs: { keep: `${logs.keepBytes}B`, format: logs.format },
  };
}

function executionOf(execution: Execution): DocumentTable {
  switch (execution.type) {
    case 'process':
      return { command: commandOf(execution.command) };
    case 'command': {
      const { start, stop, status } = execution;
      return {
        start_command: commandOf(start),
        ...(stop === null ? {} : { stop_command: commandOf(stop) }),
        ...(status === null ? {} : { status_command: commandOf(status) }),
      };
    }
    case 'external':
      return { external: true };
    case 'function':
      // Held by the program that made it; a document cannot say it.
      return {};
    default:
      return execution satisfies never;
  }
}

function usesShell({ execution, stop, hooks }: Spec): boolean {
  const commands =
    execution.type === 'process'
      ? [execution.command]
      : execution.type === 'command'
        ? [execution.start, execution.stop, execution.status]
        : [];
  const moments = Object.values(hooks).map((hook) => hook?.command);
  return [...commands, ...moments, stop.command].some((command) => command?.via === 'shell');
}

function dependencyOf({ name, when, need, onLoss }: Dependency): [string, DocumentTable] {
  return [name, { when, optional: need === 'optional', on_loss: onLoss }];
}

function restartOf(policy: RestartPolicy): DocumentTable {
  return {
    policy: policy.policy,
    delay: durationOf(policy.delayMs),
    factor: policy.factor,
    max_delay: durationOf(policy.maxDelayMs),
    jitter: policy.jitter,
    reset_after: durationOf(policy.resetAfterMs),
    max: policy.limit,
    within: durationOf(policy.withinMs),
    at_limit: policy.atLimit,
  };
}

function isTable(value: unknown): value is DocumentTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
