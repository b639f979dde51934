/** Platforms of trivial services: each writes its name down, says that it is ready, and stays. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

/** A service and what it needs, by name; needs come before their dependents. */
export interface Trivial {
  readonly name: string;
  readonly needs: readonly string[];
}

/** So many services without needs. */
export function wide(count: number): readonly Trivial[] {
  return Array.from({ length: count }, (_, index) => ({ name: `s${index}`, needs: [] }));
}

/** Each needs the one before it. */
export function chain(count: number): readonly Trivial[] {
  return wide(count).map(({ name }, index) => ({ name, needs: index === 0 ? [] : [`s${index - 1}`] }));
}

/** Layers of so many, each service with three needs in the layer before. */
export function layers(depth: number, width: number): readonly Trivial[] {
  return wide(depth * width).map(({ name }, index) => {
    const first = Math.floor(index / width) * width - width;
    const needs = [0, 1, 2].map((edge) => `s${first + ((index * 7 + edge * 3) % width)}`);
    return { name, needs: first < 0 ? [] : needs };
  });
}

/** What each is started with: its line in `witness`, then the newline on descriptor 3. */
export function argvOf({ name }: Trivial, witness: string): readonly string[] {
  return ['sh', '-c', `echo ${name} >>${witness}; echo >&3; exec sleep 1000`];
}

/** The definition of these. */
export function definitionOf(services: readonly Trivial[], witness: string): string {
  const tables = services.map((service) =>
    [
      `[services.${service.name}]`,
      `command = ${JSON.stringify(argvOf(service, witness))}`,
      'ready = { fd = 3 }',
      `depends_on = ${JSON.stringify(service.needs)}`,
    ].join('\n'),
  );
  return `name = "bench"\n${tables.join('\n')}\n`;
}

/** What the services themselves saw. Errors: throws when one began before what it needs, twice, or not at all. */
export function assertWitness(services: readonly Trivial[], witness: string): void {
  const lines = readFileSync(witness, 'utf8').trim().split('\n');
  const place = new Map(lines.map((name, index) => [name, index]));
  assert.equal(lines.length, services.length, 'every service began once');
  assert.equal(place.size, services.length, 'every service began');
  const violations = services.flatMap(({ name, needs }) =>
    needs
      .filter((need) => (place.get(need) ?? Infinity) > (place.get(name) ?? -1))
      .map((need) => `${name} before ${need}`),
  );
  assert.deepEqual(violations, [], 'order violations');
}
