/**
 * One run of a process: from the spawn until nothing of it is left.
 *
 * A run is its process and the group that the process leads. It is over when the process has ended *and* no member of the
 * group executes any more *and* its stop command has ended. Emptiness is never assumed after some time: it is looked at
 * again and again, with growing pauses.
 *
 * Who ends what the process leaves behind in its group:
 *
 * | how the process ended                     | the rest of its group                              |
 * |-------------------------------------------|----------------------------------------------------|
 * | by itself                                 | SIGKILL at once: nobody looks after it any more    |
 * | asked to stop, scope `main`               | SIGKILL at once                                    |
 * | asked to stop, scope `tree`               | has had its own signal; may use the grace to the end, then `kill` |
 *
 * Source: systemd.kill(5), KillMode= mixed and control-group.
 */
import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import type { Ending, StartFault } from '../model/reason.ts';
import type { Command, Spec } from '../model/spec.ts';
import type { RuntimeReport } from '../ports/runtime.ts';
import { type Environment, childEnvironment } from './environment.ts';
import { type Launch, launchOf } from './launch.ts';
import { isNotifying } from './notify.ts';
import type { RuntimeParts } from './parts.ts';
import { type Identity, isAlive, isGroupEmpty, isSignal, signalGroup, signalProcess, statOf } from './process-group.ts';
import { type RunningCommand, openOutput, runCommand } from './run-command.ts';
import { type RunFolder, runFolder } from './run-folder.ts';
import { spawnProgram } from './spawn.ts';

/** Pauses between two looks at what is left; ms. Most groups are empty at the first. */
const LOOK_AGAIN_MS = { first: 1, longest: 250, adopted: 1000 };

/** A run of a process. Made for one run; `start` or `adopt` is called once. */
export class ProcessRun {
  readonly #parts: RuntimeParts;
  readonly #spec: Spec;
  readonly #run: number;
  readonly #folder: RunFolder;
  #stage: 'new' | 'live' | 'over' = 'new';
  #identity: Identity | null = null;
  /** How the process ended; null while it has not. */
  #ending: Ending | null = null;
  #asked: 'no' | 'main' | 'tree' = 'no';
  #stopCommand: RunningCommand | null = null;
  #look: Disposable | null = null;

  constructor(parts: RuntimeParts, spec: Spec, run: number) {
    this.#parts = parts;
    this.#spec = spec;
    this.#run = run;
    this.#folder = runFolder(parts.runDirectory, spec.name, run);
  }

