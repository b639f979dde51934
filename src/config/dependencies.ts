/** `depends_on` to the edges of a service. */
import type { ServiceInput } from '../contract/definition-service.ts';
import type { Dependency } from '../model/spec.ts';
import type { Report } from './fault.ts';
import { originOf } from './source.ts';
import { type Path, type Table, childOf, textOf } from './tree.ts';

/** The edges, in the order of writing. A name that stands twice is RSE1117. */
export function dependenciesOf(
  input: ServiceInput['depends_on'],
  place: { service: string; table: Table; path: Path; report: Report },
): readonly Dependency[] {
  const tree = childOf(place.table, 'depends_on');
  if (input === undefined || tree === undefined) return [];
  if (!Array.isArray(input)) {
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
  const seen = new Set<string>();
  const edges: Dependency[] = [];
  input.forEach((name, index) => {
    const span = tree.type === 'list' ? (tree.elements[index]?.span ?? null) : null;
    if (seen.has(name))
      place.report({
        code: 'RSE1117',
        message: `"${place.service}" names "${name}" twice as a dependency`,
        span,
        path: [...place.path, 'depends_on', index],
        services: [place.service, name],
      });
    else edges.push({ name, when: 'ready', need: 'required', onLoss: 'ignore', origin: originOf(span) });
    seen.add(name);
  });
  return edges;
}

/** What can be seen of edges with faults, so that the graph is checked all the same. */
export function namedDependencies(table: Table): readonly Dependency[] {
  const tree = childOf(table, 'depends_on');
  if (tree?.type === 'table')
    return [...tree.entries].map(([name, entry]) => edge(name, originOf(entry.key ?? entry.value.span)));
  if (tree?.type !== 'list') return [];
  const named = new Map(tree.elements.map((element) => [textOf(element), element.span]));
  return [...named].flatMap(([name, span]) => (name === null ? [] : [edge(name, originOf(span))]));
}

const edge = (name: string, origin: Dependency['origin']): Dependency => ({
  name,
  when: 'ready',
  need: 'required',
  onLoss: 'ignore',
  origin,
});
