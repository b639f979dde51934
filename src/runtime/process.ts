/** Services that are processes: begun by shims, signalled and watched by Rouse itself. */
import assert from 'node:assert/strict';
import type { StartFault } from '../model/reason.ts';
import type { ServiceName, Spec } from '../model/spec.ts';
import { isGainless } from './confine.ts';
import type { KindRuntime } from './dispatch.ts';
import type { Environment } from './environment.ts';
import { type KnownRun, OVER, neverStarted } from './known-run.ts';
import type { Launch } from './launch.ts';
import { isNotifying } from './notify.ts';
import type { RuntimeParts } from './parts.ts';
import { ProcessRun } from './process-run.ts';
import { ProcessWorld } from './process-world.ts';
import { adoptRun } from './run-adopt.ts';
import { type PreparedRun, type RunOrder, launchOfRun, makeFolder, prepareRun } from './run-begin.ts';
import { runFolder } from './run-folder.ts';
import { inTurns } from './turns.ts';

/** Time for starts in one turn of the event loop; half of what may hold the loop up (performance.md, W1). Units: ms. */
const STARTING_MS_PER_TURN = 8;
/** The same for taking over; what the core makes of it comes on top. Units: ms. */
const ADOPTING_MS_PER_TURN = 6;

/**
 * The runtime of `command = …`.
 *
 * A run is a shim, the process that it waits for, in a session of its own, and the tree of that process. Output goes to
 * the log store's file, which the process holds open itself. Faults before the start are `start-failed`: `not-found`,
 * `not-executable`, `bad-directory`, `refused`. A run stopped before it was begun is `refused` and never existed.
 *
 * What happens to a run is read from the record of its shim, whoever started it: told by the kernel within milliseconds,
 * and looked at every 30 seconds besides (5 where the kernel does not tell, 1 for a run that has lost its shim).
 *
 * `adopt` reports by evidence alone: `start-failed` (`never-begun`) after it has taken the claim itself; `exited` with the
 * end that the shim has noted, or with nulls when neither shim nor process lives; `recovered` as `alive` when one of
 * them is the very process that was noted, by process id, start time and boot. A run without a folder is looked for
 * among all processes by its name; as long as these cannot be read it is `unverified`, and nothing is signalled for it.
 */
export function createProcessRuntime(parts: RuntimeParts): KindRuntime {
  const starts = new Starts(parts);
  const { runs, world } = starts;
  const at = (service: ServiceName, run: number): KnownRun | undefined => runs.get(`${service}/${run}`);
  const startInTurn = inTurns(parts.clock, STARTING_MS_PER_TURN);
  const adoptInTurn = inTurns(parts.clock, ADOPTING_MS_PER_TURN);
  return {
    start(spec, run) {
      assert(spec.execution.type === 'process', `"${spec.name}" is no process`);
      if (at(spec.name, run) !== undefined) return;
      const { command } = spec.execution;
      const folder = runFolder(parts.runDirectory, spec.name, run);
      const waiting = starts.wait(spec, run);
      startInTurn(
        () => void starts.start({ parts, spec, run, command, folder, tools: world.tools, spare: null }, waiting),
      );
    },
    stop(spec, run) {
      world.stopping();
      at(spec.name, run)?.stop(spec);
    },
    signal: (service, run, name, scope) => at(service, run)?.signal(name, scope),
    kill(service, run) {
      world.stopping();
      at(service, run)?.kill();
    },
    adopt(spec, run) {
      if (at(spec.name, run) !== undefined) return;
      const take = starts.adopt(spec, run);
      adoptInTurn(() => void take());
    },
    release(service, run) {
      const one = at(service, run);
      if (one?.isOver() === false) return;
      runs.delete(`${service}/${run}`);
      parts.credentials.remove(service, run);
      parts.confining.forget(service, run);
      const folder = runFolder(parts.runDirectory, service, run);
      folder.remove();
      world.released(folder);
    },
  };
}

/** The ways from an order to a run. */
class Starts {
  readonly runs = new Map<string, KnownRun>();
  readonly world: ProcessWorld;
  readonly #parts: RuntimeParts;

