/**
 * The dependency graph, compiled once per definition.
 *
 * Names become numbers (the place in the declaration), edges become two flat arrays, one from dependents to what they
 * need and one back. The startup order sorts by depth (the longest chain of needs below a service), then by
 * declaration: so it is the same every time, dependencies always come first, and the waves of a plan are its stretches
 * of equal depth. Everything is linear in services plus edges.
 *
 * Edges of order alone (`after`) count for order, depth and cycles, and for nothing else: `strength` tells them apart.
 */
import type { Need, ServiceName } from '../model/spec.ts';
import { findPairs } from './conflict.ts';

/** What the graph needs to know of a service. An edge without a need is required. */
export interface GraphNode {
  readonly name: ServiceName;
  readonly dependencies: readonly { readonly name: ServiceName; readonly need?: Need }[];
  readonly conflicts?: readonly ServiceName[];
}

/**
 * A sound graph.
 * Shapes: services are numbered 0..size-1 by declaration. The needs of `i` are `needs[needStart[i]]` up to
 * `needs[needStart[i + 1] - 1]`, in the order of its list; likewise its dependents, in declaration order, with
 * `dependentEdge` giving the place of the edge in the dependent's own list. `order` holds every number once.
 */
export interface Graph {
  readonly size: number;
  readonly names: readonly ServiceName[];
  readonly indexOf: ReadonlyMap<ServiceName, number>;
  readonly needStart: Int32Array;
  readonly needs: Int32Array;
  readonly dependentStart: Int32Array;
  readonly dependents: Int32Array;
  readonly dependentEdge: Int32Array;
  /** Of each edge of `needs`: 0 order alone, 1 optional, 2 required; and the same for `dependents`. */
  readonly strength: Uint8Array;
  readonly dependentStrength: Uint8Array;
  readonly depth: Int32Array;
  readonly order: Int32Array;
  /** Those never up together with `i` are `conflicts[conflictStart[i]]` up to `conflicts[conflictStart[i + 1] - 1]`. */
  readonly conflictStart: Int32Array;
  readonly conflicts: Int32Array;
}

/** Why a set of services is not a sound graph. `edge` is the place in the dependent's list. */
export type GraphFault =
  | { readonly type: 'duplicate'; readonly index: number }
  | { readonly type: 'unknown'; readonly index: number; readonly edge: number }
  | { readonly type: 'self'; readonly index: number; readonly edge: number }
  /** Shapes: each service of `path` needs the next, the last needs the first; begins with the first declared. */
  | { readonly type: 'cycle'; readonly path: readonly { readonly index: number; readonly edge: number }[] };

/** A compiled graph, or every fault that forbids one (not empty, in declaration order, cycles last). */
export type Compiled =
  | { readonly type: 'sound'; readonly graph: Graph }
  | { readonly type: 'faulty'; readonly faults: readonly GraphFault[] };

/** How much an edge holds, as kept in `Graph.strength`. */
export const STRENGTH = { order: 0, optional: 1, required: 2 } as const satisfies Record<Need, number>;

/** Compiles the services' edges. Shapes: `nodes` in declaration order. Errors: none, faults are the result; pure. */
export function compileGraph(nodes: readonly GraphNode[]): Compiled {
  const faults: GraphFault[] = [];
  const names: ServiceName[] = [];
  const indexOf = new Map<ServiceName, number>();
  let edgeCount = 0;
  for (const [index, node] of nodes.entries()) {
    names.push(node.name);
    if (indexOf.has(node.name)) faults.push({ type: 'duplicate', index });
    else indexOf.set(node.name, index);
    edgeCount += node.dependencies.length;
  }
  const size = nodes.length;
  const needStart = new Int32Array(size + 1);
  const needs = new Int32Array(edgeCount);
  const strength = new Uint8Array(edgeCount);
  let next = 0;
  for (let index = 0; index < size; index += 1) {
    needStart[index] = next;
    const dependencies = nodes[index]?.dependencies ?? [];
    for (let edge = 0; edge < dependencies.length; edge += 1) {
      const to = indexOf.get(dependencies[edge]?.name ?? '') ?? -1;
      needs[next] = to;
      strength[next] = STRENGTH[dependencies[edge]?.need ?? 'required'];
      next += 1;
      if (to === -1) faults.push({ type: 'unknown', index, edge });
      else if (to === index) faults.push({ type: 'self', index, edge });
    }
  }
  needStart[size] = next;
  const back = turnEdges(size, needStart, needs);
  const levels = sortByDepth(size, needStart, needs, back);
  if (levels.placed < size) faults.push(...findCycles(size, needStart, needs, levels.remaining));
  if (faults.length > 0) return { type: 'faulty', faults };
  const { depth, order } = levels;
  const dependentStrength = Uint8Array.from(back.dependents, (from, place) => {
    return strength[(needStart[from] ?? 0) + (back.dependentEdge[place] ?? 0)] ?? STRENGTH.required;
  });
  const edges = { needStart, needs, ...back, strength, dependentStrength };
  return { type: 'sound', graph: { size, names, indexOf, ...edges, depth, order, ...findPairs(nodes, indexOf) } };
}

