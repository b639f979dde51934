/** Whose rights services have where the definition does not say. */
import type { ServiceName, Spec } from './spec.ts';

/**
 * The services whose processes run as root because nothing says otherwise: the daemon is root and they name no user. `uid` is
 * that of the daemon, -1 where there are none. One that says `user = "root"` is meant, and what is begun by commands cannot
 * say a user: neither is among them.
 */
export function rootBySilence(services: readonly Spec[], uid: number): readonly ServiceName[] {
  if (uid !== 0) return [];
  return services
    .filter(({ execution, confinement }) => execution.type === 'process' && confinement.user === null)
    .map(({ name }) => name);
}