  constructor(parts: RuntimeParts) {
    this.#parts = parts;
    this.world = new ProcessWorld(parts, this.runs);
  }

  /** A run whose turn to be begun has not come: whoever ends it keeps it from being begun. */
  wait(spec: Spec, run: number): KnownRun {
    const end = (): void => this.#fail(spec, run, neverStarted(spec));
    const waiting = { ...OVER, stop: end, kill: end, isOver: () => false };
    this.runs.set(`${spec.name}/${run}`, waiting);
    return waiting;
  }

  /** A run whose turn to be taken over has not come: it is by whoever wants something of it, at the latest by the call. */
  adopt(spec: Spec, run: number): () => KnownRun {
    const which = `${spec.name}/${run}`;
    const take = (): KnownRun => {
      const known = this.runs.get(which) ?? OVER;
      if (known !== waiting) return known;
      const one = adoptRun(this.#parts, this.world, { spec, run });
      this.runs.set(which, one);
      this.world.settle();
      return one;
    };
    const waiting: KnownRun = {
      ...OVER,
      stop: (given) => take().stop(given),
      signal: (name, scope) => take().signal(name, scope),
      kill: () => take().kill(),
      isOver: () => false,
    };
    this.runs.set(which, waiting);
    return take;
  }

  /** Begins it, unless it was asked to stop while it was `waiting`. */
  async start(order: RunOrder, waiting: KnownRun): Promise<void> {
    const { parts, spec, run, folder } = order;
    const isWanted = (): boolean => this.runs.get(folder.which) === waiting;
    if (!isWanted()) return;
    const launch = launchOfRun(order);
    if (launch.type === 'fault') return this.#fail(spec, run, launch.fault);
    const closed = this.world.open();
    if (closed !== null) return this.#fail(spec, run, closed.fault);
    const spare = isPlain(spec) ? this.world.takeSpare() : null;
    if (spare !== null) return this.#prepare({ ...order, spare }, launch, {});
    const unmade = makeFolder(order);
    if (unmade !== null) return this.#fail(spec, run, unmade.fault);
    const heard = isNotifying(spec) ? await parts.notify.open(spec, run) : null;
    if (!isWanted()) return;
    if (heard?.type === 'fault') return this.#fail(spec, run, heard.fault);
    this.#prepare(order, launch, heard?.environment ?? {});
  }

  #prepare(order: RunOrder, launch: Launch, more: Environment): void {
    const { spec, run, spare } = order;
    const prepared = (spare === null ? null : makeFolder(order)) ?? prepareRun(order, launch, more);
    if (prepared.type === 'prepared') return this.#order(order, prepared);
    if (spare !== null) this.world.giveUp(spare);
    this.#fail(spec, run, prepared.fault);
  }

  #order({ parts, spec, run, folder, spare }: RunOrder, { launch, tree }: PreparedRun): void {
    const { world } = this;
    const begin = (): void => world.beginHere(folder.which, (fault) => one.refuse(fault));
    const one = new ProcessRun({
      parts,
      spec,
      run,
      folder,
      tree,
      facts: { launch, directory: spec.cwd },
      origin: 'ordered',
      begin,
      unwatched: () => world.hurry(),
      over: () => world.settle(),
    });
    this.runs.set(folder.which, one);
    if (spare === null) world.begin(folder.which, begin);
    else world.tellSpare(folder.which);
  }

  /** Says that there will be no run; in a moment, because a runtime reports after it has returned. */
  #fail(spec: Spec, run: number, fault: StartFault): void {
    this.runs.set(`${spec.name}/${run}`, OVER);
    queueMicrotask(() => {
      this.#parts.notify.forget(spec.name, run);
      this.#parts.logs.end(spec.name, run);
      this.#parts.report({ type: 'start-failed', service: spec.name, run, fault });
      this.world.settle();
    });
  }
}

/** Whether its run may be begun by a spare: nothing has to be made for it in its folder or about its group before, and it gains no rights. */
function isPlain(spec: Spec): boolean {
  return !isNotifying(spec) && isGainless(spec) && Object.values(spec.limits).every((limit) => limit === null);
}
