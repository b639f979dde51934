/** Order of 100,000 services with 300,000 edges: from names, and again from the cache. */
import assert from 'node:assert/strict';
import { compileGraph } from '../../src/core/graph.ts';
import type { GraphNode } from '../../src/core/graph.ts';
import { resolveOrder } from '../../src/core/order.ts';
import type { Figure } from './figure.ts';
import { timed } from './figure.ts';

const SIZE = 100_000;
const NEEDS = 3;

/** The figures of the graph. */
export function graph(): readonly Figure[] {
  const nodes = layeredNodes();
  const targets = nodes.slice(-1000).map((node) => node.name);
  let order: readonly string[] = [];
  const cold = timed(7, () => {
    const compiled = compileGraph(nodes);
    assert(compiled.type === 'sound');
    order = resolveOrder(compiled.graph, targets);
  });
  const compiled = compileGraph(nodes);
  assert(compiled.type === 'sound');
  resolveOrder(compiled.graph, targets);
  const cached = timed(50, () => void resolveOrder(compiled.graph, targets));
  assertOrder(nodes, order);
  const floor = timed(7, () => void namesToNumbers(nodes));
  const { graph: held } = compiled;
  const arrays = [
    held.needStart,
    held.needs,
    held.dependentStart,
    held.dependents,
    held.dependentEdge,
    held.depth,
    held.order,
  ];
  const megabytes = arrays.reduce((sum, array) => sum + array.byteLength, 0) / 1e6;
  return [
    { name: 'order of 100,000 services, 300,000 edges, cold', value: cold, unit: 'ms', floor, goal: 'at most 60 ms' },
    { name: 'the same again, from the cache', value: cached, unit: 'ms', floor: null, goal: 'at most 1 ms' },
    { name: 'memory of the compiled graph, without names', value: megabytes, unit: 'MB', floor: null, goal: 'small' },
  ];
}

/** Every service needs three of the thousand before it: a deep and a broad graph, the same every time. */
function layeredNodes(): readonly GraphNode[] {
  let seed = 1;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed % below;
  };
  return Array.from({ length: SIZE }, (_, index) => {
    const count = index === 0 ? 0 : NEEDS;
    const dependencies = Array.from({ length: count }, () => ({
      name: `service-${Math.max(0, index - 1 - next(1000))}`,
    }));
    return { name: `service-${index}`, dependencies };
  });
}

/** The floor: names to numbers and edges to an array, without any order. */
function namesToNumbers(nodes: readonly GraphNode[]): Int32Array {
  const numbers = new Map(nodes.map((node, index) => [node.name, index]));
  const edges = new Int32Array(nodes.length * NEEDS);
  let at = 0;
  for (const node of nodes) for (const { name } of node.dependencies) edges[at++] = numbers.get(name) ?? -1;
  return edges;
}

function assertOrder(nodes: readonly GraphNode[], order: readonly string[]): void {
  const place = new Map(order.map((name, index) => [name, index]));
  for (const node of nodes) {
    const own = place.get(node.name);
    if (own === undefined) continue;
    for (const { name } of node.dependencies)
      assert((place.get(name) ?? Number.POSITIVE_INFINITY) < own, `${name} before ${node.name}`);
  }
}
