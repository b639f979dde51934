/** The guide's settings of the orchestration: from `config.defaults.toml`, and over it from the definition. */
import { settingsSchema } from '../contract/definition-file.ts';
import type { Settings } from '../model/spec.ts';
import type { Report } from './fault.ts';
import { originOf } from './source.ts';
import { type Table, EMPTY_TABLE, childOf } from './tree.ts';
import { checked } from './schema-fault.ts';

/**
 * The settings. `defaults` is the root of `config.defaults.toml`, of which only `[orchestrator.services]` is read,
 * and in it only the keys that are known: that file belongs to others as well.
 */
export function settingsOf(definition: Table, defaults: Table | null, report: Report): Settings {
  const above = childOf(childOf(definition, 'orchestrator'), 'services');
  const below = defaults === null ? undefined : childOf(childOf(defaults, 'orchestrator'), 'services');
  const known = Object.keys(settingsSchema.shape);
  const lower = below?.type === 'table' ? [...below.entries].filter(([key]) => known.includes(key)) : [];
  const upper = above?.type === 'table' ? [...above.entries] : [];
  const table: Table = { ...EMPTY_TABLE, entries: new Map([...lower, ...upper]) };
  const path = ['orchestrator', 'services'];
  const input = checked(settingsSchema, { tree: table, path, report, services: [] }) ?? {};
  const origin = (key: string): Settings['orchestrationOrigin'] => originOf(childOf(table, key)?.span ?? null);
  return {
    orchestration: input.manager_enabled === false ? 'disabled' : 'enabled',
    orchestrationOrigin: origin('manager_enabled'),
    dependencyStart: input.auto_start_dependencies === false ? 'refused' : 'automatic',
    dependencyStartOrigin: origin('auto_start_dependencies'),
    nuPath: input.nu_path ?? null,
    provisioningPath: input.provisioning_path ?? null,
  };
}
