/**
 * What is wrong with the dependencies of a set of services, told so that each fault can be mended where it was written.
 *
 * The graph itself is judged by `compileGraph`; here its numbers become names, places and ways out. Beside it, edges
 * are looked at one by one for conditions that no run of the dependency can ever meet.
 */
import type { Issue, RelatedPlace } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import type { Dependency, ServiceName, Spec } from '../model/spec.ts';
import { findConflictFaults } from './conflict-faults.ts';
import type { GraphFault } from './graph.ts';
import { compileGraph } from './graph.ts';

/** A nearest name is looked for in this many faults; in a longer list nobody reads it, and the search is not free. */
const SUGGESTIONS = 50;

/**
 * Every fault of the graph: RSE1115 duplicate names, RSE1201 cycles, RSE1202 self-references, RSE1203 unknown
 * dependencies, RSE1204 conditions that cannot be met, RSE1206 conflicts that cannot be kept (looked for once the rest is
 * sound). Empty when the graph is sound.
 * Shapes: `specs` in declaration order; cycles come after the faults of single edges, conditions last. A cycle's
 * `services` is its path, each needing the next and the last the first; an edge's are the dependent and what it names.
 * Errors: none, faults are the result; pure.
 */
export function findGraphFaults(specs: readonly Spec[]): readonly Issue[] {
  const compiled = compileGraph(specs);
  const faults = compiled.type === 'sound' ? [] : compiled.faults;
  const suggested = new Set<GraphFault>(faults.filter((fault) => fault.type === 'unknown').slice(0, SUGGESTIONS));
  const names = suggested.size === 0 ? [] : specs.map((spec) => spec.name);
  const issues = faults.flatMap((fault) => issueOf(specs, fault, suggested.has(fault) ? names : []));
  const conflicts = compiled.type === 'sound' ? findConflictFaults(specs, compiled.graph) : [];
  return [...issues, ...findUnmeetable(specs), ...conflicts];
}

function issueOf(specs: readonly Spec[], fault: GraphFault, known: readonly ServiceName[]): Issue[] {
  switch (fault.type) {
    case 'duplicate':
      return specIssue(specs, fault.index);
    case 'unknown':
      return edgeOf(specs, fault).map(([spec, edge]) => unknownIssue(spec, edge, fault.edge, known));
    case 'self':
      return edgeOf(specs, fault).map(([spec, edge]) => ({
        ...issueAt(spec, edge, fault.edge),
        code: 'RSE1202',
        message: `"${spec.name}" ${relation(edge)} itself`,
        hint: edge.need === 'order' ? 'take its name out of its own "after"' : 'remove the dependency',
        services: [spec.name],
      }));
    case 'cycle':
      return cycleIssue(specs, fault.path);
    default:
      return fault satisfies never;
  }
}

function specIssue(specs: readonly Spec[], index: number): Issue[] {
  const spec = specs[index];
  if (spec === undefined) return [];
  const first = specs.find((other) => other.name === spec.name)?.origin ?? null;
  return [
    {
      code: 'RSE1115',
      message: `"${spec.name}" is declared twice`,
      origin: spec.origin,
      length: spec.name.length,
      path: ['services', spec.name],
      suggestion: null,
      hint: 'rename one of the two, or remove it',
      also: first === null ? [] : [{ origin: first, message: `first declared here` }],
      services: [spec.name],
    },
  ];
}

function unknownIssue(spec: Spec, edge: Dependency, place: number, known: readonly ServiceName[]): Issue {
  const others = known.filter((name) => name !== spec.name);
  const suggestion = nearest(edge.name, others);
  const hint =
    suggestion === null ? `declare "${edge.name}", or remove the dependency` : `did you mean "${suggestion}"?`;
  return {
    ...issueAt(spec, edge, place),
    code: 'RSE1203',
    message: `"${spec.name}" ${relation(edge)} "${edge.name}", which does not exist`,
    suggestion,
    hint,
    services: [spec.name, edge.name],
  };
}

function cycleIssue(
  specs: readonly Spec[],
  path: readonly { readonly index: number; readonly edge: number }[],
): Issue[] {
  const steps = path.flatMap((step) => edgeOf(specs, step).map(([spec, edge]) => ({ spec, edge, place: step.edge })));
  const [first] = steps;
  if (first === undefined) return [];
  const services = steps.map(({ spec }) => spec.name);
  const also = steps.flatMap(({ spec, edge }): RelatedPlace[] =>
    edge.origin === null ? [] : [{ origin: edge.origin, message: `${spec.name} waits for ${edge.name}` }],
  );
  return [
    {
      ...issueAt(first.spec, first.edge, first.place),
      code: 'RSE1201',
      message: `services wait for each other in a circle: ${[...services, first.spec.name].join(' › ')}`,
      hint: `remove one of the ${steps.length} dependencies`,
      also,
      services,
    },
  ];
}

const relation = ({ need }: Dependency): string => (need === 'order' ? 'starts after' : 'depends on');

/** Edges that wait for an end that never comes: only a task completes. */
function findUnmeetable(specs: readonly Spec[]): Issue[] {
  const kinds = new Map(specs.map((spec) => [spec.name, spec.kind]));
  return specs.flatMap((spec) =>
    spec.dependencies.flatMap((edge, place): Issue[] => {
      const kind = kinds.get(edge.name);
      if (edge.when !== 'completed' || kind === undefined || kind === 'task') return [];
      const why = kind === 'external' ? 'which is external and never completes' : 'which is a service and is kept up';
      return [
        {
          ...issueAt(spec, edge, place),
          code: 'RSE1204',
          message: `"${spec.name}" waits for the completion of "${edge.name}", ${why}`,
          hint: kind === 'external' ? 'wait for "ready"' : `wait for "ready", or make "${edge.name}" a task`,
          services: [spec.name, edge.name],
        },
      ];
    }),
  );
}

function edgeOf(
  specs: readonly Spec[],
  { index, edge }: { readonly index: number; readonly edge: number },
): readonly (readonly [Spec, Dependency])[] {
  const spec = specs[index];
  const dependency = spec?.dependencies[edge];
  return spec === undefined || dependency === undefined ? [] : [[spec, dependency]];
}

function issueAt(
  spec: Spec,
  edge: Dependency,
  place: number,
): Pick<Issue, 'origin' | 'length' | 'path' | 'suggestion' | 'also'> {
  return {
    origin: edge.origin ?? spec.origin,
    length: edge.origin === null ? 1 : edge.name.length,
    path: ['services', spec.name, edge.need === 'order' ? 'after' : 'depends_on', place],
    suggestion: null,
    also: [],
  };
}
