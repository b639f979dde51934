/** `rouse run`: runs a task in the foreground; its output streams, its exit code is ours. */
import { constants } from 'node:os';
import type { Client } from '../client/client.ts';
import type { ApiChange } from '../contract/api-change.ts';
import type { ApiLogLine } from '../contract/api-log.ts';
import type { ApiService } from '../contract/api-service.ts';
import { withDaemon } from './bring-up.ts';
import type { Connection } from './connection.ts';
import { inForeground } from './foreground.ts';
import { INTERRUPTED, type Interruption, onInterrupt } from './interrupt.ts';
import { chosen } from './names.ts';
import { showFailures } from './operation.ts';
import { type Options, usage } from './options.ts';
import { logLine } from './render/log-line.ts';
import type { Session } from './session.ts';
import { NOT_RUN } from './spawn.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '<task> [arguments...]',
  examples: [
    ['rouse run migrate', 'run the task, after what it needs is up'],
    ['rouse run migrate --no-deps', 'the task alone'],
    ['rouse run migrate -- --dry', 'with arguments of its own, here and once; what is kept of the task stays as it is'],
  ],
  flags: [
    { spelling: '--no-deps', text: 'without what it needs' },
    { spelling: '--raw', text: 'control characters as they are, also on a terminal' },
  ],
  exits: [
    [0, 'the task’s own exit code'],
    [4, 'no such task'],
    [125, 'Rouse could not run it'],
    [126, 'its program is not executable'],
    [127, 'its program was not found'],
  ],
  run,
};

async function run(session: Session, { args, options }: Input): Promise<number> {
  const [name = '', ...more] = args;
  return withDaemon(session, (connection) =>
    more.length === 0
      ? runTask(session, connection, { name, options })
      : runWith(session, connection, { name, options, more }),
  );
}

/**
 * Runs the task's command with further arguments in the foreground, as this command's own child, once what the task needs
 * is up. It is no run of the service: the task's state, runs and output stay as they are.
 */
async function runWith(
  session: Session,
  connection: Connection,
  { name, options, more }: { readonly name: string; readonly options: Options; readonly more: readonly string[] },
): Promise<number> {
  const all = await connection.client.services.list();
  const [task] = chosen(all, [name]);
  if (task?.kind !== 'task') throw notTask(name);
  const needed = options.isOff('deps') || session.flags.dryRun ? [] : await neededBy(connection, name);
  if (needed.length > 0) {
    const order = { action: 'start', services: needed, options: { dependencies: 'closure' } } as const;
    const { ended, interruption } = await untilEnded(connection.client, await connection.client.changes.create(order));
    if (interruption !== null) return INTERRUPTED[interruption];
    if (ended.state !== 'done') {
      const services = chosen(await connection.client.services.list(), needed);
      await showFailures(session, connection, { change: ended, all, services, interruption: null, tookMs: 0 });
      return NOT_RUN.otherwise;
    }
  }
  return await inForeground(session, connection, name, { arguments: more });
}

/** What must be up before it; optional needs are left out, since nothing here would wait for them. */
async function neededBy({ client }: Connection, name: string): Promise<readonly string[]> {
  const { edges } = await client.plans.graph();
  return edges.filter(({ from, need }) => from === name && need === 'required').map(({ to }) => to);
}

async function runTask(
  session: Session,
  connection: Connection,
  { name, options }: { readonly name: string; readonly options: Options },
): Promise<number> {
  const [before] = chosen(await connection.client.services.list(), [name]);
  if (before?.kind !== 'task') throw notTask(name);
  const output = openTaskOutput(session, connection.client, {
    before,
    control: options.isOn('raw') ? 'raw' : 'escaped',
  });
  const order = {
    action: 'run',
    services: [name],
    options: { dependencies: options.isOff('deps') ? 'alone' : 'closure' },
  } as const;
  const change = await connection.client.changes.create(order);
  const { ended, interruption } = await untilEnded(connection.client, change);
  await output.finish();
  if (interruption !== null) return INTERRUPTED[interruption];
  return await exitCodeOf(session, connection, { change: ended, name });
}

function notTask(name: string): Error {
  return usage(`cannot run "${name}": it is a service, not a task`, `start it: rouse start ${name}`);
}

async function untilEnded(
  client: Client,
  change: ApiChange,
): Promise<{ readonly ended: ApiChange; readonly interruption: Interruption | null }> {
  const state: { interruption: Interruption | null } = { interruption: null };
  using _ = onInterrupt((interruption) => {
    state.interruption ??= interruption;
    // The end of the change tells how it went; when the order cannot be given there is no daemon to wait for either.
    client.changes.abort(change.id).catch(() => undefined);
  });
  return { ended: await client.changes.settled(change.id), interruption: state.interruption };
}

async function exitCodeOf(
  session: Session,
  connection: Connection,
  { change, name }: { readonly change: ApiChange; readonly name: string },
): Promise<number> {
  const all = await connection.client.services.list();
  const [service] = chosen(all, [name]);
  if (service === undefined) return NOT_RUN.otherwise;
  if (change.state === 'done') return service.exit_code ?? 0;
  const own = ownCode(service);
  if (own === null || service.reason?.code === 'start-failed')
    await showFailures(session, connection, { change, all, services: [service], interruption: null, tookMs: 0 });
  return own ?? NOT_RUN.otherwise;
}

/** The code that the task ended with: 128 and the number for a signal, 127 and 126 when it could not be executed. */
function ownCode(service: ApiService): number | null {
  if (service.phase !== 'failed' && service.phase !== 'backoff') return null;
  if (service.reason?.code === 'start-failed') return startFault(service.reason.text);
  if (service.exit_signal !== null) {
    const number = Object.entries(constants.signals).find(([signal]) => signal === service.exit_signal)?.[1];
    return number === undefined ? null : 128 + number;
  }
  return service.exit_code;
}

function startFault(text: string): number {
  if (/not found|no such/i.test(text)) return NOT_RUN.notFound;
  return /not executable|permission/i.test(text) ? NOT_RUN.notExecutable : NOT_RUN.otherwise;
}

interface TaskOutput {
  /** Writes what is left and ends. */
  finish(): Promise<void>;
}

/** Shows the lines of the runs after the one that there was before. */
function openTaskOutput(
  session: Session,
  client: Client,
  { before, control }: { readonly before: ApiService; readonly control: 'raw' | 'escaped' },
): TaskOutput {
  const stop = new AbortController();
  const written = new Set<string>();
  const layout = {
    style: session.out.style,
    width: 0,
    prefix: 'none',
    times: 'hidden',
    control: session.out.stream === 'pipe' ? 'raw' : control,
  } as const;
  const write = (line: ApiLogLine): void => {
    const place = `${line.run}:${line.offset}`;
    if (line.run <= before.run || written.has(place)) return;
    written.add(place);
    session.out.write(`${logLine(line, layout)}${line.cut ? '' : '\n'}`);
  };
  const pump = async (): Promise<void> => {
    for await (const line of client.logs.follow({ services: [before.name], tail: 1, signal: stop.signal })) write(line);
  };
  const ended = pump().catch(() => undefined);
  return {
    finish: async () => {
      stop.abort();
      await ended;
      const rest = client.logs.read({
        services: [before.name],
        runs: 'last',
        tail: null,
        signal: new AbortController().signal,
      });
      for await (const line of rest) write(line);
    },
  };
}
