/** Definitions that nobody would write, in every format: they are taken or refused in words, and nothing else happens. */
import fc from 'fast-check';
import { stringify as tomlOf } from 'smol-toml';
import { afterEach, describe, expect, test } from 'vitest';
import { stringify as yamlOf } from 'yaml';
import { SERVICE_KEYS } from '../../src/contract/definition-file.ts';
import { loadDefinition, parseDefinitionDocument } from '../../src/config/load.ts';
import { DefinitionError, RouseError } from '../../src/model/errors.ts';

type Format = 'toml' | 'yaml' | 'json' | 'document';

const FORMATS: readonly Format[] = ['toml', 'yaml', 'json', 'document'];
const RUNS = 250;

const written: Readonly<Record<Exclude<Format, 'document'>, (value: object) => string>> = {
  toml: (value) => tomlOf(value),
  yaml: (value) => `# a comment says that this is YAML\n${yamlOf(value, { aliasDuplicateObjects: false })}`,
  json: (value) => JSON.stringify(value),
};

/** The codes of the faults; empty when the text is taken. Whatever is thrown that is not in words goes on. */
async function codesOf(text: string): Promise<readonly string[]> {
  return await faultsFrom(() =>
    loadDefinition({
      files: ['-'],
      directory: '/srv/shop',
      overlays: [],
      environment: {},
      stdin: text,
      project: null,
      evaluate: () => Promise.reject(new RouseError('RSE0103', 'nothing is evaluated here')),
      trust: 'skip',
      check: () => [],
    }),
  );
}

async function codesOfDocument(value: unknown): Promise<readonly string[]> {
  return await faultsFrom(() =>
    parseDefinitionDocument(value, {
      directory: '/srv/shop',
      project: null,
      environment: {},
      made: 'api',
      check: () => [],
    }),
  );
}

async function faultsFrom(load: () => unknown): Promise<readonly string[]> {
  try {
    await load();
    return [];
  } catch (error) {
    if (error instanceof DefinitionError) return error.issues.map(({ code }) => code);
    if (error instanceof RouseError) return [error.code];
    throw error;
  }
}

const codesAs = async (format: Format, value: object): Promise<readonly string[]> =>
  format === 'document' ? await codesOfDocument(value) : await codesOf(written[format](value));

const name = fc.constantFrom('api', 'db', 'web', 'worker', 'cache');
const words = fc.array(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 4,
});
const scalar = fc.oneof(
  fc.string({ maxLength: 24 }),
  fc.constantFrom(
    '5s',
    '1h',
    '${HOME}',
    '$(id)',
    'a | b',
    '~/x',
    '../..',
    '\u0000',
    '\u202e',
    '*x',
    '&x',
    '!!js',
    '<<',
  ),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);
const anyKey = fc.oneof(
  fc.constantFrom(...SERVICE_KEYS),
  fc.string({ minLength: 1, maxLength: 12 }).filter((key) => !key.startsWith('x-')),
);
const strange = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(anyKey, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

/** A service that is right, with some keys that may be anything. */
const service = fc
  .record({ command: words, extra: fc.dictionary(anyKey, strange, { maxKeys: 4, noNullPrototype: true }) })
  .map(({ command, extra }): Record<string, unknown> => ({ command, ...extra }));
const definition = fc
  .record({
    services: fc.dictionary(name, service, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
    extra: fc.dictionary(anyKey, strange, { maxKeys: 2, noNullPrototype: true }),
  })
  .map(({ services, extra }): Record<string, unknown> => ({ ...extra, services }));

const right = fc
  .dictionary(name, fc.record({ description: fc.constantFrom('a', 'b') }), {
    minKeys: 1,
    maxKeys: 3,
    noNullPrototype: true,
  })
  .map((services) => ({
    services: Object.fromEntries(
      Object.entries(services).map(([of, spec]) => [of, { ...spec, command: ['true'], labels: { team: 'a' } }]),
    ),
  }));

/** Where a key may be put into a right definition: the table of the path that is walked as far as it goes. */
const depth = fc.nat({ max: 3 });

function withKey(value: object, key: string, down: number): object {
  const [first] = Object.keys(value).filter((name) => isTable(Reflect.get(value, name)));
  if (down === 0 || first === undefined) return ownKey(value, key, 'x');
  return ownKey(value, first, withKey(Reflect.get(value, first) as object, key, down - 1));
}

const isTable = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

function ownKey(value: object, key: string, child: unknown): object {
  const copy = { ...value };
  Object.defineProperty(copy, key, { value: child, enumerable: true, configurable: true, writable: true });
  return copy;
}

const INHERITED = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));

