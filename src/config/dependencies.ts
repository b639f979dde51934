/** `depends_on`, `after` and `conflicts` to the edges of a service. */
import type { ServiceInput } from '../contract/definition-service.ts';
import { declaredName, meantBy } from '../model/replica.ts';
import type { Dependency, ServiceName } from '../model/spec.ts';
import type { Report } from './fault.ts';
import { originOf } from './source.ts';
import { type Path, type Table, childOf, textOf } from './tree.ts';

/** Whose edges they are. `members`: what a name stands for where there are several of it. */
export interface EdgePlace {
  readonly service: ServiceName;
  readonly table: Table;
  readonly path: Path;
  readonly report: Report;
  readonly members: ReadonlyMap<ServiceName, readonly ServiceName[]>;
}

/** The edges, in the order of writing; those of `after` last. A name that stands twice is RSE1117. */
export function dependenciesOf(
  input: Pick<ServiceInput, 'depends_on' | 'after'>,
  place: EdgePlace,
): readonly Dependency[] {
  return edgesOf([...neededOf(input.depends_on, place), ...orderedOf(input.after, place)], place);
}

/** Whom it must not be up together with. Shapes: each once. Faults: RSE1117 for a name that stands twice. */
export function conflictsOf(input: ServiceInput['conflicts'], place: EdgePlace): readonly ServiceName[] {
  const named = namesOf('conflicts', input ?? [], place).map(({ name }) => name);
  return [...new Set(named.flatMap((name) => meantBy(place.members, name)))].filter((name) => name !== place.service);
}

// Who depends on several depends on all of them; what was written first for one of them holds.
function edgesOf(written: readonly Dependency[], { service, members }: EdgePlace): readonly Dependency[] {
  const found = new Map<ServiceName, Dependency>();
  for (const edge of written) {
    const names = edge.name === declaredName(service) ? [service] : meantBy(members, edge.name);
    for (const name of names) if (!found.has(name)) found.set(name, { ...edge, name });
  }
  return [...found.values()];
}

function neededOf(input: ServiceInput['depends_on'], place: EdgePlace): readonly Dependency[] {
  const tree = childOf(place.table, 'depends_on');
  if (input === undefined || tree === undefined) return [];
  if (Array.isArray(input))
    return namesOf('depends_on', input, place).map(({ name, origin }) => edge(name, origin, 'required'));
  return Object.entries(input).map(([name, condition]) => {
    const inner = typeof condition === 'string' ? { when: condition } : condition;
    const origin = originOf(tree.type === 'table' ? (tree.entries.get(name)?.key ?? null) : null);
    return {
      name,
      when: inner.when ?? 'ready',
      need: inner.optional === true ? 'optional' : 'required',
      onLoss: inner.on_loss ?? 'ignore',
      origin,
    };
  });
}

function orderedOf(input: ServiceInput['after'], place: EdgePlace): readonly Dependency[] {
  return namesOf('after', input ?? [], place).map(({ name, origin }) => edge(name, origin, 'order'));
}

const AS_WHAT = { depends_on: 'a dependency', after: 'what it starts after', conflicts: 'a conflict' } as const;

function namesOf(
  key: keyof typeof AS_WHAT,
  names: readonly ServiceName[],
  place: EdgePlace,
): readonly { readonly name: ServiceName; readonly origin: Dependency['origin'] }[] {
  const tree = childOf(place.table, key);
  const seen = new Set<string>();
  return names.flatMap((name, index) => {
    const span = tree?.type === 'list' ? (tree.elements[index]?.span ?? null) : null;
    if (!seen.has(name)) {
      seen.add(name);
      return [{ name, origin: originOf(span) }];
    }
    place.report({
      code: 'RSE1117',
      message: `"${place.service}" names "${name}" twice as ${AS_WHAT[key]}`,
      span,
      path: [...place.path, key, index],
      services: [place.service, name],
    });
    return [];
  });
}

/** What can be seen of edges with faults, so that the graph is checked all the same. */
export function namedDependencies(place: EdgePlace): readonly Dependency[] {
  const tree = childOf(place.table, 'depends_on');
  if (tree?.type === 'table') {
    const named = [...tree.entries].map(([name, entry]) => ({ name, span: entry.key ?? entry.value.span }));
    return edgesOf(
      named.map(({ name, span }) => edge(name, originOf(span), 'required')),
      place,
    );
  }
  if (tree?.type !== 'list') return [];
  const named = new Map(tree.elements.map((element) => [textOf(element), element.span]));
  const edges = [...named].flatMap(([name, span]) => (name === null ? [] : [edge(name, originOf(span), 'required')]));
  return edgesOf(edges, place);
}

const edge = (name: string, origin: Dependency['origin'], need: Dependency['need']): Dependency => ({
  name,
  when: 'ready',
  need,
  onLoss: 'ignore',
  origin,
});
