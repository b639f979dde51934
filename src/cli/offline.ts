/** What can be said of a definition without a daemon: its plan and its graph, as if nothing ran yet. */
import { toChangeRequest } from '../contract/api-change.ts';
import { type ApiGraph, toApiGraph } from '../contract/api-graph.ts';
import { type ApiPlan, toApiPlan } from '../contract/api-plan.ts';
import { graph, plan } from '../supervisor/offline.ts';
import { loadHere } from './definition.ts';
import { printJson } from './json.ts';
import { PLAN_KEYS } from './keys.ts';
import type { Order } from './operation.ts';
import { planScreen } from './render/plan.ts';
import { type Session, printLines } from './session.ts';

/** What an order would do if nothing ran. Errors: DefinitionError; RSE4001. */
export async function planOffline(session: Session, order: Order): Promise<ApiPlan> {
  const { definition } = await loadHere(session, []);
  return toApiPlan(plan(definition, toChangeRequest(order, { via: 'cli', name: 'nobody' })));
}

/** The graph of the definition. Errors: DefinitionError. */
export async function graphOffline(session: Session): Promise<ApiGraph> {
  const { definition } = await loadHere(session, []);
  return toApiGraph(graph(definition));
}

/** Prints what an order would do if nothing ran. */
export async function dryRunOffline(session: Session, order: Order): Promise<number> {
  const planned = await planOffline(session, order);
  if (session.flags.json !== null) printJson(session, planned, PLAN_KEYS);
  else printLines(session, [...planScreen(planned, session.out.style), 'nothing was changed']);
  return 0;
}