afterEach(() => {
  expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype))).toBe(INHERITED);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});

describe.each(FORMATS)('a definition as %s', { timeout: 20_000 }, (format) => {
  test('of right and strange keys and values is taken or refused in words', async () => {
    await fc.assert(
      fc.asyncProperty(definition, async (value) => {
        expect(await codesAs(format, value)).toBeInstanceOf(Array);
      }),
      { numRuns: RUNS },
    );
  });

  test('with a key that reaches into every object is refused at any level', async () => {
    const key = fc.constantFrom('__proto__', 'constructor', 'prototype');
    await fc.assert(
      fc.asyncProperty(right, key, depth, async (value, evil, down) => {
        expect(await codesAs(format, value)).toEqual([]);
        // The writer of TOML cannot write the key, so it is written by another and put in as a text.
        const marked = withKey(value, 'polluted', down);
        const codes =
          format === 'document'
            ? await codesOfDocument(withKey(value, evil, down))
            : await codesOf(written[format](marked).replace('polluted', evil));
        expect(codes).toContain('RSE1104');
      }),
      { numRuns: RUNS },
    );
  });

  test('with a key that nobody knows is refused', async () => {
    const unknown = fc
      .stringMatching(/^[a-z][a-z_]{0,14}$/)
      .filter((key) => key !== 'x' && !SERVICE_KEYS.includes(key))
      .map((key) => `${key}_zz`);
    await fc.assert(
      fc.asyncProperty(right, unknown, fc.constantFrom(0, 2), async (value, key, down) => {
        expect(await codesAs(format, withKey(value, key, down))).toContain('RSE1104');
      }),
      { numRuns: RUNS },
    );
  });
});

/** A text of which some stretches were left out, doubled, turned round or replaced. */
const mutated = fc
  .record({
    format: fc.constantFrom('toml', 'yaml', 'json'),
    value: definition,
    cuts: fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        length: fc.nat({ max: 12 }),
        put: fc.oneof(
          fc.string({ unit: 'binary', maxLength: 4 }),
          fc.constantFrom('[', ']', '{', '}', '"', "'", '\n', ': ', ' = ', '&a ', '*a', '"""', '---\n', '\\', '#', ','),
        ),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  })
  .map(({ format, value, cuts }) =>
    cuts.reduce((text, { at, length, put }) => {
      const place = Math.floor(at * text.length);
      return text.slice(0, place) + put + text.slice(place + length);
    }, written[format](value)),
  );

const SIGNS: readonly string[] = Array.from('[]{}"\'=:,.-&*!|>#%@`\\\n \t0a_$\u0000\u{feff}é\u{1f600}');

describe('a text', { timeout: 20_000 }, () => {
  test('that was a definition before it was damaged is taken or refused in words', async () => {
    await fc.assert(
      fc.asyncProperty(mutated, async (text) => {
        expect(await codesOf(text)).toBeInstanceOf(Array);
      }),
      { numRuns: RUNS * 4 },
    );
  });

  test('of any signs is taken or refused in words', async () => {
    const signs = fc.string({ unit: fc.constantFrom(...SIGNS) });
    await fc.assert(
      fc.asyncProperty(fc.oneof(signs, fc.string({ unit: 'binary', maxLength: 80 })), async (text) => {
        expect(await codesOf(text)).toBeInstanceOf(Array);
      }),
      { numRuns: RUNS * 4 },
    );
  });
});

test('a document of any values is taken or refused in words', { timeout: 20_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true }), async (value) => {
      expect(await codesOfDocument(value)).toBeInstanceOf(Array);
      expect(await codesOfDocument({ services: value })).toBeInstanceOf(Array);
    }),
    { numRuns: RUNS * 4 },
  );
});
