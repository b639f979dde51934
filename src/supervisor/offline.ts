/** What can be said of a definition without running it: its faults, its plan, its graph. */
import { findGraphFaults } from '../core/graph-faults.ts';
import { graphView } from '../core/graph-view.ts';
import { planChange } from '../core/plan.ts';
import { createSystem } from '../core/system.ts';
import type { Issue } from '../model/errors.ts';
import type { Plan } from '../model/plan.ts';
import type { ChangeRequest } from '../model/request.ts';
import type { Definition, Spec } from '../model/spec.ts';
import type { GraphView } from '../model/view.ts';

/** The faults of the graph: unknown names, self-references, circles. In the order of declaration; empty when it is sound. */
export function check(specs: readonly Spec[]): readonly Issue[] {
  return findGraphFaults(specs);
}

/** What an order would do if nothing ran yet. The graph must be sound. Errors: RSE4001. */
export function plan(definition: Definition, order: ChangeRequest): Plan {
  return planChange(createSystem(definition.services, 0), order);
}

/** Who needs whom. The graph must be sound. */
export function graph(definition: Definition): GraphView {
  return graphView(createSystem(definition.services, 0));
}
