/** What an order would do, and the graph that it follows from. */
import type { ChangeOrder } from '../contract/api-change.ts';
import type { ApiGraph } from '../contract/api-graph.ts';
import type { ApiIncident } from '../contract/api-incident.ts';
import type { ApiPlan } from '../contract/api-plan.ts';
import { type Session, pathOf } from './session.ts';

/** Understanding before acting. */
export interface PlanClient {
  /** What the order would do; nothing is changed. Errors: those of the order itself. */
  plan(order: Omit<ChangeOrder, 'dry_run'>): Promise<ApiPlan>;
  graph(): Promise<ApiGraph>;
  /** Open incidents, oldest first. */
  incidents(): Promise<readonly ApiIncident[]>;
}

/** Plans over a session. */
export function planClient(session: Session): PlanClient {
  return {
    plan: (order) => session.call('POST', pathOf('plan'), { body: order }),
    graph: () => session.call('GET', pathOf('graph')),
    incidents: () => session.call('GET', pathOf('incidents')),
  };
}
