/** What the schema says of a value, in words and with a code of Rouse's own. */
import type { z } from 'zod';
import { auditSchema, securitySchema } from '../contract/definition-rules.ts';
import { UNIT_KEYS } from '../contract/definition-values.ts';
import { ERRORS, type ErrorCode } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import type { Fault, Report } from './fault.ts';
import { type Path, type Table, type Tree, keySpanAt, plainOf, spanAt, valueAt, withoutPath } from './tree.ts';

type ZodIssue = z.core.$ZodIssue;

/** What was checked: the tree, and the path at which it hangs in the definition. */
export interface Checked {
  readonly tree: Tree;
  readonly path: Path;
  readonly report: Report;
  readonly services: readonly string[];
}

/** The tree's value as the schema lets it through, or null after every fault was reported. */
export function checked<S extends z.ZodType>(schema: S, place: Checked): z.output<S> | null {
  const result = schema.safeParse(plainOf(place.tree), { reportInput: true });
  if (result.success) return result.data;
  for (const issue of result.error.issues) reportIssue(issue, [], place);
  return null;
}

/** What is left of a table when what is faulty is taken out. `value` fits the schema. `pruned`: keys that lost something. */
export interface Kept<V> {
  readonly value: V;
  readonly table: Table;
  readonly pruned: ReadonlySet<string>;
}

/**
 * The table as the schema lets it through, without the values whose faults were reported, so that the rest can be
 * looked at as well. The schema must let an empty table through.
 */
export function kept<S extends z.ZodType>(schema: S, place: Checked & { readonly tree: Table }): Kept<z.output<S>> {
  const faulty: Path[] = [];
  const report: Report = (fault) => {
    faulty.push(fault.path.slice(place.path.length));
    place.report(fault);
  };
  const value = checked(schema, { ...place, report });
  const pruned = new Set(faulty.map(([key]) => String(key)));
  if (value !== null) return { value, table: place.tree, pruned };
  // Deepest and last first, so that the places of the others stay what they are.
  const leaves = faulty.toReversed().reduce(withoutPath, place.tree);
  const fits = schema.safeParse(plainOf(leaves));
  if (fits.success) return { value: fits.data, table: leaves, pruned };
  const table = [...pruned].reduce((left, key) => withoutPath(left, [key]), place.tree);
  return { value: schema.parse(plainOf(table)), table, pruned };
}

function reportIssue(issue: ZodIssue, above: Path, place: Checked): void {
  const path: Path = [...above, ...(issue.path as (string | number)[])];
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) unknownKey(key, path, place);
    return;
  }
  if (issue.code === 'invalid_union') {
    const branch = closestBranch(issue.errors);
    for (const inner of branch) reportIssue(inner, path, place);
    if (branch.length === 0)
      tell(place, path, { code: 'RSE1101', message: `${subject(path, place)} must be ${unionWords(issue.errors)}` });
    return;
  }
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') {
    for (const inner of issue.issues) reportIssue(inner, path, place);
    return;
  }
  tell(place, path, wordsFor(issue, path, place));
}

type Words = Pick<Fault, 'code' | 'message' | 'suggestion' | 'hint'>;

function tell(place: Checked, path: Path, words: Words): void {
  place.report({ ...words, span: spanAt(place.tree, path), path: [...place.path, ...path], services: place.services });
}

function wordsFor(issue: ZodIssue, path: Path, place: Checked): Words {
  const what = subject(path, place);
  const given = valueAt(place.tree, path);
  const value = given.type === 'scalar' ? given.value : null;
  const key = [...path].toReversed().find((step) => typeof step === 'string');
  if (typeof value === 'number' && typeof key === 'string' && UNIT_KEYS.includes(key) && issue.code !== 'custom')
    return {
      code: 'RSE1111',
      message: `${what} needs its unit`,
      suggestion: SIZE_KEYS.includes(key) ? `"${value}MiB"` : `"${value}s"`,
    };
  if (issue.code === 'invalid_type') return wrongType(issue.expected, value, what);
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map((allowedValue) => JSON.stringify(allowedValue));
    const near = typeof value === 'string' ? nearest(value, issue.values.map(String)) : null;
    return {
      code: 'RSE1102',
      message: `${what} must be ${listed(allowed)}`,
      suggestion: near === null ? null : `"${near}"`,
    };
  }
  if (issue.code === 'too_small' || issue.code === 'too_big') return outOfRange(issue, what);
  if (issue.code === 'custom') {
    const code: unknown = issue.params?.['code'];
    const hint: unknown = issue.params?.['hint'];
    return {
      code: isCode(code) ? code : 'RSE1102',
      message: `${what} ${issue.message}`,
      ...(typeof hint === 'string' ? { hint } : {}),
    };
  }
  if (issue.code === 'invalid_format')
    return { code: 'RSE1102', message: `${what} does not have the form ${issue.pattern ?? issue.format}` };
  return { code: 'RSE1101', message: `${what} cannot be used: ${issue.message}` };
}

