/** The definition file as a whole: its schema, its JSON Schema, and the words that are known in it. */
import { z } from 'zod';
import { rules } from './definition-rules.ts';
import { serviceSchema, templateSchema } from './definition-service.ts';
import { NONE, field, name, oneOrMore } from './definition-values.ts';

const scalars = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** The guide's settings, in the file itself or in `config.defaults.toml` beside it. */
export const settingsSchema = z
  .strictObject({
    manager_enabled: field(z.boolean(), {
      description: 'false: everything that would change something is refused; looking still works.',
      default: true,
      example: false,
    }),
    auto_start_dependencies: field(z.boolean(), {
      description: 'false: starting a service while a dependency is not ready is refused.',
      default: true,
      example: false,
    }),
    nu_path: field(z.string().min(1), {
      description: 'Program that runs .nu scripts; looked up as `nu` when left out.',
      default: NONE,
      example: '/usr/local/bin/nu',
    }),
    provisioning_path: field(z.string().min(1), {
      description: 'Path handed to commands as PROVISIONING.',
      default: NONE,
      example: '/usr/local/bin/provisioning',
    }),
  })
  .meta({ id: 'settings' });

const settings = field(settingsSchema, {
  description: 'Settings of the orchestration.',
  default: { manager_enabled: true, auto_start_dependencies: true },
  example: { manager_enabled: true },
});

const listedService = serviceSchema.extend({ name }).meta({ id: 'listedService' });

/** The definition as a table, after other shapes were brought into this one. */
export const definitionSchema = z
  .strictObject({
    $schema: field(z.string(), {
      description: 'Address of this schema, for editors.',
      default: NONE,
      example: './rouse.schema.json',
    }),
    name: field(name, {
      description: "Name of the project. Left out: the file's, else the folder's.",
      default: NONE,
      example: 'shop',
    }),
    description: field(z.string().max(1000), {
      description: 'What it is, in a line.',
      default: '',
      example: 'The web shop',
    }),
    include: field(oneOrMore, {
      description: 'Files to read before this one; this one wins. Relative to it.',
      default: [],
      example: ['db.toml'],
    }),
    vars: field(scalars, {
      description: 'Values to be used as ${vars.NAME}.',
      default: {},
      example: { tag: '${GIT_SHA:-dev}' },
    }),
    defaults: field(templateSchema, {
      description: 'What holds for every service that does not say otherwise.',
      default: {},
      example: { restart: 'always' },
    }),
    templates: field(z.record(z.string(), templateSchema), {
      description: 'Services with holes, taken by `use`.',
      default: {},
      example: { api: { env: { LOG_LEVEL: 'info' } } },
    }),
    services: field(z.union([z.record(z.string(), serviceSchema), z.array(listedService)]), {
      description: 'The services: a table by name, or a list with `name`.',
      default: {},
      example: { web: { command: 'node dist/server.js' } },
    }),
    orchestrator: field(z.strictObject({ services: settings }), {
      description: 'Holds the settings of the orchestration.',
      default: {},
      example: { services: { manager_enabled: true } },
    }),
    ...rules,
  })
  .meta({ id: 'definition' });

const fileSchema = z.union([definitionSchema, z.array(listedService)]).meta({
  title: 'Rouse definition',
  description: 'Services, what they need, and how Rouse knows that they are well.',
});

/** Keys that later versions will know: refused, never ignored. */
export const LATER_KEYS: readonly string[] = ['on', 'image', 'ports', 'volumes', 'networks', 'pull'];

/** The same inside the tables of a service. */
export const LATER_INNER_KEYS: Readonly<Record<string, readonly string[]>> = {
  ready: ['grpc'],
  health: ['grpc', 'notify'],
  limits: ['swap'],
};

/** Keys of a service's tables whose camelCase is understood in scripts and programs. */
export const INNER_TABLES: Readonly<Record<string, readonly string[]>> = {
  health: innerKeys('health'),
  ready: innerKeys('ready'),
  restart: innerKeys('restart'),
  stop: innerKeys('stop'),
  logs: innerKeys('logs'),
  hooks: innerKeys('hooks'),
  limits: innerKeys('limits'),
  schedule: innerKeys('schedule'),
  watch: innerKeys('watch'),
};

/** Keys of a service, of a template, and of the file. */
export const SERVICE_KEYS: readonly string[] = Object.keys(serviceSchema.shape);
/** Keys of a template and of `[defaults]`. */
export const TEMPLATE_KEYS: readonly string[] = Object.keys(templateSchema.shape);
/** Keys of the file. */
export const FILE_KEYS: readonly string[] = Object.keys(definitionSchema.shape);

/**
 * The JSON Schema (draft 2020-12) of the definition file, for editors.
 * Shapes: made anew at each call; keys that begin with `x-` are let through wherever the reader lets them through.
 */
export function definitionJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(fileSchema, {
    target: 'draft-2020-12',
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.type === 'object' && jsonSchema.additionalProperties === false)
        jsonSchema.patternProperties = { '^x-': {} };
    },
  });
}

type TableKey = 'health' | 'ready' | 'restart' | 'stop' | 'logs' | 'hooks' | 'limits' | 'schedule' | 'watch';

function innerKeys(key: TableKey): readonly string[] {
  const schema: unknown = serviceSchema.shape[key].unwrap();
  const options = schema instanceof z.ZodUnion ? schema.options : [schema];
  const found = options.find((option) => option instanceof z.ZodObject);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}
