/** Why a task failed, in one sentence for whoever waits for it. */
import { blockersOf, describeReason } from './describe.ts';
import { describeStuck } from './describe-step.ts';
import { isBlocked } from './edge.ts';
import type { System } from './system.ts';
import { find } from './system.ts';
import type { Service } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';

/** The failure of a service in words: its own, or the chain that ends at `rootName`, the one that failed. */
export function describeFailure(system: System, name: ServiceName, rootName: ServiceName): string {
  const service = find(system, name);
  const root = find(system, rootName);
  if (service === undefined || root === undefined) return 'it is no longer defined';
  if (root === service) return describeTrouble(service);
  if (root.pin === 'up') return `${rootName} is pinned up and stands in its way`;
  if (!isBlocked(service)) return `waits for ${rootName}: ${describeTrouble(root)}`;
  const chain = blockersOf(system, system.graph.indexOf.get(name) ?? -1);
  return `blocked by ${chain.join(' › ')}: ${describeTrouble(root)}`;
}

/** What is wrong with the root, where its phase's reason does not say it. */
function describeTrouble(service: Service): string {
  const { pin, phase, health, reason } = service;
  if (service.step === 'stuck') return describeStuck(service);
  if (pin === 'down') return 'pinned down';
  const { failures, message } = health;
  if (phase === 'ready' && health.verdict === 'unhealthy')
    return describeReason({ code: 'unhealthy', failures, message });
  return describeReason(reason);
}
