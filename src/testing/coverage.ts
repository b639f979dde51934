/** Which cells of the machine a simulation reached: (phase, desired, event). A cell that no seed reaches is not tested. */
import type { System } from '../core/system.ts';
import { find } from '../core/system.ts';
import type { Event } from '../model/event.ts';
import type { Desired, Phase } from '../model/service.ts';
import { PHASES, desiredOf } from '../model/service.ts';

/** The columns: events told apart by what the machine tells apart. */
export const COLUMNS = [
  'start',
  'stop',
  'restart',
  'started',
  'start-failed',
  'exited',
  'pass',
  'fail',
  'recovered',
  'hook-ended',
  'notified',
  'lingering',
  'changed',
  'removed',
  'pinned',
] as const;

/** A column of the table. */
export type Column = (typeof COLUMNS)[number];

/** Pairs of phase and desired that exist only inside a step: nothing ever happens to a service in one. */
const TRANSIENT: readonly (readonly [Phase, Desired])[] = [
  ['stopped', 'up'],
  ['waiting', 'down'],
  ['backoff', 'down'],
];

/** Happens once in some ten thousand seeds, so it is looked at by a test of its own (`test/core/pin.test.ts`). */
const TOO_RARE = 'unknown/down/pinned';

/** Counts by cell; a cell is `phase/desired/column`. */
export class Coverage {
  readonly counts = new Map<string, number>();

  /** Counts an event that is about to be stepped. Reports of a run that is not the present one are not counted. */
  see(system: System, event: Event): void {
    if (event.type === 'want') {
      for (const name of event.services) this.#count(system, name, event.action);
      return;
    }
    if (event.type === 'spec-changed') {
      const specs = new Map(event.specs.map((spec) => [spec.name, spec]));
      for (const { spec } of system.services) {
        const next = specs.get(spec.name);
        if (next === undefined) this.#count(system, spec.name, 'removed');
        else if (next.hash !== spec.hash) this.#count(system, spec.name, 'changed');
      }
      return;
    }
    if (event.type === 'pinned') {
      for (const name of event.services) this.#count(system, name, 'pinned');
      return;
    }
    if (event.type === 'timer' || find(system, event.service)?.run !== event.run) return;
    this.#count(system, event.service, event.type === 'probe' ? event.answer : event.type);
  }

  /** Adds what another simulation reached. */
  merge(other: Coverage): void {
    for (const [cell, count] of other.counts) this.counts.set(cell, (this.counts.get(cell) ?? 0) + count);
  }

  /** The cells that were never reached. */
  missing(): readonly string[] {
    return allCells().filter((cell) => !this.counts.has(cell));
  }

  #count(system: System, name: string, column: Column): void {
    const service = find(system, name);
    if (service === undefined) return;
    const cell = `${service.phase}/${desiredOf(service)}/${column}`;
    this.counts.set(cell, (this.counts.get(cell) ?? 0) + 1);
  }
}

/** Every cell that can be reached. */
export function allCells(): readonly string[] {
  const pairs = PHASES.flatMap((phase) => (['up', 'down'] as const).map((desired) => [phase, desired] as const));
  const real = pairs.filter(([phase, desired]) => !TRANSIENT.some(([a, b]) => a === phase && b === desired));
  const cells = real.flatMap(([phase, desired]) => COLUMNS.map((column) => `${phase}/${desired}/${column}`));
  return cells.filter((cell) => cell !== TOO_RARE);
}
