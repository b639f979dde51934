import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  FILE_KEYS,
  LATER_KEYS,
  SERVICE_KEYS,
  TEMPLATE_KEYS,
  definitionJsonSchema,
} from '../../src/contract/definition-file.ts';

const root = join(import.meta.dirname, '../..');
const committed = join(root, 'schema/rouse.schema.json');
const schema = definitionJsonSchema();
const written = `${JSON.stringify(schema, null, 2)}\n`;

type Json = Readonly<Record<string, unknown>>;
const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function fieldsOf(node: unknown, path: string): (readonly [string, Json])[] {
  if (Array.isArray(node)) return node.flatMap((child, index) => fieldsOf(child, `${path}/${index}`));
  if (!isJson(node)) return [];
  const own = isJson(node['properties']) ? Object.entries(node['properties']) : [];
  const inner = Object.entries(node).filter(([key]) => key !== 'default' && key !== 'examples');
  return [
    ...own.flatMap(([key, value]) => (isJson(value) ? [[`${path}.${key}`, value] as const] : [])),
    ...inner.flatMap(([key, value]) => fieldsOf(value, `${path}/${key}`)),
  ];
}

describe('the JSON Schema', () => {
  test('of the repository is the one that the code makes', () => {
    if (process.env['UPDATE'] === '1') writeFileSync(committed, written);
    expect(readFileSync(committed, 'utf8')).toBe(written);
  });

  test('is draft 2020-12', () => {
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
  });

  const fields = fieldsOf(schema, '').filter(([path]) => !path.endsWith('.name') || !path.includes('listedService'));

  test('describes every field', () => {
    expect(fields.length).toBeGreaterThan(80);
    expect(fields.filter(([, field]) => typeof field['description'] !== 'string').map(([path]) => path)).toEqual([]);
  });

  test('gives an example of every field', () => {
    expect(fields.filter(([, field]) => !Array.isArray(field['examples'])).map(([path]) => path)).toEqual([]);
  });

  test('says the default of every field that has one', () => {
    // What they are when left out depends on other keys, which their descriptions name, or they are nothing then.
    const without = new Set(
      fields.filter(([, field]) => !('default' in field)).map(([path]) => path.replace(/^.*\./, '')),
    );
    expect([...without].toSorted()).toEqual([
      '$schema',
      'address',
      'after_ready',
      'after_stop',
      'allow',
      'anchor_command',
      'before_start',
      'before_stop',
      'command',
      'core',
      'cpu_time',
      'cpus',
      'cron',
      'dns',
      'exec',
      'fd',
      'file',
      'file_size',
      'files',
      'group',
      'health',
      'health_check_endpoint',
      'http',
      'locked_memory',
      'log',
      'memory',
      'name',
      'nice',
      'notify',
      'nu_path',
      'on_failure',
      'operate_group',
      'paths',
      'process',
      'processes',
      'provisioning_path',
      'ready',
      'schedule',
      'server',
      'stack',
      'start_command',
      'start_timeout',
      'status_command',
      'stop_command',
      'tcp',
      'timezone',
      'tls_cert',
      'tls_key',
      'umask',
      'url',
      'user',
      'view_group',
      'watch',
      'watchdog',
    ]);
  });

  test('lets its own examples and defaults through', () => {
    const faults = fields.flatMap(([path, field]) => {
      const { examples, default: usual, description: _, ...rest } = field;
      const read = z.fromJSONSchema({ ...rest, $defs: schema['$defs'] } as z.core.JSONSchema.JSONSchema);
      const values = [...(Array.isArray(examples) ? examples : []), ...(usual === undefined ? [] : [usual])];
      return values
        .filter((value) => !read.safeParse(value).success)
        .map((value) => `${path}: ${JSON.stringify(value)}`);
    });
    expect(faults).toEqual([]);
  });

  test('lets keys with x- through and no other unknown ones', () => {
    const read = z.fromJSONSchema(schema);
    expect(read.safeParse({ services: { a: { command: 'x', 'x-own': 1 } }, 'x-own': {} }).success).toBe(true);
    expect(read.safeParse([{ name: 'a', start_command: 'x' }]).success).toBe(true);
    expect(read.safeParse({ services: { a: { comand: 'x' } } }).success).toBe(false);
    expect(read.safeParse({ services: { a: { command: 'x', settle: '${vars.t}' } } }).success).toBe(true);
    expect(read.safeParse({ services: { a: { command: 'x', settle: '3' } } }).success).toBe(false);
  });
});

describe('the reference', () => {
  const page = readFileSync(join(root, 'docs/reference/definition-file.md'), 'utf8');

  test('names every key, with those to come among them', () => {
    const keys = [...new Set([...FILE_KEYS, ...SERVICE_KEYS, ...TEMPLATE_KEYS, ...LATER_KEYS])];
    expect(keys.filter((key) => !page.includes(`\`${key}\``) && !page.includes(`[${key}]`))).toEqual([]);
  });

  test('names every key of the tables', () => {
    const inner = new Set(fieldsOf(schema, '').map(([path]) => path.replace(/^.*\./, '')));
    expect([...inner].filter((key) => !page.includes(`\`${key}\``) && !page.includes(`[${key}]`))).toEqual([]);
  });
});