  /** Spawns it, unless it was asked to stop before; reports `started` or `start-failed`, later `exited`. */
  start(command: Command): void {
    if (this.#stage !== 'new') return;
    try {
      this.#folder.make();
    } catch (cause) {
      return this.#fail(withoutFolder(cause));
    }
    if (!isNotifying(this.#spec)) return this.#begin(command, {});
    // The socket must be there before anybody may speak; who is asked to stop meanwhile never begins.
    void this.#parts.notify.open(this.#spec, this.#run).then((opened) => {
      if (this.#stage !== 'new') return;
      if (opened.type === 'fault') this.#fail(opened.fault);
      else this.#begin(command, opened.environment);
    });
  }

  #begin(command: Command, heard: Environment): void {
    this.#stage = 'live';
    const { readiness } = this.#spec;
    const target = readiness.type === 'probe' ? readiness.probe.target : null;
    const readyFd = target?.type === 'fd' ? target.fd : null;
    const more: Environment = { ...heard, ...(readyFd === null ? {} : { ROUSE_READY_FD: String(readyFd) }) };
    const environment = childEnvironment(this.#spec, this.#run, this.#parts.host, more);
    const launch = launchOf(command, {
      path: this.#parts.host.path,
      directory: this.#spec.cwd,
      umask: this.#spec.umask,
      nuPath: this.#parts.settings().nuPath,
      environment,
    });
    if (launch.type === 'fault') return this.#fail(launch.fault);
    this.#spawn(launch, environment, readyFd);
  }

  /** Takes over a process that an earlier daemon spawned: nothing will tell of its end, so it is looked at. */
  adopt(identity: Identity): void {
    assert(this.#stage === 'new', 'a run is adopted or started, once');
    this.#stage = 'live';
    this.#identity = identity;
    // Opened for a moment, so that the store knows that this run may still write.
    const output = openOutput(this.#parts, this.#spec, this.#run);
    if (typeof output === 'number') closeSync(output);
    this.#listen();
    this.#lookLater(LOOK_AGAIN_MS.adopted);
  }

  /** Asks it to end: stop command first where there is one, then the signal if it still lives. Asking again is nothing. */
  stop(spec: Spec): void {
    if (this.#stage === 'new') return this.#fail(neverStarted(spec));
    if (this.#stage === 'over' || this.#identity === null || this.#asked !== 'no') return;
    this.#asked = spec.stop.scope;
    if (spec.stop.command === null) return this.#sendStop(spec);
    const running = runCommand(this.#parts, {
      command: spec.stop.command,
      spec,
      run: this.#run,
      timeoutMs: spec.stop.timeoutMs,
      output: 'log',
      environment: { ROUSE_PID: String(this.#identity.pid) },
    });
    this.#stopCommand = running;
    // However the command ended, what still lives after it is asked by signal.
    void running.outcome.then(() => {
      this.#stopCommand = null;
      if (this.#stage === 'live') this.#sendStop(spec);
      this.#settle();
    });
  }

  /** Sends a signal to the process alone. */
  signal(name: string): void {
    assert(isSignal(name), `"${name}" is no signal`);
    if (this.#stage === 'live' && this.#ending === null && this.#identity !== null) signalProcess(this.#identity, name);
  }

  /** SIGKILL to the whole group and to the stop command. */
  kill(): void {
    if (this.#stage === 'new') return this.#fail(neverStarted(this.#spec));
    if (this.#stage === 'over' || this.#identity === null) return;
    this.#stopCommand?.kill();
    signalGroup(this.#identity, 'SIGKILL');
    this.#settle();
  }

  /** Whether nothing of it is left and everything is reported. */
  isOver(): boolean {
    return this.#stage === 'over';
  }

  #spawn(launch: Launch, environment: Environment, readyFd: number | null): void {
    using descriptors = new DisposableStack();
    const output = openOutput(this.#parts, this.#spec, this.#run);
    if (typeof output === 'object') return this.#fail(output);
    descriptors.defer(() => closeSync(output));
    const handed = new Map<number, number>();
    try {
      if (readyFd !== null) {
        const ready = this.#folder.openReady();
        descriptors.defer(() => closeSync(ready));
        handed.set(readyFd, ready);
      }
    } catch (cause) {
      return this.#fail(withoutFolder(cause));
    }
    const { strayDescriptors } = this.#parts.host;
    const order = { launch, directory: this.#spec.cwd, environment, output, descriptors: handed, strayDescriptors };
    this.#identity = spawnProgram(order, {
      spawned: () => {
        this.#report({ type: 'started', pid: this.#identity?.pid ?? null });
        this.#listen();
      },
      failed: (fault) => this.#failNow(fault),
      ended: (ending) => {
        this.#ending = ending;
        this.#settle();
      },
    });
    if (this.#identity !== null) this.#folder.note(this.#identity);
  }

  #listen(): void {
    const main = this.#identity;
    if (main === null) return;
    this.#parts.notify.follow(this.#spec, this.#run, {
      main: main.pid,
      isMember: (pid) => statOf(pid)?.session === main.pid,
      became: () => undefined,
    });
  }

  #sendStop({ stop }: Spec): void {
    if (this.#identity === null) return;
    assert(isSignal(stop.signal), `"${stop.signal}" is no signal`);
    // A process that was stopped by SIGSTOP would never see the signal without being continued.
    const send = this.#ending === null && stop.scope === 'main' ? signalProcess : signalGroup;
    send(this.#identity, stop.signal);
    send(this.#identity, 'SIGCONT');
  }

  /** Looks whether the run is over, and ends what is left of it where that is due. */
  #settle(): void {
    if (this.#stage !== 'live' || this.#identity === null) return;
    if (this.#ending === null) return;
    if (!isGroupEmpty(this.#identity)) {
      if (this.#asked !== 'tree') signalGroup(this.#identity, 'SIGKILL');
      return this.#lookLater(LOOK_AGAIN_MS.first);
    }
    if (this.#stopCommand !== null) return;
    this.#look?.[Symbol.dispose]();
    this.#stage = 'over';
    this.#parts.logs.end(this.#spec.name, this.#run);
    this.#report({ type: 'exited', ...this.#ending });
  }

  #lookLater(delayMs: number): void {
    this.#look?.[Symbol.dispose]();
    this.#look = this.#parts.clock.after(delayMs, () => {
      const identity = this.#identity;
      if (identity === null) return;
      // How an adopted process ended, nobody has observed.
      if (this.#ending === null && !isAlive(identity)) this.#ending = { exitCode: null, signal: null };
      if (this.#ending === null) return this.#lookLater(LOOK_AGAIN_MS.adopted);
      this.#settle();
      if (this.#stage === 'live') this.#lookLater(Math.min(delayMs * 2, LOOK_AGAIN_MS.longest));
    });
  }

  /** Says that there will be no run; in a moment, because a runtime reports after it has returned. */
  #fail(fault: StartFault): void {
    this.#stage = 'over';
    queueMicrotask(() => this.#failNow(fault));
  }

  #failNow(fault: StartFault): void {
    this.#stage = 'over';
    this.#parts.logs.end(this.#spec.name, this.#run);
    this.#report({ type: 'start-failed', fault });
  }

  #report(what: Unnamed<RuntimeReport>): void {
    this.#parts.report({ ...what, service: this.#spec.name, run: this.#run });
  }
}

type Unnamed<R> = R extends RuntimeReport ? Omit<R, 'service' | 'run'> : never;

function neverStarted(spec: Spec): StartFault {
  return {
    code: 'refused',
    message: `"${spec.name}" was asked to stop before it was started`,
    program: null,
    hint: null,
  };
}

function withoutFolder(cause: unknown): StartFault {
  const words = cause instanceof Error ? cause.message : String(cause);
  const hint = 'set ROUSE_RUNTIME_DIR to a folder that can be written to';
  return { code: 'refused', message: `cannot make the folder of the run: ${words}`, program: null, hint };
}
