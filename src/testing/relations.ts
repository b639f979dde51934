/**
 * What more services may be to each other: order alone, conflicts. Drawn from sources of its own, so that the seeds of
 * simpler worlds keep their meaning.
 */
import { seededRandom } from '../clock/random.ts';
import { findGraphFaults } from '../core/graph-faults.ts';
import type { Happening } from '../model/event.ts';
import type { Dependency, ServiceName, Spec } from '../model/spec.ts';
import type { Random } from '../ports/random.ts';

/** The relations of one world: half of the worlds have none. */
export class Relations {
  readonly #random: Random;
  readonly #kind: 'plain' | 'related';

  constructor(random: Random) {
    this.#random = random;
    this.#kind = random.draw() < 0.5 ? 'plain' : 'related';
  }

  /** The specs as they are in this world. */
  of(specs: readonly Spec[]): readonly Spec[] {
    return this.#kind === 'plain' ? specs : relate(specs);
  }

  /** A pin that a person sets or takes away now; mostly none. */
  pin(names: readonly ServiceName[]): Extract<Happening, { type: 'pinned' }> | null {
    if (this.#kind === 'plain' || this.#random.draw() < 0.75) return null;
    const name = names[Math.floor(this.#random.draw() * names.length)];
    const pin = (['up', 'down', 'none', 'none'] as const)[Math.floor(this.#random.draw() * 4)] ?? 'none';
    return name === undefined ? null : { type: 'pinned', services: [name], pin };
  }

  /** How a request is to end what it ends. */
  grace(): 'rule' | 'none' {
    return this.#kind === 'related' && this.#random.draw() < 0.15 ? 'none' : 'rule';
  }
}

/** Whether a definition says the same of a service as the one before. */
export function isSameDefinition(before: Spec | undefined, after: Spec): boolean {
  if (before?.hash !== after.hash) return false;
  const relations = ({ dependencies, conflicts }: Spec): string => JSON.stringify([dependencies, conflicts]);
  return relations(before) === relations(after);
}

/** The specs with more edges and with conflicts, as far as they make sense. Shapes: equal sets become equal; edges go to earlier ones. */
function relate(specs: readonly Spec[]): readonly Spec[] {
  let related = specs;
  for (const [place, spec] of specs.entries()) {
    const random = seededRandom(numberOf(`${spec.hash} relations`));
    const happens = (rate: number): boolean => random.draw() < rate;
    const earlier = specs.slice(0, place).filter(({ name }) => !spec.dependencies.some((edge) => edge.name === name));
    const after = earlier
      .filter(() => happens(0.15))
      .map(({ name }): Dependency => {
        return { name, when: 'ready', need: 'order', onLoss: 'ignore', origin: null };
      });
    const rivals = earlier.filter(() => happens(0.12)).map(({ name }) => name);
    const ordered: Spec = { ...spec, dependencies: [...spec.dependencies, ...after] };
    for (const conflicts of [rivals, []]) {
      const tried = related.map((each, index) => (index === place ? { ...ordered, conflicts } : each));
      if (findGraphFaults(tried).length > 0) continue;
      related = tried;
      break;
    }
  }
  return related;
}

function numberOf(text: string): number {
  let number = 0;
  for (const letter of text) number = (Math.imul(number, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
  return number;
}
