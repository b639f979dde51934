// Requests near the description of the API, and further and further from it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

/** A schema as OpenAPI writes it; what is not needed here is left out. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

/** An operation of the document. */
export interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** A request as bytes. */
export interface Request {
  readonly head: string;
  readonly body: Uint8Array;
}

const document: Document = JSON.parse(readFileSync(join(import.meta.dirname, '../../schema/openapi.json'), 'utf8'));

/** The operation of a route. Errors: throws when the document has none. */
export function operationOf(method: string, path: string): Operation {
  const operation = document.paths[path]?.[method.toLowerCase()];
  if (operation === undefined) throw new Error(`${method} ${path} is not in the document`);
  return operation;
}

/** A definition that the daemon would take, for bodies of which the document says nothing. */
const DEFINITION = {
  name: 'shop',
  services: {
    db: { command: ['/bin/sleep', '1000'], restart: 'no' },
    web: { command: ['/bin/sleep', '1000'], restart: 'no', depends_on: ['db'] },
  },
};

/** Words that mean something to somebody. */
const WORDS = fc.constantFrom(
  'db',
  'web',
  'shop',
  '*',
  'self',
  '__proto__',
  'constructor',
  '..',
  '.',
  '-1',
  '0',
  '1e999',
  '0s',
  '99999999999999999999',
  '\u0000',
  '\r\nx-injected: 1',
  '\u202e\u2066',
  'SIGCONT',
  'null',
);
const TEXT = fc.oneof(
  { weight: 20, arbitrary: WORDS },
  { weight: 20, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.constant('x'.repeat(9000)) },
);
const JUNK = fc.oneof(
  TEXT,
  fc.constantFrom(null, true, false, -1, 0, 1.5, 2 ** 53, -0, 1e308),
  fc.constant([]),
  fc.constant({}),
  fc.json({ maxDepth: 3 }).map((text): unknown => JSON.parse(text)),
);

/** Values that fit a schema, or nearly. */
function fitting(schema: Schema | undefined, depth = 0): fc.Arbitrary<unknown> {
  if (schema === undefined || depth > 5) return fc.constant({});
  const { $ref, enum: words, properties, type } = schema;
  if ($ref !== undefined) return fitting(document.components.schemas[$ref.split('/').at(-1) ?? ''], depth + 1);
  if (words !== undefined) return fc.constantFrom(...words);
  if (schema.const !== undefined) return fc.constant(schema.const);
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => fitting(choice, depth + 1)));
  if (properties !== undefined) {
    const members = Object.entries(properties).map(([key, inner]) => [key, fitting(inner, depth + 1)] as const);
    return fc.record(Object.fromEntries(members), { requiredKeys: [...(schema.required ?? [])] });
  }
  if (type === 'array')
    return fc.array(fitting(schema.items, depth + 1), { minLength: schema.minItems ?? 0, maxLength: 4 });
  if (type === 'boolean') return fc.boolean();
  if (type === 'integer' || type === 'number')
    return fc.integer({ min: schema.minimum ?? -3, max: Math.min(schema.maximum ?? 3, 3) });
  if (type === 'string') return textOf(schema);
  return fc.constant(DEFINITION);
}

function textOf({ pattern, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
  const named = fc.constantFrom('db', 'web', '0s', '10ms');
  const free = fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)) });
  if (pattern === undefined) return fc.oneof(named, free);
  return fc.oneof(named, fc.stringMatching(new RegExp(pattern)));
}

/** JSON with one thing wrong with it. */
function spoilt(value: unknown): fc.Arbitrary<string> {
  const text = JSON.stringify(value);
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const anywhere = fc.nat({ max: text.length });
  const insert = (what: string): fc.Arbitrary<string> =>
    anywhere.map((at) => `${text.slice(0, at)}${what}${text.slice(at)}`);
  return fc.oneof(
    JUNK.map((junk) => JSON.stringify(junk)),
    fc.tuple(TEXT, JUNK).map(([key, junk]) => JSON.stringify({ ...Object(value), [key]: junk })),
    fc
      .tuple(fc.nat({ max: Math.max(0, members.length - 1) }), JUNK)
      .map(([at, junk]) => JSON.stringify(Object.fromEntries(members.map((m, i) => (i === at ? [m[0], junk] : m))))),
    fc.constantFrom('__proto__', 'constructor', 'prototype').map((key) => `{"${key}":{"x":1},${text.slice(1)}`),
    fc.constant(`${text.slice(0, -1)},${text.slice(1)}`),
    fc.constantFrom(33, 5000).map((depth) => `${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`),
    anywhere.map((at) => text.slice(0, at)),
    insert('\u0000'),
    insert('\\ud800'),
    fc.constant(`\ufeff${text}`),
    fc.constantFrom('', ' ', 'null', '"', 'NaN', '[]', '{}', '-', 'a=b&c=d'),
  );
}

function bodies(schema: Schema | undefined): fc.Arbitrary<Uint8Array> {
  const bytes = (text: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> => text.map((one) => Buffer.from(one));
  const value = fitting(schema);
  return fc.oneof(
    { weight: 6, arbitrary: bytes(value.map((one) => JSON.stringify(one))) },
    { weight: 8, arbitrary: bytes(value.chain(spoilt)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
    { weight: 1, arbitrary: fc.constant(Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xc3, 0x28, 0x22, 0x7d)])) },
    { weight: 1, arbitrary: fc.constant(Buffer.from(`{"a":"${'x'.repeat(270_000)}"}`)) },
  );
}

