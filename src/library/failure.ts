/** Changes that did not end well, as the errors that a caller catches. */
import type { ApiChange, ApiTask } from '../contract/api-change.ts';
import type { ApiService } from '../contract/api-service.ts';
import {
  ConflictError,
  type ErrorCode,
  HealthTimeoutError,
  RouseError,
  StartError,
  StopTimeoutError,
} from '../model/errors.ts';
import type { Backend } from './backend.ts';

const LAST_LINES = 20;

const CODES: Readonly<Record<string, ErrorCode>> = {
  dependency: 'RSE2105',
  'exited-early': 'RSE2102',
  exited: 'RSE2102',
  'restart-limit': 'RSE2106',
  unhealthy: 'RSE2112',
};

/**
 * The errors of a change, one for each service at the root of failed tasks, in the order of the tasks; `blocked` holds
 * who was not started because of it.
 */
export async function failuresOf(change: ApiChange, backend: Backend): Promise<readonly StartError[]> {
  const failed = change.tasks.filter(({ state }) => state === 'failed');
  const roots = [...new Set(failed.map(({ service, root }) => root ?? service))];
  return Promise.all(
    roots.map((root) => {
      const blocked = failed
        .filter((task) => task.root === root && task.service !== root)
        .map(({ service }) => service);
      return failureOf(backend, root, {
        blocked,
        error: failed.find(({ service }) => service === root)?.error ?? null,
      });
    }),
  );
}

/** The error of one service that did not come up. */
export async function failureOf(
  backend: Backend,
  name: string,
  known: { readonly blocked: readonly string[]; readonly error: string | null },
): Promise<StartError> {
  const service = await backend.service(name);
  const lastLogs = await backend.lastLines(name, LAST_LINES);
  const message = `cannot start "${name}": ${known.error ?? service.reason?.text ?? 'it failed'}`;
  const fields = {
    service: name,
    services: [name, ...known.blocked],
    blocked: known.blocked,
    lastLogs,
    exitCode: service.exit_code,
    signal: service.exit_signal,
    origin: service.origin,
  };
  if (service.reason?.code === 'startup-timeout') return unready(backend, service, { message, fields });
  const code = backend.startFault(name) ?? CODES[service.reason?.code ?? ''] ?? 'RSE2109';
  return new StartError(code, message, fields);
}

async function unready(
  backend: Backend,
  { name, run }: ApiService,
  { message, fields }: { readonly message: string; readonly fields: ConstructorParameters<typeof StartError>[2] },
): Promise<HealthTimeoutError> {
  const results = (await backend.checks(name)).filter((check) => check.run === run).flatMap((check) => check.results);
  return new HealthTimeoutError(message, {
    ...fields,
    attempts: results.length,
    lastResult: results.at(-1)?.message ?? null,
  });
}

/** The errors of a change that was given up when its time was over: of what was being started, with who waited for it. */
export async function lateErrors(change: ApiChange, backend: Backend, limit: string): Promise<readonly StartError[]> {
  const open = (state: ApiTask['state']): readonly string[] =>
    change.tasks.filter((task) => task.state === state).map(({ service }) => service);
  const failed = await failuresOf(change, backend);
  const late = await Promise.all(
    open('doing').map(async (name) => {
      const fields = {
        service: name,
        services: [name, ...open('waiting')],
        blocked: open('waiting'),
        lastLogs: await backend.lastLines(name, LAST_LINES),
      };
      const message = `cannot start "${name}": not ready within ${limit}`;
      return unready(backend, await backend.service(name), { message, fields });
    }),
  );
  return [...failed, ...late];
}

/** One error as it is; several as one AggregateError whose message names them all. Shapes: `errors` is not empty. */
export function oneOf(errors: readonly StartError[]): StartError | AggregateError {
  const [first] = errors;
  if (first !== undefined && errors.length === 1) return first;
  const lines = errors.map(({ shortMessage }) => `  ${shortMessage}`).join('\n');
  return new AggregateError(errors, `cannot start ${errors.length} services:\n${lines}`);
}

/** Throws what an ended change that is not done deserves. Errors: those of its starts; ConflictError RSE2111; StopTimeoutError. */
export async function refuseFailed(change: ApiChange, backend: Backend): Promise<void> {
  if (change.state === 'done') return;
  const failures = change.tasks.some(({ kind }) => kind !== 'stop') ? await failuresOf(change, backend) : [];
  if (failures.length > 0) throw oneOf(failures);
  const canceled = change.tasks.filter(({ state }) => state === 'canceled').map(({ service }) => service);
  const names = canceled.map((name) => `"${name}"`).join(', ');
  if (canceled.length > 0)
    throw new ConflictError('RSE2111', `cannot ${change.action} ${names}: a later request took its place`, {
      services: canceled,
    });
  const stuck = change.tasks.filter(({ state }) => state === 'failed').map(({ service }) => service);
  if (stuck.length > 0)
    throw new StopTimeoutError(`cannot stop ${stuck.map((name) => `"${name}"`).join(', ')}`, { services: stuck });
  throw new RouseError(
    'RSE2109',
    `cannot ${change.action} ${change.services.join(', ')}: ${change.error ?? change.state}`,
  );
}
