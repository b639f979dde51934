/** What runs on while no daemon looks after it, as far as can be seen from outside. Nothing is written. */
import { existsSync } from 'node:fs';
import { bootId } from '../clock/boot.ts';
import { type Folders, pathsOf } from '../model/paths.ts';
import { isLive } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import type { StoredService } from '../ports/event-store.ts';
import { readServices } from '../store/read-services.ts';
import { tracesIn } from './recovery.ts';

/**
 * Services of the project that run, or may run, in alphabetical order. Good only while no daemon holds the project.
 * Errors: RSE3005; RSE3008 when the store is there and cannot be read.
 */
export function leftRunning(folders: Folders, project: string): readonly ServiceName[] {
  const { store, runs } = pathsOf(folders, project);
  const traces = tracesIn(runs);
  const found = traces.filter(({ state }) => state === 'live' || state === 'doubt').map(({ service }) => service);
  const over = new Set(traces.map(({ service, run }) => `${service} ${run}`));
  const boot = bootId();
  // A run without a folder is no process, or its folder is gone: then the store's word is all there is.
  const kept = existsSync(store) ? readServices(store) : [];
  const said = kept.filter((each) => mayLive(each, boot) && !over.has(`${each.name} ${each.run}`));
  return [...new Set([...found, ...said.map(({ name }) => name)])].toSorted();
}

function mayLive({ phase, boot }: StoredService, now: string): boolean {
  return isLive(phase) && (boot === undefined || boot === now);
}
