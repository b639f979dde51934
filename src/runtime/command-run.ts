/**
 * One run of a service that another program manages: Rouse gives orders (`start_command`, `stop_command`) and asks how it
 * is (`status_command`); the processes are not ours and are never signalled.
 *
 * | stage    | what goes on                         | ends when                                                        |
 * |----------|--------------------------------------|------------------------------------------------------------------|
 * | starting | the start command                    | it ends: 0 → up, else the start failed                           |
 * | up       | a look at its status every 30 s      | it says inactive twice in a row: somebody else stopped it → over |
 * | stopping | the stop command, then its status    | it ended with 0 and the status is not active → over              |
 *
 * A stop that comes while starting waits until the start command has ended: half an order leaves a mess. A stop command
 * that fails leaves the run in `stopping` until it is asked again or given up. Giving up (`kill`) ends the command that is
 * on its way; then the run is over unless the status says active, and as long as it does it is asked again.
 */
import type { StartFault } from '../model/reason.ts';
import type { Command, Spec } from '../model/spec.ts';
import type { RuntimeReport } from '../ports/runtime.ts';
import { startCommandLeft } from './command-left.ts';
import type { Purpose } from './command-notes.ts';
import { type CommandOutcome, type CommandParts, type RunningCommand, runCommand } from './run-command.ts';

/** The commands of a service; `stop` null = it cannot be stopped by Rouse, `status` null = nobody can be asked. */
export interface Commands {
  readonly start: Command;
  readonly stop: Command | null;
  readonly status: Command | null;
}

type Status = 'active' | 'inactive' | 'unknown';

/** Units: ms. A look is a process, so it is rare; the second look tells a restart by others from an end. */
const STATUS_EVERY_MS = 30_000;
const STATUS_AGAIN_MS = 1000;
const STATUS_AFTER_STOP_MS = 250;
const STATUS_TIMEOUT_MS = 10_000;

/** Lines of a failed command that its fault quotes, and how long the quote may be. */
const QUOTED = { lines: 3, characters: 300 };

/** Exit codes of a status command that say "not running". Source: LSB 5.0, init script actions; 0 is running, 4 unknown. */
const INACTIVE_CODES = [1, 2, 3];

/** A run of a command-managed service. Made for one run; `start` or `adopt` is called once. */
export class CommandRun {
  readonly #parts: CommandParts;
  readonly #commands: Commands;
  readonly #run: number;
  #spec: Spec;
  #stage: 'starting' | 'up' | 'stopping' | 'over' = 'starting';
  #stopAsked: 'no' | 'yes' = 'no';
  #givenUp: 'no' | 'yes' = 'no';
  #verified: 'no' | 'yes' = 'yes';
  /** The one command that is on its way. */
  #active: RunningCommand | null = null;
  /** The last status command, which may still be there after it was killed. */
  #asking: RunningCommand | null = null;
  /** What the run is about to do; work that was begun for an earlier step says nothing any more. */
  #step = 0;
  #timer: Disposable | null = null;

  constructor(parts: CommandParts, spec: Spec, work: { readonly run: number; readonly commands: Commands }) {
    this.#parts = parts;
    this.#spec = spec;
    this.#run = work.run;
    this.#commands = work.commands;
  }

