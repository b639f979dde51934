/** Equal definition, equal hash. */
import { createHash } from 'node:crypto';
import { type Definition, PLAIN, type Spec } from '../model/spec.ts';

/** SHA-256, hex, over the canonical JSON of a spec without its origins and the texts of its commands. */
export function specHash(spec: Omit<Spec, 'hash'>): string {
  const { confinement, secrets, ...rest } = spec;
  // What earlier versions did not know and nobody asks for must not make every service look changed after an upgrade.
  return digest({ ...rest, ...asked({ confinement, secrets }, PLAIN) });
}

/** The parts that are not as they are in the plain. */
function asked(value: object, plain: object): Readonly<Record<string, unknown>> {
  const entries = Object.entries(value).flatMap(([key, child]): [string, unknown][] => {
    const usual: unknown = Reflect.get(plain, key);
    if (canonical(child) === canonical(usual)) return [];
    return [[key, isTable(child) && isTable(usual) ? asked(child, usual) : child]];
  });
  return Object.fromEntries(entries);
}

const isTable = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** SHA-256, hex, over name, folder, settings and services in their order, without origins. */
export function definitionHash(definition: Omit<Definition, 'hash'>): string {
  const { name, directory, settings, services } = definition;
  return digest({ name, directory, settings, services: services.map((spec) => [spec.name, spec.hash]) });
}

function digest(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

/** JSON with sorted keys, without origins; numbers that JSON cannot say are said in words. */
function canonical(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return `"${value}"`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  // An origin is an object or null; a label or a variable of that name is a text.
  // How a command was written is not what runs: a text and its words are the same command.
  const entries = Object.entries(value).filter(
    ([key, child]) =>
      (typeof child !== 'object' || !/^(?:o|.*O)rigin$/.test(key)) && !(key === 'source' && 'argv' in value),
  );
  const sorted = entries.toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `{${sorted.map(([key, child]) => `${JSON.stringify(key)}:${canonical(child)}`).join(',')}}`;
}
