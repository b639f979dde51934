/** What a key of the definition file means: found by its path in the file's JSON Schema. */

/** What the schema says of a key. `values` in words; null where the schema is silent. */
export interface Field {
  /** The path with `NAME` where any name may stand. */
  readonly path: string;
  readonly description: string;
  readonly values: string;
  readonly fallback: string | null;
  readonly example: string | null;
  /** Keys inside, in the order of the schema; empty when it is no table. */
  readonly keys: readonly string[];
}

type Schema = Readonly<Record<string, unknown>>;

/**
 * The field at a path such as `services.web.health.retries`, `services.health.retries` or `health.retries`; null when
 * the schema has none. Keys of a service may be named without `services.NAME`.
 */
export function fieldAt(root: Schema, path: string): Field | null {
  const parts = path.split('.').filter((part) => part !== '');
  const tops = alternatives(root, root).filter((schema) => isRecord(schema['properties']));
  for (const start of [tops, serviceSchemas(root, tops)]) {
    const found = walk(root, start, parts);
    if (found !== null) return start === tops ? found : { ...found, path: `services.NAME.${found.path}` };
  }
  return null;
}

function serviceSchemas(root: Schema, tops: readonly Schema[]): readonly Schema[] {
  const services = tops.flatMap((top) => step(root, [top], 'services'));
  return services
    .flatMap((schema) => alternatives(root, schema))
    .flatMap((schema) => alternatives(root, anyEntry(schema)));
}

function walk(root: Schema, start: readonly Schema[], parts: readonly string[]): Field | null {
  let here = start;
  let path: string[] = [];
  let own: Schema = {};
  for (const part of parts) {
    const named = step(root, here, part);
    const inside = here.flatMap((schema) => alternatives(root, anyEntry(schema)));
    // `services.health` means a key of any service, `services.web` any service: the key is tried first.
    const skipped = named.length > 0 ? [] : step(root, inside, part);
    if (named.length === 0 && skipped.length === 0 && inside.length === 0) return null;
    path = named.length > 0 ? [...path, part] : skipped.length > 0 ? [...path, 'NAME', part] : [...path, 'NAME'];
    here = named.length > 0 ? named : skipped.length > 0 ? skipped : inside;
    own = here[0] ?? {};
    here = here.flatMap((schema) => alternatives(root, schema));
  }
  return path.length === 0 ? null : fieldOf(path.join('.'), own, here);
}

/** The schemas of a key, before their alternatives are opened, so that descriptions are not lost. */
function step(root: Schema, schemas: readonly Schema[], key: string): readonly Schema[] {
  return schemas
    .flatMap((schema) => alternatives(root, schema))
    .map((schema) => (isRecord(schema['properties']) ? schema['properties'][key] : undefined))
    .filter(isRecord);
}

function anyEntry(schema: Schema): Schema {
  const entry = schema['additionalProperties'];
  return isRecord(entry) ? entry : {};
}

/** A schema with its references followed and its alternatives laid side by side. */
function alternatives(root: Schema, schema: Schema): readonly Schema[] {
  if (typeof schema['$ref'] === 'string') {
    const { $ref: _, ...own } = schema;
    return alternatives(root, { ...definitionOf(root, schema['$ref']), ...own });
  }
  const options = schema['anyOf'] ?? schema['oneOf'];
  if (!Array.isArray(options)) return Object.keys(schema).length === 0 ? [] : [schema];
  return options.filter(isRecord).flatMap((option) => alternatives(root, option));
}

function definitionOf(root: Schema, reference: string): Schema {
  const name = reference.replace('#/$defs/', '');
  const found = isRecord(root['$defs']) ? root['$defs'][name] : undefined;
  return isRecord(found) ? found : {};
}

function fieldOf(path: string, own: Schema, options: readonly Schema[]): Field {
  const [example] = Array.isArray(own['examples']) ? own['examples'] : [];
  const keys = options.flatMap((option) => (isRecord(option['properties']) ? Object.keys(option['properties']) : []));
  const key = path.split('.').at(-1) ?? path;
  return {
    path,
    description: typeof own['description'] === 'string' ? own['description'] : '',
    values: [...new Set(options.map(valueWords))].join(', or '),
    fallback: own['default'] === undefined ? null : asToml(own['default']),
    example: example === undefined ? null : `${key} = ${asToml(example)}`,
    keys: [...new Set(keys)],
  };
}

function valueWords(schema: Schema): string {
  const { type, minimum, maximum } = schema;
  if (Array.isArray(schema['enum'])) return schema['enum'].map((word) => JSON.stringify(word)).join(' | ');
  if (schema['const'] !== undefined) return JSON.stringify(schema['const']);
  if (type === 'array') return `list of ${isRecord(schema['items']) ? valueWords(schema['items']) : 'values'}`;
  if (type === 'object') return 'table';
  if (typeof schema['pattern'] === 'string' && schema['pattern'].includes('ms)'))
    return 'duration such as 500ms, 30s, 1m30s';
  const name = Array.isArray(type) ? type.join(' or ') : typeof type === 'string' ? type : 'value';
  const low = typeof minimum === 'number' ? ` from ${minimum}` : '';
  const high = typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER ? ` to ${maximum}` : '';
  return `${name}${low}${high}`;
}

/** A value as it is written in TOML. */
function asToml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asToml).join(', ')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, entry]) => `${key} = ${asToml(entry)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function isRecord(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
