/** `depends_on` to the edges of a service. */
import type { ServiceInput } from '../contract/definition-service.ts';
import type { Dependency, Spec } from '../model/spec.ts';
import type { Report } from './fault.ts';
import { originOf } from './source.ts';
import { type Path, type Table, type Tree, childOf, textOf } from './tree.ts';

/** The edges, in the order of writing. A name that stands twice is RSE1117. */
export function dependenciesOf(
  input: ServiceInput['depends_on'],
  place: { service: string; table: Table; path: Path; report: Report },
): readonly Dependency[] {
  const tree = childOf(place.table, 'depends_on');
  if (input === undefined || tree === undefined) return [];
  if (!Array.isArray(input)) {
    return Object.entries(input as Exclude<typeof input, string[]>).map(([name, condition]) => {
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

/** What can be seen of the edges of a service that has other faults, so that the graph is checked all the same. */
export function namedDependencies(table: Table): readonly Dependency[] {
  const tree: Tree | undefined = childOf(table, 'depends_on');
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

/** Reports conditions that can never be met (RSE1204): a service that is kept up does not complete. */
export function checkConditions(
  specs: readonly Spec[],
  place: (spec: Spec, name: string) => { span: Table['span']; path: Path },
  report: Report,
): void {
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  for (const spec of specs)
    for (const { name, when } of spec.dependencies) {
      const target = byName.get(name);
      if (target === undefined || when !== 'completed' || target.kind === 'task') continue;
      report({
        code: 'RSE1204',
        message: `"${spec.name}" waits until "${name}" has completed, but "${name}" is kept up and never completes`,
        ...place(spec, name),
        hint: `wait for "ready", or make "${name}" a task: type = "task"`,
        services: [spec.name, name],
      });
    }
}
