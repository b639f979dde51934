import { expect, test } from 'vitest';
import * as keys from '../../src/cli/keys.ts';
import { type OutputName, outputSchema } from '../../src/contract/output.ts';

/** The keys that the schema of an output promises; of all its variants together. */
function promised(name: OutputName): Set<string> {
  const schema = outputSchema(name);
  const definitions = (schema['$defs'] ?? {}) as Record<string, object>;
  const found = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    if ('$ref' in part) visit(definitions[String(part.$ref).replace('#/$defs/', '')]);
    if ('items' in part) visit(part.items);
    for (const list of ['anyOf', 'oneOf'] as const)
      if (list in part) for (const option of (part as Record<string, unknown[]>)[list] ?? []) visit(option);
    if ('properties' in part) for (const key of Object.keys(part.properties as object)) found.add(key);
  };
  visit(schema);
  return found;
}

test.each([
  ['ps', keys.SERVICE_KEYS],
  ['changes', keys.CHANGE_KEYS],
  ['plan', keys.PLAN_KEYS],
  ['reload', keys.RELOAD_KEYS],
  ['graph', keys.GRAPH_KEYS],
  ['explain', keys.EXPLAIN_KEYS],
  ['health', keys.HEALTH_KEYS],
  ['checks', keys.CHECK_KEYS],
  ['logs', keys.LOG_KEYS],
  ['events', keys.EVENT_KEYS],
  ['daemon-status', keys.SYSTEM_KEYS],
  ['audit', keys.AUDIT_KEYS],
  ['audit-verify', keys.AUDIT_VERDICT_KEYS],
  ['token', keys.TOKEN_KEYS],
  ['token-new', keys.MADE_TOKEN_KEYS],
] as const)('the fields that --json offers for %s are those of its schema', (name, known) => {
  expect([...known].toSorted()).toEqual([...promised(name)].toSorted());
});