/** The numbers of what `index` needs or only comes after, in the order of its list. */
export function needsOf(graph: Graph, index: number): Int32Array {
  return graph.needs.subarray(graph.needStart[index], graph.needStart[index + 1]);
}

/** The numbers of who needs `index` or only comes after it, in declaration order. */
export function dependentsOf(graph: Graph, index: number): Int32Array {
  return graph.dependents.subarray(graph.dependentStart[index], graph.dependentStart[index + 1]);
}

/** The numbers of who needs `index`, in declaration order; who only comes after it is left out. */
export function pullersOf(graph: Graph, index: number): Int32Array {
  const first = graph.dependentStart[index] ?? 0;
  return dependentsOf(graph, index).filter((_, place) => graph.dependentStrength[first + place] !== STRENGTH.order);
}

/** The numbers of what `index` needs, in the order of its list; what it only comes after is left out. */
export function pulledBy(graph: Graph, index: number): Int32Array {
  const first = graph.needStart[index] ?? 0;
  return needsOf(graph, index).filter((_, place) => graph.strength[first + place] !== STRENGTH.order);
}

/** The numbers of those that are never up together with `index`, ascending. */
export function conflictsOf(graph: Graph, index: number): Int32Array {
  return graph.conflicts.subarray(graph.conflictStart[index], graph.conflictStart[index + 1]);
}

/**
 * The targets and everything reached from them, as a mark (1) per service. `needs` follows dependencies, optional ones
 * too (what starting drags in); `dependents` follows back the required ones alone (whom a stop takes along).
 */
export function closure(graph: Graph, targets: Iterable<number>, towards: 'needs' | 'dependents'): Uint8Array {
  const start = towards === 'needs' ? graph.needStart : graph.dependentStart;
  const edges = towards === 'needs' ? graph.needs : graph.dependents;
  const strength = towards === 'needs' ? graph.strength : graph.dependentStrength;
  const least = towards === 'needs' ? STRENGTH.optional : STRENGTH.required;
  const marks = new Uint8Array(graph.size);
  const queue: number[] = [];
  for (const target of targets) {
    if (marks[target] === 1) continue;
    marks[target] = 1;
    queue.push(target);
  }
  for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
    for (let edge = start[index] ?? 0; edge < (start[index + 1] ?? 0); edge += 1) {
      const to = edges[edge] ?? 0;
      if (marks[to] === 1 || (strength[edge] ?? 0) < least) continue;
      marks[to] = 1;
      queue.push(to);
    }
  }
  return marks;
}

/** The marked services in startup order. */
export function inOrder(graph: Graph, marks: Uint8Array): number[] {
  const result: number[] = [];
  for (const index of graph.order) if (marks[index] === 1) result.push(index);
  return result;
}

interface Back {
  readonly dependentStart: Int32Array;
  readonly dependents: Int32Array;
  readonly dependentEdge: Int32Array;
}

function turnEdges(size: number, needStart: Int32Array, needs: Int32Array): Back {
  const dependentStart = new Int32Array(size + 1);
  for (const to of needs) if (to >= 0) dependentStart[to + 1] = (dependentStart[to + 1] ?? 0) + 1;
  for (let index = 0; index < size; index += 1) {
    dependentStart[index + 1] = (dependentStart[index + 1] ?? 0) + (dependentStart[index] ?? 0);
  }
  const place = dependentStart.slice(0, size);
  const dependents = new Int32Array(dependentStart[size] ?? 0);
  const dependentEdge = new Int32Array(dependents.length);
  for (let from = 0; from < size; from += 1) {
    const first = needStart[from] ?? 0;
    for (let edge = first; edge < (needStart[from + 1] ?? 0); edge += 1) {
      const to = needs[edge] ?? -1;
      if (to < 0) continue;
      const at = place[to] ?? 0;
      dependents[at] = from;
      dependentEdge[at] = edge - first;
      place[to] = at + 1;
    }
  }
  return { dependentStart, dependents, dependentEdge };
}

