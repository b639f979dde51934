/** What differs between two specs, key by key, in the words of the definition file. */
import { keptByRun } from '../model/live.ts';
import type { Spec } from '../model/spec.ts';
import { type DocumentTable, masked, serviceDocument } from './document.ts';

/** A key that differs. `from` and `to` are JSON, null where the key is not there; secrets are masked. */
export interface FieldChange {
  /** In the definition file, dots between: `env.LOG_LEVEL`, `restart.delay`. */
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
  /** `live`: holds at once; `restart`: only a new run has it. */
  readonly effect: 'live' | 'restart';
}

/** Keys that a run keeps as they were when it was started. */
const KEPT: readonly string[] = [
  'type',
  'command',
  'start_command',
  'stop_command',
  'status_command',
  'external',
  'shell',
  'env',
  'inherit_env',
  'cwd',
  'umask',
  'stop',
  'hooks',
  'watchdog',
  'limits',
  'user',
  'group',
  'sandbox',
  'network',
  'writable',
  'low_ports',
  'secrets',
];
const GATE: readonly string[] = ['ready', 'health', 'settle'];
/** Written down for reading back; nobody changes it by itself. */
const DERIVED = 'allow_loader_env';

/** The keys that differ, in the order of the document. Shapes: empty when only what is not written down differs. */
export function fieldChanges(before: Spec, after: Spec): readonly FieldChange[] {
  const old = flat(withoutEnv(serviceDocument(before)), '');
  const now = flat(withoutEnv(serviceDocument(after)), '');
  const isGateKept = keptByRun(before, after).includes('readiness');
  const names = [...new Set([...now.keys(), ...old.keys()])];
  const fields = names
    .filter((field) => JSON.stringify(old.get(field)) !== JSON.stringify(now.get(field)))
    .map((field): FieldChange => {
      const [key = ''] = field.split('.');
      const kept = KEPT.includes(key) || (GATE.includes(key) && isGateKept);
      return { field, from: old.get(field) ?? null, to: now.get(field) ?? null, effect: kept ? 'restart' : 'live' };
    });
  return [...fields, ...envChanges(before.env, after.env)];
}

// A secret that changed is told to have changed, and not from what to what.
function envChanges(before: Spec['env'], after: Spec['env']): readonly FieldChange[] {
  const [old, now] = [masked(before), masked(after)];
  return [...new Set([...Object.keys(after), ...Object.keys(before)])]
    .filter((name) => before[name] !== after[name])
    .map((name) => ({ field: `env.${name}`, from: old[name] ?? null, to: now[name] ?? null, effect: 'restart' }));
}

function withoutEnv(document: DocumentTable): DocumentTable {
  return Object.fromEntries(Object.entries(document).filter(([key]) => key !== 'env' && key !== DERIVED));
}

function flat(table: DocumentTable, above: string): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, value] of Object.entries(table)) {
    const path = above === '' ? key : `${above}.${key}`;
    if (isTable(value) && above === 'depends_on') found.set(path, edgeOf(value));
    else if (isTable(value)) for (const [inner, leaf] of flat(value, path)) found.set(inner, leaf);
    else found.set(path, value);
  }
  return found;
}

/** An edge in its shortest form. */
function edgeOf(edge: DocumentTable): unknown {
  return edge['optional'] === false && edge['on_loss'] === 'ignore' ? edge['when'] : edge;
}

function isTable(value: unknown): value is DocumentTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
