/**
 * What runs an earlier daemon has left in the run directory: for rebuilding a lost store, and for finding runs whose
 * service has left the definition.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Ending } from '../model/reason.ts';
import type { ServiceName, Spec } from '../model/spec.ts';
import { namesIn } from './folder-names.ts';
import { isAlive } from './process-group.ts';
import { bootId, isRunName } from './run-folder.ts';
import { type RunRecord, endingOf, readRecord } from './run-record.ts';
import { type StoredSpec, readStoredSpec } from './stored-spec.ts';

/**
 * How a run stands, as its folder and the process table say.
 *
 * | type        | means |
 * |-------------|-------|
 * | `unclaimed` | ordered, and nobody has begun it; `adopt` fences it off |
 * | `begun`     | claimed, and nothing has become of it yet: it will be live or have failed in a moment |
 * | `failed`    | it could not be started |
 * | `live`      | its shim or its process is verified to be alive |
 * | `ended`     | its shim has noted the end; `at` is when, epoch ms |
 * | `lost`      | neither lives and no end is noted: how it ended nobody knows |
 * | `other-boot`| the machine has been restarted since: nothing of it can live |
 * | `damaged`   | the folder cannot be read; `message` says why |
 */
export type RunState =
  | { readonly type: 'unclaimed' | 'begun' | 'failed' | 'lost' | 'other-boot' }
  | { readonly type: 'live'; readonly pid: number | null }
  | { readonly type: 'ended'; readonly ending: Ending; readonly at: number }
  | { readonly type: 'damaged'; readonly message: string };

/** A run that has a folder. `spec` is the definition it was started with, `instance` its name for ever; null when unreadable. */
export interface FoundRun {
  readonly service: ServiceName;
  readonly run: number;
  readonly spec: Spec | null;
  readonly instance: string | null;
  readonly state: RunState;
}

/**
 * Every run that has a folder in the run directory, by service, then by number. Changes nothing: it may be called while a
 * daemon works there. Never throws; a run directory that is not there holds none. Only process services leave folders.
 */
export function readRuns(runDirectory: string): readonly FoundRun[] {
  const boot = bootId() ?? '';
  return namesIn(runDirectory)
    .filter(isRunName)
    .toSorted()
    .flatMap((service) =>
      namesIn(join(runDirectory, service))
        .filter((name) => /^[1-9]\d{0,14}$/.test(name))
        .map(Number)
        .toSorted((a, b) => a - b)
        .map((run) => foundRun({ service, run }, join(runDirectory, service, String(run)), boot)),
    );
}

function foundRun(which: Pick<FoundRun, 'service' | 'run'>, folder: string, boot: string): FoundRun {
  let stored: StoredSpec | null = null;
  try {
    stored = storedIn(folder);
    const { instance = null, spec = null } = stored ?? {};
    return { ...which, spec, instance, state: stateOf(folder, stored, boot) };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const { instance = null, spec = null } = stored ?? {};
    return { ...which, spec, instance, state: { type: 'damaged', message } };
  }
}

function storedIn(folder: string): StoredSpec | null {
  const path = join(folder, 'spec.json');
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return null;
  return readStoredSpec(readFileSync(path, 'utf8'));
}

function stateOf(folder: string, stored: StoredSpec | null, boot: string): RunState {
  const path = join(folder, 'record');
  const record = readRecord(path);
  if (record === null)
    return stored === null ? { type: 'damaged', message: 'it holds no definition' } : { type: 'unclaimed' };
  const ending = endingOf(record, null);
  if (record.main === null && (ending !== null || record.failed !== null)) return { type: 'failed' };
  if (ending !== null) return { type: 'ended', ending, at: statSync(path).mtimeMs };
  if (stored !== null && stored.boot !== boot) return { type: 'other-boot' };
  return unended(record);
}

function unended({ shim, main }: RunRecord): RunState {
  if (main !== null && isAlive(main)) return { type: 'live', pid: main.pid };
  if (shim !== null && isAlive(shim)) return main === null ? { type: 'begun' } : { type: 'live', pid: null };
  if (shim === null) return { type: 'begun' };
  return { type: main === null ? 'failed' : 'lost' };
}
