/** Why a task failed, in one sentence for whoever waits for it. */
import { describeReason } from './describe.ts';
import type { System } from './system.ts';
import { find } from './system.ts';
import { rootOf } from './verdict.ts';
import type { ServiceName } from '../model/spec.ts';

/** The failure of a service in words: its own, or the chain that ends at the one that failed. */
export function describeFailure(system: System, name: ServiceName): string {
  const service = find(system, name);
  if (service === undefined) return 'it is no longer defined';
  if (service.phase !== 'waiting' || service.reason.code !== 'dependency') return describeReason(service.reason);
  const root = find(system, rootOf(system, service));
  const chain = chainOf(system, name);
  const cause = root === undefined || root === service ? '' : `: ${describeReason(root.reason)}`;
  return `blocked by ${chain.join(' › ')}${cause}`;
}

/** The names from the first blocker to the root. Shapes: not empty for a blocked service; without the service itself. */
function chainOf(system: System, name: ServiceName): readonly ServiceName[] {
  const chain: ServiceName[] = [];
  let current = find(system, name);
  while (current?.phase === 'waiting' && current.reason.code === 'dependency' && chain.length < system.graph.size) {
    chain.push(current.reason.service);
    current = find(system, current.reason.service);
  }
  return chain;
}
