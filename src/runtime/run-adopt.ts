/**
 * What became of a run that an earlier daemon left.
 *
 * | its folder                                   | verdict |
 * |----------------------------------------------|---------|
 * | there, nobody has claimed it                 | claimed here, so that nobody ever begins it: `never-begun` |
 * | there, with a noted end                      | `exited` with that end, once nothing is left of its tree |
 * | there, of another start of the machine       | `exited`, nobody knows how: nothing of it can live |
 * | there, its shim or process lives             | `recovered`, alive |
 * | there, neither lives                         | `exited`, nobody knows how |
 * | gone, or without its definition              | the process table decides; `unverified` while it cannot be read |
 *
 * The process table knows a run by its name in the environment of its processes. One that has overwritten its environment,
 * as some do to show a title, is found by the run's control group where it has one.
 */
import { closeSync } from 'node:fs';
import { isRouseError } from '../model/errors.ts';
import type { Ending } from '../model/reason.ts';
import type { Spec } from '../model/spec.ts';
import { type KnownRun, OVER } from './known-run.ts';
import type { RuntimeParts } from './parts.ts';
import { type Identity, identify, isAlive } from './process-group.ts';
import { ProcessRun } from './process-run.ts';
import type { ProcessWorld } from './process-world.ts';
import { findRun } from './run-evidence.ts';
import { bootId, runFolder } from './run-folder.ts';
import { endingOf } from './run-record.ts';
import { NEVER_BEGUN } from './start-judgement.ts';

/** Which run, by the definition that it is to be ended by. */
export interface Adoption {
  readonly spec: Spec;
  readonly run: number;
}

/** Pauses between two looks through all processes; ms. A look costs tens of milliseconds. */
const SEARCH_MS = 5000;
/** In the place of a name that nobody carries. */
const NAMELESS = 'nameless';

/** Takes the run over, or says what became of it. Reports after it has returned. */
export function adoptRun(parts: RuntimeParts, world: ProcessWorld, adoption: Adoption): KnownRun {
  const { spec, run } = adoption;
  const folder = runFolder(parts.runDirectory, spec.name, run);
  const isOpen = world.open() === null;
  if (isOpen && folder.claim() === 'ours') {
    queueMicrotask(() => {
      parts.report({ type: 'start-failed', service: spec.name, run, fault: NEVER_BEGUN });
      world.settle();
    });
    return OVER;
  }
  const stored = folder.stored();
  if (stored === null || stored.boot !== (bootId() ?? '')) {
    const searched = new SearchedRun(parts, world, adoption);
    queueMicrotask(() => (stored === null ? searched.search() : searched.end()));
    return searched;
  }
  keepOutput(parts, adoption);
  if (stored.confined !== undefined) parts.confining.note(spec.name, run, stored.confined);
  const one = begun({ parts, world, adoption }, stored);
  queueMicrotask(() => one.look());
  return one;
}