  /** Gives the start order; reports `started` without a process id, or `start-failed`. */
  async start(): Promise<void> {
    const outcome = await this.#execute(this.#commands.start, 'start', this.#spec.startTimeoutMs);
    if (this.#stage !== 'starting') return;
    const fault = this.#faultOf(outcome);
    if (fault !== null) return this.#fail(fault);
    this.#stage = 'up';
    this.#report({ type: 'started', pid: null });
    if (this.#stopAsked === 'yes') return await this.#stop();
    this.#lookLater(STATUS_EVERY_MS);
  }

  /** Takes over what an earlier daemon started, once its start command has ended: what the status says counts. */
  async adopt(): Promise<void> {
    // Half an order leaves a mess, and its status means nothing yet.
    const { name, startTimeoutMs } = this.#spec;
    const isGivenUp = (): boolean => this.#givenUp === 'yes';
    await startCommandLeft(this.#parts, { service: name, run: this.#run, timeoutMs: startTimeoutMs, isGivenUp });
    this.#stage = 'up';
    if (isGivenUp()) return await this.kill();
    // Without a status command nobody but its health check can tell; that one asks once it counts as running.
    const status = this.#commands.status === null ? 'active' : await this.#status();
    if (status === null || this.#stage !== 'up') return;
    if (status === 'inactive') return this.#finish();
    this.#verified = status === 'active' ? 'yes' : 'no';
    this.#report({ type: 'recovered', found: status === 'active' ? 'alive' : 'unverified', pid: null });
    if (this.#stopAsked === 'yes') return await this.#stop();
    this.#lookLater(STATUS_EVERY_MS);
  }

  /** Gives the stop order, as soon as the start order is carried out. Again only after one that failed. */
  async stop(spec: Spec): Promise<void> {
    this.#spec = spec;
    this.#stopAsked = 'yes';
    if (this.#stage === 'up' || (this.#stage === 'stopping' && this.#active === null)) await this.#stop();
  }

  /** Gives up: ends the command on its way, and the run unless its status says that it is active. */
  async kill(): Promise<void> {
    this.#active?.kill();
    this.#givenUp = 'yes';
    if (this.#stage === 'starting' || this.#stage === 'over') return;
    this.#stage = 'stopping';
    await this.#finishUnlessActive(STATUS_AGAIN_MS);
  }

  /** Whether everything is reported. */
  isOver(): boolean {
    return this.#stage === 'over';
  }

  async #stop(): Promise<void> {
    this.#stage = 'stopping';
    this.#quiet();
    const { stop } = this.#commands;
    // Nothing can be ordered; Rouse lets go of it, and what runs runs on.
    if (stop === null) return this.#finish();
    const step = this.#step;
    const outcome = await this.#execute(stop, 'stop', this.#spec.stop.timeoutMs);
    if (step !== this.#step) return;
    if (outcome.type === 'ended' && outcome.exitCode === 0) await this.#finishUnlessActive(STATUS_AFTER_STOP_MS);
  }

  async #finishUnlessActive(againMs: number): Promise<void> {
    this.#quiet();
    const status = await this.#status();
    if (status === null || this.#stage !== 'stopping') return;
    if (status !== 'active') return this.#finish();
    this.#after(againMs, () => this.#finishUnlessActive(againMs));
  }

  #lookLater(delayMs: number): void {
    if (this.#commands.status === null || this.#stage !== 'up') return;
    this.#after(delayMs, async () => {
      const status = await this.#status();
      if (status === null || this.#stage !== 'up') return;
      if (status === 'inactive' && delayMs === STATUS_AGAIN_MS) return this.#finish();
      if (status === 'active' && this.#verified === 'no') {
        this.#verified = 'yes';
        this.#report({ type: 'recovered', found: 'alive', pid: null });
      }
      this.#lookLater(status === 'inactive' ? STATUS_AGAIN_MS : STATUS_EVERY_MS);
    });
  }

  /** What the status command says; `unknown` without one; null when meanwhile something else was begun. */
  async #status(): Promise<Status | null> {
    const { status } = this.#commands;
    if (status === null) return 'unknown';
    const step = this.#step;
    await this.#asking?.outcome;
    if (step !== this.#step) return null;
    // One that was killed and is still there would be joined by more and more.
    if (this.#asking?.isGone() === false) return 'unknown';
    const outcome = await this.#execute(status, 'status', STATUS_TIMEOUT_MS);
    if (step !== this.#step) return null;
    if (outcome.type !== 'ended' || outcome.exitCode === null) return 'unknown';
    if (outcome.exitCode === 0) return 'active';
    return INACTIVE_CODES.includes(outcome.exitCode) ? 'inactive' : 'unknown';
  }

  async #execute(command: Command, purpose: Purpose, timeoutMs: number): Promise<CommandOutcome> {
    const output = purpose === 'status' ? 'nowhere' : 'log';
    const order = { command, spec: this.#spec, run: this.#run, timeoutMs, output, environment: {}, purpose } as const;
    const running = runCommand(this.#parts, order);
    this.#active = running;
    if (purpose === 'status') this.#asking = running;
    const outcome = await running.outcome;
    if (this.#active === running) this.#active = null;
    return outcome;
  }

  /** Begins a new step: a status that is being asked, or a look that is due, is of no interest any more. */
  #quiet(): void {
    this.#step += 1;
    this.#timer?.[Symbol.dispose]();
    this.#active?.kill();
    this.#active = null;
  }

  #after(delayMs: number, act: () => void | Promise<void>): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#parts.clock.after(delayMs, () => void act());
  }

  #faultOf(outcome: CommandOutcome): StartFault | null {
    if (outcome.type === 'fault') return outcome.fault;
    if (outcome.type === 'ended' && outcome.exitCode === 0) return null;
    const lines = this.#parts.logs.last(this.#spec.name, this.#run, QUOTED.lines).filter((line) => line.trim() !== '');
    const quote = lines.join(' | ').slice(0, QUOTED.characters);
    const { source, argv } = this.#commands.start;
    const how =
      outcome.type === 'timeout'
        ? `did not end within ${this.#spec.startTimeoutMs} ms${stillThere(outcome.left)}`
        : outcome.signal === null
          ? `ended with exit code ${outcome.exitCode ?? 'unknown'}`
          : `was ended by ${outcome.signal}`;
    return {
      code: outcome.type === 'timeout' ? 'command-timeout' : 'command-failed',
      message: `start command "${source}" ${how}${quote === '' ? '' : `: ${quote}`}`,
      program: argv[0] ?? null,
      hint: null,
    };
  }

  #fail(fault: StartFault): void {
    this.#end();
    this.#report({ type: 'start-failed', fault });
  }

  #finish(): void {
    this.#end();
    // How something ended that is not ours, nobody has observed.
    this.#report({ type: 'exited', exitCode: null, signal: null });
  }

  #end(): void {
    this.#quiet();
    this.#stage = 'over';
    this.#parts.logs.end(this.#spec.name, this.#run);
  }

  #report(what: Unnamed<RuntimeReport>): void {
    this.#parts.report({ ...what, service: this.#spec.name, run: this.#run });
  }
}

const stillThere = (left: string | null): string => (left === null ? '' : `, and of it is still there: ${left}`);

type Unnamed<R> = R extends RuntimeReport ? Omit<R, 'service' | 'run'> : never;
