/** Where a run says that it is ready: the place that the runtime opens for the child and the prober watches. */
import type { ServiceName } from './spec.ts';

/**
 * The path of the regular file behind the descriptor that `ROUSE_READY_FD` names.
 * Shapes: absolute when `runDirectory` is; one file a run, so that a late byte of an earlier run makes nobody ready.
 */
export function readyFilePath(runDirectory: string, service: ServiceName, run: number): string {
  return `${runDirectory}/${service}/${run}/ready`;
}
