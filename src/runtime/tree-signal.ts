/** Signals to the processes of a tree. */
import type { Delivery, Identity, ProcessStat, Signals } from './process-group.ts';
import { signalGroup, signalProcess, statOf } from './process-group.ts';
import type { Leaders } from './tree.ts';

/** Signals that a shim outlives (it traps them), so that they may be sent to a group which it is in. */
const OUTLIVED: readonly NodeJS.Signals[] = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'];

/**
 * Signals every member once, with each of the signals. `members` were looked at just now. The main process's group gets it as a whole where that spares the shim: a process that
 * forks meanwhile cannot slip through; the others get it one by one.
 */
export function signalAll(members: readonly ProcessStat[], { main, shim }: Leaders, names: Signals): Delivery {
  const seen = members.find(({ pid, startTime }) => pid === main?.pid && startTime === main.startTime);
  const group = seen?.group ?? (main === null ? null : groupOf(main));
  const leader = [main, shim].find((one) => one !== null && one.pid === group) ?? null;
  const isWhole = leader !== null && (leader === main || names.every((name) => OUTLIVED.includes(name)));
  const whole = isWhole ? signalGroup(leader, ...names) : 'gone';
  const rest = isWhole ? members.filter((one) => one.group !== group) : members;
  return together([whole, ...rest.map((one) => signalProcess(one, ...names))]);
}

/** The group of a process that is certainly meant; null when it is gone. */
function groupOf({ pid, startTime }: Identity): number | null {
  const stat = statOf(pid);
  return stat !== null && stat.startTime === startTime ? stat.group : null;
}

/** What became of several: `sent` if one was, `refused` if one was not permitted, else there was nobody. */
function together(deliveries: readonly Delivery[]): Delivery {
  return deliveries.includes('sent') ? 'sent' : deliveries.includes('refused') ? 'refused' : 'gone';
}
