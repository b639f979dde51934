/** The `--json` contract: one document on stdout, or one line an entry while following; nothing else. */
import { escapeJson } from './render/escape.ts';
import { type Options, usage } from './options.ts';
import type { Session } from './session.ts';

/** The keys of an output, for `--json=a,b`: all of them, in the order of the schema. */
export type Keys = readonly string[];

/**
 * Writes a document: an array for lists, an object for one thing, cut down to the fields asked for.
 * Errors: RSE0107 for a field that there is not, naming those that there are.
 */
export function printJson(session: Session, value: object, keys: Keys): void {
  const picked = picker(session, keys);
  session.out.write(
    `${escapeJson(JSON.stringify(Array.isArray(value) ? value.map(picked) : picked(value), null, indent(session)))}\n`,
  );
}

/** Writes one entry of a stream on a line of its own. */
export function printJsonLine(session: Session, value: object, keys: Keys): void {
  session.out.write(`${jsonText(session, value, keys)}\n`);
}

/** One entry as compact text, cut down to the fields asked for. */
export function jsonText(session: Session, value: object, keys: Keys): string {
  return escapeJson(JSON.stringify(picker(session, keys)(value)));
}

/** Refuses unknown fields before anything is asked or done. Errors: RSE0107. */
export function checkFields(session: Session, keys: Keys): void {
  picker(session, keys);
}

// People who look at JSON on a terminal get it indented; programs get the least bytes.
const indent = (session: Session): number => (session.out.stream === 'terminal' ? 2 : 0);

function picker(session: Session, keys: Keys): (value: object) => object {
  const fields = session.flags.json?.fields ?? null;
  if (fields === null) return (value) => value;
  const unknown = fields.find((field) => !keys.includes(field));
  if (unknown !== undefined)
    throw usage(`cannot show the field "${unknown}": there is none`, `fields: ${keys.join(', ')}`);
  return (value) => Object.fromEntries(fields.map((field) => [field, Reflect.get(value, field) ?? null]));
}

/** The value of `-o`: fields to print without a header, or null. */
export function plainFields(options: Options, keys: Keys): readonly string[] | null {
  const text = options.text('output');
  if (text === null || text === 'wide') return null;
  const fields = text.split(',').filter((field) => field !== '');
  const unknown = fields.find((field) => !keys.includes(field));
  if (unknown === undefined) return fields;
  throw usage(`cannot show the field "${unknown}": there is none`, `fields: ${keys.join(', ')}`);
}

/** One value as text for scripts: lists joined by commas, nothing for null, objects as JSON. */
export function plainValue(value: object, field: string): string {
  const content: unknown = Reflect.get(value, field);
  if (content === null || content === undefined) return '';
  if (Array.isArray(content)) return content.join(',');
  return typeof content === 'string' ? content : JSON.stringify(content);
}
