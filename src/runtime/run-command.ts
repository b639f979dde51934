/**
 * A command that helps with a service (start, stop, status, hook): it ends by itself, within a limit.
 *
 * | how it ends               | what becomes of what it has started                                             |
 * |---------------------------|---------------------------------------------------------------------------------|
 * | by itself                 | it runs on: a start command is there to leave something behind                  |
 * | at its limit              | all of it gets SIGTERM, and SIGKILL two seconds later or when the command ends  |
 * | a hook at its limit       | all of it gets SIGKILL                                                           |
 * | by `kill`                 | all of it gets SIGKILL                                                          |
 * | the daemon is killed      | the next daemon sends SIGKILL to all of it (`command-notes.ts`), but for a start |
 *
 * "All of it" is whatever carries its cookie, wherever it went.
 */
import { closeSync } from 'node:fs';
import { isRouseError } from '../model/errors.ts';
import type { Ending, StartFault } from '../model/reason.ts';
import type { Command, Spec } from '../model/spec.ts';
import { type Purpose, noteCommand } from './command-notes.ts';
import { confineCommand } from './confine-launch.ts';
import { type Environment, childEnvironment, commandEnvironment } from './environment.ts';
import { launchOf } from './launch.ts';
import type { RuntimeParts } from './parts.ts';
import type { Identity } from './process-group.ts';
import { spawnProgram } from './spawn.ts';
import type { CommandTree, Lingering } from './tree.ts';

/** What commands are run with. */
export type CommandParts = Pick<
  RuntimeParts,
  'clock' | 'logs' | 'report' | 'host' | 'guard' | 'confining' | 'credentials' | 'runDirectory' | 'settings' | 'trees'
>;

/** What to run, and for whom. */
export interface CommandOrder {
  readonly command: Command;
  readonly spec: Spec;
  readonly run: number;
  /** Units: ms; `Infinity` = no limit. */
  readonly timeoutMs: number;
  /** Whether what it prints goes to the output of the run. */
  readonly output: 'log' | 'nowhere';
  readonly environment: Environment;
  /** What it is for; left out: to stop. */
  readonly purpose?: Purpose;
}

/** What became of it. `fault`: it was never executed. `left` says what could not be ended after a timeout, or null. */
export type CommandOutcome =
  | ({ readonly type: 'ended' } & Ending)
  | { readonly type: 'timeout'; readonly left: string | null }
  | { readonly type: 'fault'; readonly fault: StartFault };

/** A command on its way. */
export interface RunningCommand {
  /**
   * Resolves when the command has ended; at its limit, or after `kill`, when all that it started has, or some seconds
   * later with what could not be ended. Never rejects.
   */
  readonly outcome: Promise<CommandOutcome>;
  /** SIGKILL to all that it started, at once. Does nothing when it has ended. */
  kill(): void;
  /** Whether another one may run: false while something that was killed is still there. */
  isGone(): boolean;
}

/** From SIGTERM at the limit to SIGKILL; ms. Long enough for a client such as systemctl to take its order back. */
const KILL_AFTER_MS = 2000;

/** Runs a command in its own session, with standard input /dev/null and the clean environment of helpers. */
export function runCommand(parts: CommandParts, order: CommandOrder): RunningCommand {
  const tree = parts.trees.ofCommand(order.spec.name, order.run);
  // A hook holds a step of its service up; what comes after its limit is not to wait for it.
  const graceMs = order.purpose === 'hook' ? 0 : KILL_AFTER_MS;
  const running = new Running(parts, tree, { timeoutMs: order.timeoutMs, graceMs });
  const note = noteCommand(parts.runDirectory, {
    purpose: order.purpose ?? 'stop',
    service: order.spec.name,
    run: order.run,
    cookie: tree.cookie,
  });
  void running.outcome.then(() => note[Symbol.dispose]());
  const identity = begin(parts, order, {
    environment: tree.environment,
    failed: (fault) => running.fail(fault),
    ended: (ending) => running.end(ending),
  });
  if (identity !== null) {
    note.began(identity);
    running.began(identity);
  }
  return running;
}

class Running implements RunningCommand {
  readonly outcome: Promise<CommandOutcome>;
  readonly #parts: CommandParts;
  readonly #tree: CommandTree;
  readonly #timeoutMs: number;
  readonly #graceMs: number;
  readonly #resolve: (outcome: CommandOutcome) => void;
  /** `asked`: it took too long and was asked to end; `killing`: everything gets SIGKILL. */
  #stage: 'running' | 'asked' | 'killing' | 'over' = 'running';
  #timedOut: 'no' | 'yes' = 'no';
  #timer: Disposable | null = null;
  #left: Lingering | null = null;
  readonly #ending = Promise.withResolvers<Ending>();

