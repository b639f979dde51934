/** The tasks of a simulated request: who is touched and has something to do. */
import type { System } from '../core/system.ts';
import { at } from '../core/system.ts';
import type { Case } from '../core/verdict.ts';
import { isDue } from '../core/verdict.ts';
import { touchedBy } from '../core/want.ts';
import type { Happening } from '../model/event.ts';

/** The cases of a request, as the supervisor would open them. */
export function orderCases(system: System, want: Extract<Happening, { type: 'want' }>): readonly Case[] {
  const targets = new Set(want.services);
  return touchedBy(system, want)
    .map((index) => at(system, index))
    .filter((service) => want.action !== 'restart' || targets.has(service.spec.name) || service.phase === 'ready')
    .filter((service) => isDue(service, want.action, targets.has(service.spec.name) ? want.completed : 'keep'))
    .map((service) => ({ kind: want.action, service: service.spec.name, sinceRun: service.run }));
}
