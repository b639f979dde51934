/** The whole graph as people see it. */
import { criticalPath, wavesOf } from './order.ts';
import type { System } from './system.ts';
import type { GraphView } from '../model/view.ts';

/** Services, edges, waves and the longest chain. Shapes: as `GraphView` says; edges in declaration order. */
export function graphView(system: System): GraphView {
  const { graph } = system;
  const all = new Uint8Array(graph.size).fill(1);
  return {
    services: graph.names,
    edges: system.services.flatMap(({ spec }) =>
      spec.dependencies.map(({ name, when, need, onLoss }) => ({ from: spec.name, to: name, when, need, onLoss })),
    ),
    waves: wavesOf(graph, all),
    criticalPath: criticalPath(graph, all),
  };
}