interface Levels {
  readonly placed: number;
  readonly depth: Int32Array;
  readonly order: Int32Array;
  /** Unmet needs left over: above 0 for services in or behind a cycle. */
  readonly remaining: Int32Array;
}

function sortByDepth(size: number, needStart: Int32Array, needs: Int32Array, back: Back): Levels {
  const remaining = new Int32Array(size);
  const depth = new Int32Array(size);
  const queue = new Int32Array(size);
  let tail = 0;
  for (let index = 0; index < size; index += 1) {
    for (let edge = needStart[index] ?? 0; edge < (needStart[index + 1] ?? 0); edge += 1) {
      if ((needs[edge] ?? -1) >= 0) remaining[index] = (remaining[index] ?? 0) + 1;
    }
    if (remaining[index] === 0) queue[tail++] = index;
  }
  let deepest = 0;
  for (let head = 0; head < tail; head += 1) {
    const from = queue[head] ?? 0;
    const below = (depth[from] ?? 0) + 1;
    for (let edge = back.dependentStart[from] ?? 0; edge < (back.dependentStart[from + 1] ?? 0); edge += 1) {
      const to = back.dependents[edge] ?? 0;
      if ((depth[to] ?? 0) < below) depth[to] = below;
      const left = (remaining[to] ?? 0) - 1;
      remaining[to] = left;
      if (left === 0) {
        queue[tail++] = to;
        if (below > deepest) deepest = below;
      }
    }
  }
  return { placed: tail, depth, order: bucketByDepth(depth, deepest), remaining };
}

function bucketByDepth(depth: Int32Array, deepest: number): Int32Array {
  const starts = new Int32Array(deepest + 2);
  for (const level of depth) if (level <= deepest) starts[level + 1] = (starts[level + 1] ?? 0) + 1;
  for (let level = 1; level < starts.length; level += 1)
    starts[level] = (starts[level] ?? 0) + (starts[level - 1] ?? 0);
  const order = new Int32Array(depth.length);
  for (let index = 0; index < depth.length; index += 1) {
    const level = Math.min(depth[index] ?? 0, deepest);
    const at = starts[level] ?? 0;
    order[at] = index;
    starts[level] = at + 1;
  }
  return order;
}

/** At least one cycle of every knot, none of them sharing its closing service: enough to mend, few enough to read. */
function findCycles(size: number, needStart: Int32Array, needs: Int32Array, remaining: Int32Array): GraphFault[] {
  const state = new Uint8Array(size); // 0 = not seen, 1 = on the path, 2 = done
  const reported = new Uint8Array(size);
  const faults: GraphFault[] = [];
  for (let root = 0; root < size; root += 1) {
    if ((remaining[root] ?? 0) === 0 || state[root] !== 0) continue;
    const path: { index: number; edge: number }[] = [{ index: root, edge: -1 }];
    state[root] = 1;
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      top.edge += 1;
      const at = (needStart[top.index] ?? 0) + top.edge;
      if (at >= (needStart[top.index + 1] ?? 0)) {
        state[top.index] = 2;
        path.pop();
        continue;
      }
      const to = needs[at] ?? -1;
      if (to < 0 || to === top.index || (remaining[to] ?? 0) === 0) continue;
      if (state[to] === 1 && reported[to] === 0) {
        const fault = cycleOf(path, to);
        for (const step of fault.path) reported[step.index] = 1;
        faults.push(fault);
      }
      if (state[to] === 0) {
        state[to] = 1;
        path.push({ index: to, edge: -1 });
      }
    }
  }
  return faults;
}

function cycleOf(
  path: readonly { index: number; edge: number }[],
  first: number,
): Extract<GraphFault, { type: 'cycle' }> {
  const loop = path.slice(path.findIndex((step) => step.index === first)).map((step) => ({ ...step }));
  let smallest = 0;
  for (const [place, step] of loop.entries()) if (step.index < (loop[smallest]?.index ?? 0)) smallest = place;
  return { type: 'cycle', path: [...loop.slice(smallest), ...loop.slice(0, smallest)] };
}
