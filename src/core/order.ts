/**
 * Orders drawn from a compiled graph: what starts when, side by side with what, and whom a stop reaches.
 *
 * The startup order of the whole graph is part of it; the order of some targets is that order with everybody left out
 * whom they do not need. Answers are kept per graph, so they go when a new definition brings a new graph.
 */
import { NotFoundError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Graph } from './graph.ts';
import { closure, conflictsOf, inOrder, needsOf, pullersOf } from './graph.ts';

/** Orders kept for a graph, and names in all of them together (8 bytes each); least recently asked first out. */
const KEPT = 256;
const KEPT_NAMES = 2_000_000;

/** A list of more targets is not sorted into a key, which would take longer than to find its order anew. */
const LONG_LIST = 1000;

interface Memory {
  readonly byTargets: Map<string, readonly ServiceName[]>;
  names: number;
  /** The last question as it was asked, however long. */
  last: { readonly targets: readonly ServiceName[]; readonly order: readonly ServiceName[] } | null;
}

const memories = new WeakMap<Graph, Memory>();

/**
 * The targets and everything they need, in startup order: dependencies first, ties by depth and then by declaration.
 * Shapes: `targets` in any order, duplicates allowed; each name once in the result, which is shared and must not be changed.
 * Errors: RSE4001 for a target that is not in the graph.
 */
export function resolveOrder(graph: Graph, targets: readonly ServiceName[]): readonly ServiceName[] {
  const memory = memoryOf(graph);
  if (memory.last !== null && sameNames(memory.last.targets, targets)) return memory.last.order;
  const order = targets.length > LONG_LIST ? namesInOrder(graph, targets) : recall(graph, memory, targets);
  memory.last = { targets: [...targets], order };
  return order;
}

/** The numbers of the names, in the order given. Errors: RSE4001 for the first that is not in the graph, with the nearest name. */
export function numbersOf(graph: Graph, names: readonly ServiceName[]): readonly number[] {
  return names.map((name) => {
    const index = graph.indexOf.get(name);
    if (index !== undefined) return index;
    const near = nearest(name, graph.names);
    throw new NotFoundError('RSE4001', `cannot find "${name}": no service has that name`, {
      service: name,
      hint: near === null ? 'rouse ps lists the services' : `did you mean "${near}"?`,
    });
  });
}

/**
 * The marked services, wave after wave: those of one wave need nothing of each other or of a later one.
 * Shapes: no empty wave; the waves one after another are the startup order of the marked.
 */
export function wavesOf(graph: Graph, marks: Uint8Array): readonly (readonly ServiceName[])[] {
  const waves: ServiceName[][] = [];
  let level = -1;
  for (const index of inOrder(graph, marks)) {
    const depth = graph.depth[index] ?? 0;
    if (depth !== level) waves.push([]);
    level = depth;
    waves.at(-1)?.push(nameOf(graph, index));
  }
  return waves;
}

/**
 * The chain of needs among the marked that takes longest, first to start first; empty when nothing is marked.
 * Units: `weightOf` gives a service's own ms; without it every service weighs 1, and the chain is the one with most
 * links. Of equal chains it is the one whose services were declared first.
 */
export function criticalPath(
  graph: Graph,
  marks: Uint8Array,
  weightOf: (index: number) => number = () => 1,
): readonly ServiceName[] {
  const total = new Float64Array(graph.size);
  const before = new Int32Array(graph.size).fill(-1);
  let end = -1;
  for (const index of inOrder(graph, marks)) {
    let longest = 0;
    for (const need of needsOf(graph, index)) {
      if (marks[need] !== 1) continue;
      const sum = total[need] ?? 0;
      const previous = before[index] ?? -1;
      if (previous !== -1 && (sum < longest || (sum === longest && need >= previous))) continue;
      longest = sum;
      before[index] = need;
    }
    total[index] = longest + weightOf(index);
    if (end === -1 || (total[index] ?? 0) > (total[end] ?? 0)) end = index;
  }
  const path: ServiceName[] = [];
  for (let index = end; index !== -1; index = before[index] ?? -1) path.push(nameOf(graph, index));
  return path.toReversed();
}

/** Everybody who needs the service, directly or through others: nearest first, then by declaration; never itself. */
export function impactOf(graph: Graph, index: number): readonly ServiceName[] {
  const seen = new Uint8Array(graph.size);
  seen[index] = 1;
  const reached: number[] = [];
  let ring: readonly number[] = [index];
  while (ring.length > 0) {
    const next: number[] = [];
    for (const from of ring) {
      for (const dependent of pullersOf(graph, from)) {
        if (seen[dependent] === 1) continue;
        seen[dependent] = 1;
        next.push(dependent);
      }
    }
    ring = next.toSorted((left, right) => left - right);
    reached.push(...ring);
  }
  return reached.map((each) => nameOf(graph, each));
}

/** Two of the marked that conflict, the earlier declared first; null when all of them may be up together. */
export function quarrelAmong(graph: Graph, marks: Uint8Array): readonly [ServiceName, ServiceName] | null {
  if (graph.conflicts.length === 0) return null;
  for (let index = 0; index < graph.size; index += 1) {
    if (marks[index] !== 1) continue;
    for (const other of conflictsOf(graph, index)) {
      if (other > index && marks[other] === 1) return [nameOf(graph, index), nameOf(graph, other)];
    }
  }
  return null;
}

function memoryOf(graph: Graph): Memory {
  const known = memories.get(graph);
  if (known !== undefined) return known;
  const memory: Memory = { byTargets: new Map(), names: 0, last: null };
  memories.set(graph, memory);
  return memory;
}

function recall(graph: Graph, memory: Memory, targets: readonly ServiceName[]): readonly ServiceName[] {
  const { byTargets } = memory;
  const key = [...new Set(targets)].toSorted().join('\n');
  const known = byTargets.get(key);
  const order = known ?? namesInOrder(graph, targets);
  if (known === undefined) memory.names += order.length;
  byTargets.delete(key);
  byTargets.set(key, order);
  for (const [oldest, { length }] of byTargets) {
    if (byTargets.size <= KEPT && memory.names <= KEPT_NAMES) break;
    byTargets.delete(oldest);
    memory.names -= length;
  }
  return order;
}

function sameNames(left: readonly ServiceName[], right: readonly ServiceName[]): boolean {
  if (left.length !== right.length) return false;
  for (let place = 0; place < left.length; place += 1) if (left[place] !== right[place]) return false;
  return true;
}

function namesInOrder(graph: Graph, targets: readonly ServiceName[]): readonly ServiceName[] {
  return inOrder(graph, closure(graph, numbersOf(graph, targets), 'needs')).map((index) => nameOf(graph, index));
}

function nameOf(graph: Graph, index: number): ServiceName {
  return graph.names[index] ?? '';
}
