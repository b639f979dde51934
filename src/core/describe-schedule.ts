/** When a task runs next by itself. */
import { nextAfter, parseCron } from '../model/cron.ts';
import type { Spec } from '../model/spec.ts';

/** When the schedule falls due after `now`; null without one. Units: epoch ms. */
export function nextRun({ schedule }: Spec, now: number): number | null {
  if (schedule === null) return null;
  const cron = parseCron(schedule.cron);
  return 'fault' in cron ? null : nextAfter(cron, schedule.timezone, now);
}
