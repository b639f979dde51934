/** Reading a request strictly: nothing is coerced, nothing unknown is let through, nothing is read beyond its limit. */
import type { z } from 'zod';
import { RouseError } from '../model/errors.ts';
import type { Issue } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';

/** The most that is read of a body; bytes. `PUT /definition` alone has its own. */
export const BODY_LIMIT_BYTES = 256 * 1024;
const DEPTH_LIMIT = 32;
const FORBIDDEN_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** What of a request its body is read from. */
export interface BodySource {
  readonly contentType: string | null;
  readonly contentLength: string | null;
  readonly transferEncoding: string | null;
  /** Asked for only when something is to be read. */
  readonly stream: () => ReadableStream<Uint8Array> | null;
}

/** Refuses a body of another type before a byte of it is read. Errors: RSE4104. */
export function checkContentType(source: Omit<BodySource, 'stream'>): void {
  const isThere = Number(source.contentLength ?? '0') > 0 || source.transferEncoding !== null;
  if (isThere) requireJson(source.contentType);
}

/**
 * The body as JSON; undefined when there is none.
 * Errors: RSE4104 another content type than `application/json`; RSE4103 too large, found out while reading; RSE4101 not
 * JSON, nested deeper than 32, or with a key that JavaScript gives a meaning of its own.
 */
export async function readBody(source: BodySource, limitBytes: number): Promise<unknown> {
  if (Number(source.contentLength ?? '0') > limitBytes) throw tooLarge(limitBytes);
  const stream = source.stream();
  const text = stream === null ? '' : await readText(stream, limitBytes);
  if (text === '') return undefined;
  requireJson(source.contentType);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/\s+/g, ' ').slice(0, 200) : 'it is malformed';
    throw new RouseError('RSE4101', `cannot read the body: ${why}`, { cause });
  }
  checkShape(value);
  return value;
}

/**
 * The value as the schema says.
 * Errors: RSE4102 with one issue for every fault. `part` is what was read: the body, the query, the path.
 */
export function checked<S extends z.ZodType>(schema: S, value: unknown, part: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap((issue) => issuesOf(issue, schema));
  const [first] = issues;
  throw new RouseError('RSE4102', `cannot use the ${part}: ${first?.message ?? 'it does not fit'}`, {
    issues,
    ...(typeof first?.hint === 'string' ? { hint: first.hint } : {}),
  });
}

/** The query of a path as a record of strings. Errors: RSE4102 when a key stands there twice. */
export function queryOf(path: string): Readonly<Record<string, string>> {
  const at = path.indexOf('?');
  if (at < 0) return {};
  const query = Object.create(null) as Record<string, string>;
  for (const [key, value] of new URLSearchParams(path.slice(at))) {
    if (key in query) throw new RouseError('RSE4102', `cannot use the query: "${key}" stands there twice`);
    query[key] = value;
  }
  return { ...query };
}

function requireJson(contentType: string | null): void {
  if (/^application\/json(?: *; *charset="?utf-8"?)?$/i.test(contentType ?? '')) return;
  throw new RouseError('RSE4104', 'cannot read the body: its content type is not "application/json"', {
    hint: 'send the header content-type: application/json',
  });
}

async function readText(stream: ReadableStream<Uint8Array>, limitBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of arriving(stream)) {
    size += chunk.length;
    if (size > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new RouseError('RSE4101', 'cannot read the body: it is not UTF-8', { cause });
  }
}

// A sender that goes away within its body is no fault of ours, and nobody is left to read the answer.
async function* arriving(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (cause) {
    throw new RouseError('RSE4101', 'cannot read the body: it ended early', { cause });
  }
}

function tooLarge(limitBytes: number): RouseError {
  return new RouseError('RSE4103', `cannot read the body: it is larger than ${limitBytes} bytes`);
}

function checkShape(root: unknown): void {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > DEPTH_LIMIT)
      throw new RouseError('RSE4101', `cannot read the body: it is nested deeper than ${DEPTH_LIMIT}`);
    for (const key of Object.keys(value))
      if (FORBIDDEN_KEYS.includes(key)) throw new RouseError('RSE4101', `cannot read the body: "${key}" is no key`);
    for (const inner of Object.values(value) as unknown[]) open.push({ value: inner, depth: depth + 1 });
  }
}

function issuesOf(issue: z.core.$ZodIssue, schema: z.ZodType): Issue[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const place = path.length === 0 ? '' : `"${path.join('.')}": `;
  if (issue.code !== 'unrecognized_keys') return [issueAt(path, `${place}${lowerFirst(issue.message)}`)];
  const known = path.length === 0 && 'shape' in schema ? Object.keys(schema.shape as object) : [];
  return issue.keys.map((key) => {
    const suggestion = nearest(key, known);
    const hint = suggestion === null ? null : `did you mean "${suggestion}"`;
    return { ...issueAt([...path, key], `${place}unknown key "${key}"`), suggestion, hint };
  });
}

function issueAt(path: readonly (string | number)[], message: string): Issue {
  const rest = { origin: null, length: 1, suggestion: null, hint: null, also: [], services: [] };
  return { code: 'RSE4102', message, path, ...rest };
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
