/** Why a task failed, in one sentence for whoever waits for it. */
import { blockersOf, describeReason } from './describe.ts';
import type { System } from './system.ts';
import { find } from './system.ts';
import type { ServiceName } from '../model/spec.ts';

/** The failure of a service in words: its own, or the chain that ends at `rootName`, the one that failed. */
export function describeFailure(system: System, name: ServiceName, rootName: ServiceName): string {
  const service = find(system, name);
  const root = find(system, rootName);
  if (service === undefined || root === undefined) return 'it is no longer defined';
  if (root === service) return describeReason(service.reason);
  if (service.reason.code !== 'dependency') return `waits for ${rootName}: ${describeReason(root.reason)}`;
  const chain = blockersOf(system, system.graph.indexOf.get(name) ?? -1);
  return `blocked by ${chain.join(' › ')}: ${describeReason(root.reason)}`;
}