const isCode = (code: unknown): code is ErrorCode => typeof code === 'string' && Object.hasOwn(ERRORS, code);

function wrongType(expected: string, value: unknown, what: string): Words {
  const words: Readonly<Record<string, string>> = {
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    object: 'a table',
    record: 'a table',
    array: 'a list',
  };
  const quoted = expected === 'string' && (typeof value === 'number' || typeof value === 'boolean');
  const bare = expected === 'boolean' && (value === 'true' || value === 'false');
  const suggestion = quoted ? `"${String(value)}"` : null;
  const message = `${what} must be ${words[expected] ?? expected}`;
  return {
    code: 'RSE1101',
    message,
    suggestion,
    ...(bare ? { hint: `write it without quotes: ${value}` } : {}),
  };
}

function outOfRange(issue: ZodIssue & { code: 'too_small' | 'too_big' }, what: string): Words {
  const limit = issue.code === 'too_small' ? Number(issue.minimum) : Number(issue.maximum);
  const bound = issue.code === 'too_small' ? 'at least' : 'at most';
  const units: Readonly<Record<string, string>> = { string: 'character', array: 'element', record: 'key' };
  const unit = units[issue.origin];
  const empty = issue.code === 'too_small' && limit === 1 && unit !== undefined;
  const range = unit === undefined ? `be ${bound} ${limit}` : `have ${bound} ${limit} ${unit}s`;
  return { code: 'RSE1102', message: empty ? `${what} is empty` : `${what} must ${range}` };
}

/** The branch of a union that fits best: the one that does not fail at the value's own type. */
function closestBranch(branches: readonly (readonly ZodIssue[])[]): readonly ZodIssue[] {
  const fitting = branches.filter(
    (branch) =>
      !branch.some(
        (issue) =>
          issue.path.length === 0 &&
          (issue.code === 'invalid_type' || (issue.code === 'invalid_value' && typeof issue.input !== 'string')),
      ),
  );
  const [only] = fitting.toSorted((left, right) => left.length - right.length);
  return only ?? [];
}

function unionWords(branches: readonly (readonly ZodIssue[])[]): string {
  const words = branches.flatMap((branch) =>
    branch
      .filter(({ path }) => path.length === 0)
      .map((issue) => {
        if (issue.code === 'invalid_type')
          return /^must be (.*)$/.exec(wrongType(issue.expected, null, '').message.trim())?.[1] ?? '';
        return issue.code === 'invalid_value' ? listed(issue.values.map((value) => JSON.stringify(value))) : '';
      }),
  );
  return listed([...new Set(words.filter((word) => word !== ''))]);
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

function subject(path: Path, place: Checked): string {
  const [service] = place.services;
  const key = path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
  const of = service === undefined ? '' : ` of "${service}"`;
  return key === '' ? (service === undefined ? 'the definition' : `service "${service}"`) : `"${key}"${of}`;
}

function unknownKey(key: string, path: Path, place: Checked): void {
  const whole = [...path, key];
  const suggestion = nearest(key, KNOWN_INNER[String(path[0] === 'depends_on' ? 'depends_on' : path.at(-1))] ?? []);
  place.report({
    code: 'RSE1104',
    message: `unknown key "${key}" in ${subject(path, place)}`,
    span: keySpanAt(place.tree, whole),
    path: [...place.path, ...whole],
    suggestion,
    services: place.services,
  });
}

const SIZE_KEYS: readonly string[] = ['keep', 'memory', 'core', 'file_size', 'stack', 'locked_memory'];

const KNOWN_INNER: Readonly<Record<string, readonly string[]>> = {
  depends_on: ['when', 'optional', 'on_loss'],
  dns: ['name', 'server', 'record'],
  orchestrator: ['services'],
  security: Object.keys(securitySchema.shape),
  audit: Object.keys(auditSchema.shape),
  listen: ['address', 'tls_cert', 'tls_key', 'insecure_plain_http'],
  commands: ['allow'],
  api_definitions: ['allow_shell', 'allow_root', 'allow_probes'],
  services: ['manager_enabled', 'auto_start_dependencies', 'nu_path', 'provisioning_path'],
};
