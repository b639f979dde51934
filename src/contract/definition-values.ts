/** The single values of a definition: words, durations, sizes, commands. */
import { z } from 'zod';
import type { ErrorCode } from '../model/errors.ts';
import { parseDuration, parseSize } from '../model/duration.ts';

/** Names of services, templates and projects. */
export const NAME_PATTERN = /^[a-z][a-z0-9._-]{0,62}$/;

/** Words that no service may be called: they mean something on the command line or in a path. */
export const RESERVED_NAMES: readonly string[] = [
  'list',
  'status',
  'all',
  'default',
  'none',
  'self',
  'rouse',
  'daemon',
];

/** What people read of a field: what it is, what it is when left out (`none`: nothing), and how it looks. */
export interface FieldNotes {
  readonly description: string;
  readonly default: unknown;
  readonly example: unknown;
}

/** Says that leaving the field out has no value that could be written. */
export const NONE: unique symbol = Symbol('none');

/** A field that may be left out, with its notes. */
export function field<S extends z.ZodType>(schema: S, notes: FieldNotes): z.ZodOptional<S> {
  const { description, example } = notes;
  const known = notes.default === NONE ? {} : { default: notes.default };
  return schema.optional().meta({ description, ...known, examples: [example] });
}

/** What follows the name of the field in a fault of a refinement, with its code and what to do. */
export const coded = (
  code: ErrorCode,
  error: string,
  hint: string,
): { error: string; params: { code: ErrorCode; hint: string } } => ({ error, params: { code, hint } });

// For editors: a text with a variable in it is not looked at before the variable is filled in.
const HOLE = '\\$\\{';
const DURATION_SHAPE = '^(\\d{1,6}h)?(\\d{1,6}m)?(\\d{1,9}(\\.\\d{1,3})?s)?(\\d{1,12}ms)?$';

/** A time with its unit: `500ms`, `1m30s`. */
export const duration = z
  .string()
  .refine(
    (text) => parseDuration(text) !== null,
    coded('RSE1111', 'is not a duration', 'write it with its units, largest first: "500ms", "10s", "1m30s"'),
  )
  .meta({ id: 'duration', pattern: `${DURATION_SHAPE}|${HOLE}`, minLength: 2 });

/** A number of bytes with its unit: `50MiB`. */
export const size = z
  .string()
  .refine(
    (text) => parseSize(text) !== null,
    coded('RSE1111', 'is not a size', 'write it with its unit: "512KiB", "50MiB"'),
  )
  .meta({ id: 'size', pattern: `^\\d{1,15}(B|KiB|MiB|GiB|kB|MB|GB)$|${HOLE}` });

/** Keys whose value is a duration or a size: a bare number there lacks its unit. */
export const UNIT_KEYS: readonly string[] = [
  'settle',
  'start_timeout',
  'interval',
  'start_interval',
  'timeout',
  'grace',
  'delay',
  'max_delay',
  'reset_after',
  'within',
  'keep',
  'drain',
  'debounce',
  'watchdog',
  'memory',
  'core',
  'file_size',
  'cpu_time',
  'stack',
  'locked_memory',
];

/** A command: a text that is split into words without a shell, or the words. */
export const command = z
  .union([z.string(), z.array(z.string()).min(1).max(1000)])
  .meta({ id: 'command', description: 'A text that is split into words as a shell would, or the list of words.' });

/** The name of a service or template. */
export const name = z.string().regex(NAME_PATTERN).meta({ id: 'name' });

/** The name of a service as others name it: one replica too. */
export const serviceName = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{0,62}(?:@[1-9]\d{0,2})?$/)
  .meta({ id: 'serviceName' });

/** A list of texts, or a single one. */
export const oneOrMore = z.union([z.string(), z.array(z.string()).max(1000)]);

/** A table of texts. */
export const texts = z.record(z.string(), z.string());

/** A count. */
export const count = (least: number): z.ZodNumber => z.number().int().min(least).max(1_000_000);

/** An exit code. */
export const exitCodes = z.array(z.number().int().min(0).max(255)).max(256);