  constructor(parts: CommandParts, tree: CommandTree, limit: { readonly timeoutMs: number; readonly graceMs: number }) {
    this.#parts = parts;
    this.#tree = tree;
    this.#timeoutMs = limit.timeoutMs;
    this.#graceMs = limit.graceMs;
    const { promise, resolve } = Promise.withResolvers<CommandOutcome>();
    [this.outcome, this.#resolve] = [promise, resolve];
  }

  began(identity: Identity): void {
    this.#tree.know(identity);
    if (Number.isFinite(this.#timeoutMs)) this.#after(this.#timeoutMs, () => this.#expire());
  }

  fail(fault: StartFault): void {
    this.#finish({ type: 'fault', fault });
  }

  end(ending: Ending): void {
    this.#ending.resolve(ending);
    if (this.#stage === 'running') this.#finish({ type: 'ended', ...ending });
    // What it had started is of no use to anybody any more.
    else if (this.#stage === 'asked') void this.#kill();
  }

  kill(): void {
    if (this.#stage === 'running' || this.#stage === 'asked') void this.#kill();
  }

  isGone(): boolean {
    if (this.#stage === 'over' && this.#left !== null && this.#tree.isEmpty()) this.#left = null;
    return this.#stage === 'over' && this.#left === null;
  }

  #expire(): void {
    this.#timedOut = 'yes';
    if (this.#graceMs === 0) return void this.#kill();
    this.#stage = 'asked';
    this.#tree.ask('SIGTERM');
    this.#after(this.#graceMs, () => void this.#kill());
  }

  async #kill(): Promise<void> {
    if (this.#stage === 'killing') return;
    this.#stage = 'killing';
    this.#timer?.[Symbol.dispose]();
    this.#left = await this.#tree.end();
    if (this.#timedOut === 'yes') return this.#finish({ type: 'timeout', left: this.#left?.text ?? null });
    // How something ended that is still there, nobody has observed.
    const ending = this.#left === null ? await this.#ending.promise : { exitCode: null, signal: null };
    this.#finish({ type: 'ended', ...ending });
  }

  #finish(outcome: CommandOutcome): void {
    this.#timer?.[Symbol.dispose]();
    this.#stage = 'over';
    this.#resolve(outcome);
  }

  #after(delayMs: number, act: () => void): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#parts.clock.after(delayMs, act);
  }
}

interface Witness {
  readonly environment: Environment;
  readonly failed: (fault: StartFault) => void;
  readonly ended: (ending: Ending) => void;
}

function begin(parts: CommandParts, order: CommandOrder, witness: Witness): Identity | null {
  const { spec, run } = order;
  const fail = (fault: StartFault): null => {
    witness.failed(fault);
    return null;
  };
  const settings = parts.settings();
  const secrets = parts.credentials.deliver(spec, run);
  if (secrets.type === 'fault') return fail(secrets.fault);
  const more = { ...commandEnvironment(settings), ...order.environment, ...secrets.environment };
  const own = { ...childEnvironment(spec, run, parts.host, more), ...witness.environment };
  const environment = { ...own, ...secrets.variables };
  const launch = launchOf(order.command, {
    path: parts.host.path,
    leftOut: parts.host.leftOut,
    guard: parts.guard(spec),
    directory: spec.cwd,
    umask: spec.umask,
    nuPath: settings.nuPath,
    environment,
  });
  if (launch.type === 'fault') return fail(launch.fault);
  const confined = isServices(order) ? confineCommand(parts.confining, spec, { launch, environment }) : null;
  if (confined?.type === 'fault') return fail(confined.fault);
  const output = order.output === 'log' ? openOutput(parts, spec, run) : 'nowhere';
  if (typeof output === 'object') return fail(output);
  const { strayDescriptors } = parts.host;
  try {
    return spawnProgram(
      {
        ...(confined ?? { launch, environment }),
        directory: spec.cwd,
        output,
        descriptors: new Map(),
        strayDescriptors,
      },
      { spawned: () => undefined, failed: witness.failed, ended: witness.ended },
    );
  } finally {
    if (output !== 'nowhere') closeSync(output);
  }
}

/** Whether it is the service's own doing, and so runs as its user. Commands that drive another program are the daemon's. */
function isServices({ spec, purpose }: CommandOrder): boolean {
  return purpose === 'hook' || spec.execution.type !== 'command';
}

/** The descriptor of the run's output, which the caller closes; or why there is none. */
function openOutput(parts: CommandParts, spec: Spec, run: number): number | StartFault {
  try {
    return parts.logs.open(spec.name, run).fd;
  } catch (cause) {
    if (!isRouseError(cause)) throw cause;
    return { code: 'refused', message: cause.message, program: null, hint: cause.hint };
  }
}