/** Mostly nothing out of the ordinary. */
const LINES = fc.oneof(
  { weight: 12, arbitrary: fc.constant<readonly string[]>([]) },
  {
    weight: 4,
    arbitrary: fc.uniqueArray(
      fc.constantFrom(
        'accept: text/event-stream',
        'accept: */*;q=0.1, application/x-ndjson',
        'authorization: Bearer rse_nothing',
        'authorization: Basic YTpi',
        'cookie: token=1',
        'expect: 100-continue',
        'expect: the-unexpected',
        'idempotency-key: one',
        `idempotency-key: ${'k'.repeat(600)}`,
        'if-match: *',
        'if-match: "0"',
        'if-none-match: *',
        'last-event-id: 0',
        'last-event-id: -5',
        'origin: http://evil.example',
        'origin: null',
        'prefer: wait=0',
        'prefer: wait=999999',
        'range: bytes=0-1',
        'sec-fetch-site: cross-site',
        'rouse-via: cli',
        'te: trailers',
        'upgrade: h2c',
        'connection: upgrade',
        'x-forwarded-for: 10.0.0.1',
        'x-http-method-override: DELETE',
        `x-long: ${'y'.repeat(17_000)}`,
        'x-latin: \u00e4\u00ff',
      ),
      { maxLength: 3 },
    ),
  },
);
const HOSTS = fc.oneof(
  { weight: 25, arbitrary: fc.constant('host: localhost') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'host:',
      'host: a b',
      'host: localhost\r\nhost: evil',
      'x-no: host',
      'host: [::1',
      'host: a/b?c',
      'host: u@h',
    ),
  },
);
const TYPES = fc.oneof(
  { weight: 25, arbitrary: fc.constant('content-type: application/json') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'x-no: type',
      'content-type: text/plain',
      'content-type: application/json; charset=utf-16',
      'content-type: ,',
    ),
  },
);
const FRAMES = fc.constantFrom(
  'length',
  'length',
  'length',
  'length',
  'length',
  'chunked',
  'chunked',
  'short',
  'both',
  'long',
);
const TARGETS = fc.oneof(
  { weight: 30, arbitrary: fc.constant('as it is') },
  { weight: 1, arbitrary: fc.constantFrom('http://evil.example', 'http://', '//', '/%', '/\\', 'http://[', '*') },
);

/** Requests for an operation, or for any method and path. */
export function requests(method: string, path: string, operation: Operation | null): fc.Arbitrary<Request> {
  const schema = operation?.requestBody?.content['application/json']?.schema;
  const parameters = operation?.parameters ?? [];
  const values = fc.tuple(
    ...parameters.map((one) => {
      const value = fc.oneof({ weight: 6, arbitrary: fitting(one.schema) }, { weight: 1, arbitrary: TEXT });
      const named = one.in === 'path' ? fc.oneof(fc.constantFrom('db', 'web'), value) : value;
      const there = fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: named });
      return fc.tuple(fc.constant(one), one.in === 'path' ? named : there);
    }),
  );
  const extra = fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.tuple(TEXT, TEXT) });
  const takesBody = schema !== undefined ? 9 : 1;
  const body = fc.oneof(
    { weight: takesBody, arbitrary: bodies(schema) },
    { weight: 3, arbitrary: fc.constant(Buffer.alloc(0)) },
  );
  return fc
    .record({ values, extra, body, lines: LINES, host: HOSTS, type: TYPES, frame: FRAMES, prefix: TARGETS })
    .map(({ values: chosen, extra: added, body: bytes, lines, host, type, frame, prefix }) => {
      const target = targetOf(path, chosen, added);
      const address = prefix === 'as it is' ? target : `${prefix}${target}`;
      const start = [`${method} ${address} HTTP/1.1`, host, ...lines, type];
      return framed([...start, 'connection: close'], { bytes, frame });
    });
}

type Chosen = readonly (readonly [Parameter, unknown])[];

function targetOf(path: string, chosen: Chosen, added: readonly [string, string] | null): string {
  const query = new URLSearchParams();
  let filled = path;
  for (const [parameter, value] of chosen) {
    const text = String(value).toWellFormed();
    if (parameter.in === 'path')
      filled = filled.replace(`{${parameter.name}}`, () => encodeURIComponent(text) || '%00');
    else if (value !== null) query.append(parameter.name, text);
  }
  if (added !== null) query.append(added[0].toWellFormed(), added[1].toWellFormed());
  return query.size === 0 ? filled : `${filled}?${query.toString()}`;
}

function framed(lines: readonly string[], content: { readonly bytes: Uint8Array; readonly frame: string }): Request {
  const { bytes, frame } = content;
  const head = (more: readonly string[]): string => `${[...lines, ...more].join('\r\n')}\r\n\r\n`;
  if (bytes.length === 0 && frame !== 'chunked') return { head: head([]), body: bytes };
  const length = `content-length: ${bytes.length}`;
  if (frame === 'short') return { head: head([length]), body: bytes.subarray(0, bytes.length >> 1) };
  if (frame === 'long')
    return { head: head([length]), body: Buffer.concat([bytes, Buffer.from('GET / HTTP/1.1\r\n\r\n')]) };
  if (frame === 'both') return { head: head([length, 'transfer-encoding: chunked']), body: bytes };
  if (frame === 'length') return { head: head([length]), body: bytes };
  const chunk = bytes.length === 0 ? [] : [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')];
  return { head: head(['transfer-encoding: chunked']), body: Buffer.concat([...chunk, Buffer.from('0\r\n\r\n')]) };
}