/** A run without a folder, or of an earlier start of the machine. It becomes a common run when its process is found. */
class SearchedRun implements KnownRun {
  readonly #parts: RuntimeParts;
  readonly #world: ProcessWorld;
  readonly #adoption: Adoption;
  #found: ProcessRun | null = null;
  #ending: Ending | null = null;
  #said: 'nothing' | 'unverified' = 'nothing';
  #searchedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: RuntimeParts, world: ProcessWorld, adoption: Adoption) {
    this.#parts = parts;
    this.#world = world;
    this.#adoption = adoption;
  }

  search(): void {
    const { spec, run } = this.#adoption;
    this.#searchedAt = this.#parts.clock.monotonic();
    const evidence = findRun(this.#parts.runDirectory, spec.name, run);
    if (evidence.type === 'alive') return this.#take(evidence);
    if (evidence.type === 'none') {
      const main = this.#inGroup();
      return main === null ? this.end() : this.#take({ main, instance: NAMELESS });
    }
    if (this.#said === 'unverified') return;
    this.#said = 'unverified';
    this.#parts.report({ type: 'recovered', service: spec.name, run, found: 'unverified', pid: null });
  }

  #take({ main, instance }: { readonly main: Identity; readonly instance: string }): void {
    const taking = { parts: this.#parts, world: this.#world, adoption: this.#adoption };
    keepOutput(this.#parts, this.#adoption);
    this.#found = begun(taking, { instance, place: null });
    this.#found.takeOver(main);
  }

  /** The oldest process in the control group of the run; null when there is none, or no group, which is taken away then. */
  #inGroup(): Identity | null {
    const { spec, run } = this.#adoption;
    const tree = this.#parts.trees.adopt({ service: spec.name, run, instance: NAMELESS, limits: spec.limits }, null);
    const members = tree.held().tree === 'cgroup' ? tree.members().map(({ pid }) => identify(pid)) : [];
    const [oldest] = members.filter(isAlive).toSorted((a, b) => Number(a.startTime) - Number(b.startTime));
    if (oldest === undefined) tree.remove();
    return oldest ?? null;
  }

  /** Says that it has ended: how, only the shim can have noted. */
  end(): void {
    this.#ending = this.#noted() ?? { exitCode: null, signal: null };
    this.#tell();
    this.#world.settle();
  }

  look(): void {
    if (this.#found !== null) return this.#found.look();
    if (this.#ending !== null || this.#parts.clock.monotonic() - this.#searchedAt < SEARCH_MS) return;
    this.search();
  }

  orderAgain(): void {
    this.#found?.orderAgain();
  }

  stop(spec: Spec): void {
    this.#found?.stop(spec);
  }

  signal(name: string, scope: 'main' | 'tree'): void {
    this.#found?.signal(name, scope);
  }

  kill(): void {
    if (this.#ending !== null) queueMicrotask(() => this.#tell());
    this.#found?.kill();
  }

  isOver(): boolean {
    return this.#found?.isOver() ?? this.#ending !== null;
  }

  isUnwatched(): boolean {
    return this.#ending === null;
  }

  #noted(): Ending | null {
    const { spec, run } = this.#adoption;
    try {
      const record = runFolder(this.#parts.runDirectory, spec.name, run).record();
      return record === null ? null : endingOf(record, null);
    } catch {
      // It cannot be read, and so nobody knows.
      return null;
    }
  }

  #tell(): void {
    const { spec, run } = this.#adoption;
    if (this.#ending !== null) this.#parts.report({ type: 'exited', service: spec.name, run, ...this.#ending });
  }
}

interface Taking {
  readonly parts: RuntimeParts;
  readonly world: ProcessWorld;
  readonly adoption: Adoption;
}

function begun(
  { parts, world, adoption: { spec, run } }: Taking,
  { instance, place }: { readonly instance: string; readonly place: readonly string[] | null },
): ProcessRun {
  const argv = spec.execution.type === 'process' ? spec.execution.command.argv : [];
  const tree = parts.trees.adopt({ service: spec.name, run, instance, limits: spec.limits }, place);
  return new ProcessRun({
    parts,
    spec,
    run,
    tree,
    folder: runFolder(parts.runDirectory, spec.name, run),
    facts: { launch: { type: 'launch', file: argv[0] ?? '', args: argv.slice(1) }, directory: spec.cwd },
    origin: 'adopted',
    // It is claimed: only who claimed it can begin it.
    begin: () => undefined,
    unwatched: () => world.hurry(),
    over: () => world.settle(),
  });
}

/** Opens the output for a moment, so that the store knows that this run may still write. */
function keepOutput(parts: RuntimeParts, { spec, run }: Adoption): void {
  try {
    closeSync(parts.logs.open(spec.name, run).fd);
  } catch (cause) {
    // The service holds its file open itself: what cannot be opened here is not lost.
    if (!isRouseError(cause)) throw cause;
  }
}
