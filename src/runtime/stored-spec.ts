/** The definition that a run was started with, kept beside it: a later daemon ends the run by it, whatever the file says then. */
import type { ConfinedBy } from '../model/held.ts';
import { PLAIN, type Spec } from '../model/spec.ts';

/**
 * What stands in `spec.json` of a run's folder. `boot` is the machine's start it belongs to, empty where none is known;
 * `place` the control groups it was begun in.
 */
export interface StoredSpec {
  readonly instance: string;
  readonly boot: string;
  readonly place: readonly string[];
  readonly spec: Spec;
  /** How it was confined; left out by earlier versions. */
  readonly confined?: ConfinedBy;
}

const FOR_EVER = 'for ever';

/** As text. A time without end has no JSON of its own and is written in words. */
export function writeStoredSpec(stored: StoredSpec): string {
  return JSON.stringify(stored, (_, value: unknown) => (value === Number.POSITIVE_INFINITY ? FOR_EVER : value));
}

/** From text; null when it is none, e.g. cut off or from another version of Rouse. */
export function readStoredSpec(text: string): StoredSpec | null {
  try {
    // Looking at every value takes ten times as long, which a daemon that takes over many would feel.
    const found: unknown = text.includes(FOR_EVER) ? JSON.parse(text, forEver) : JSON.parse(text);
    const whole =
      isObject(found) && isObject(found['spec']) ? { ...found, spec: { ...LATER, ...found['spec'] } } : found;
    return isStoredSpec(whole) ? whole : null;
  } catch {
    // Not complete: the daemon died while it wrote, or the disk was full.
    return null;
  }
}

function forEver(key: string, value: unknown): unknown {
  return value === FOR_EVER && key.endsWith('Ms') ? Number.POSITIVE_INFINITY : value;
}

/** What daemons before this one did not write, as it was then. */
const LATER = { confinement: PLAIN.confinement, secrets: PLAIN.secrets };

type Shape = 'string' | 'number' | 'object' | 'list' | 'nullable';

/** Every key of a definition and what it must be; a key that is missing makes the whole unreadable. */
const SHAPES: Readonly<Record<keyof Spec, Shape>> = {
  name: 'string',
  description: 'string',
  kind: 'string',
  execution: 'object',
  dependencies: 'list',
  env: 'object',
  inheritEnv: 'list',
  cwd: 'string',
  umask: 'nullable',
  readiness: 'object',
  liveness: 'nullable',
  startTimeoutMs: 'number',
  restart: 'object',
  stop: 'object',
  successCodes: 'list',
  noRestartCodes: 'list',
  restartCodes: 'list',
  autostart: 'string',
  labels: 'object',
  logs: 'object',
  healthCheckEndpoint: 'nullable',
  hooks: 'object',
  watchdogMs: 'nullable',
  conflicts: 'list',
  limits: 'object',
  confinement: 'object',
  secrets: 'object',
  profiles: 'list',
  replica: 'nullable',
  schedule: 'nullable',
  watch: 'nullable',
  url: 'nullable',
  hash: 'string',
  origin: 'nullable',
};

function isStoredSpec(found: unknown): found is StoredSpec {
  return (
    isObject(found) &&
    typeof found['instance'] === 'string' &&
    typeof found['boot'] === 'string' &&
    Array.isArray(found['place']) &&
    isSpec(found['spec']) &&
    (found['confined'] === undefined || isObject(found['confined']))
  );
}

function isSpec(found: unknown): found is Spec {
  return isObject(found) && Object.entries(SHAPES).every(([key, shape]) => fits(found[key], shape));
}

function fits(value: unknown, shape: Shape): boolean {
  switch (shape) {
    case 'list':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'nullable':
      return value !== undefined;
    case 'string':
    case 'number':
      return typeof value === shape;
    default:
      return shape satisfies never;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
