/** What the file changes, on the screen. */
import { relative } from 'node:path';
import type { LoadedDefinition } from '../config/assemble.ts';
import type { ApiDifference } from '../contract/api-reload.ts';
import type { Origin } from '../model/spec.ts';
import { differenceLines } from './render/difference.ts';
import type { Session } from './session.ts';

/** Whether anything differs. */
export const differ = (services: readonly ApiDifference[]): boolean => services.some(({ action }) => action !== 'none');

/** The lines of the differences, with the places of what the file says now where it was loaded here; null: another number of replicas is all there is. */
export function differenceScreen(
  { out, cwd }: Session,
  services: readonly ApiDifference[],
  loaded: LoadedDefinition | null,
): readonly string[] {
  return differenceLines(services, {
    style: out.style,
    gone: loaded === null ? 'one too many' : 'gone from the file',
    placeOf: (service, field) => (loaded === null ? null : placeOf(loaded, service, field)),
    shortPath: (path) => (path.startsWith('/') && !relative(cwd, path).startsWith('..') ? relative(cwd, path) : path),
  });
}

/** Where a key was written, or the nearest table above it; null when the file does not say it. */
function placeOf({ origins }: LoadedDefinition, service: string, field: string): Origin | null {
  const steps = ['services', service, ...field.split('.')];
  for (let length = steps.length; length > 2; length -= 1) {
    const origin = origins.get(pointer(steps.slice(0, length)));
    if (origin !== undefined) return origin;
  }
  return null;
}

const pointer = (steps: readonly string[]): string =>
  steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
