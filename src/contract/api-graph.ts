/** The graph of services. */
import { z } from 'zod';
import type { GraphView } from '../model/view.ts';
import { names } from './envelope.ts';

/** The graph; an edge says that `from` depends on `to`. */
export const apiGraph = z
  .object({
    services: names,
    edges: z
      .array(
        z.object({
          from: z.string(),
          to: z.string(),
          when: z.enum(['ready', 'started', 'completed', 'ended']),
          need: z.enum(['required', 'optional', 'order']),
          on_loss: z.enum(['ignore', 'restart', 'stop']),
        }),
      )
      .readonly(),
    waves: z.array(names).readonly(),
    critical_path: names,
  })
  .meta({ id: 'Graph' });

/** The graph. */
export type ApiGraph = Readonly<z.infer<typeof apiGraph>>;

/** The model's graph in the words of the API. */
export function toApiGraph(graph: GraphView): ApiGraph {
  return {
    services: graph.services,
    edges: graph.edges.map(({ from, to, when, need, onLoss }) => ({ from, to, when, need, on_loss: onLoss })),
    waves: graph.waves,
    critical_path: graph.criticalPath,
  };
}
