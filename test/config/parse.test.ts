import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/config/fault.ts';
import { type Syntax, guessSyntax, parseSource, syntaxOf } from '../../src/config/parse.ts';
import { lengthOf, originOf } from '../../src/config/source.ts';
import { type Path, type Tree, keySpanAt, plainOf, spanAt } from '../../src/config/tree.ts';

type TextSyntax = Exclude<Syntax, 'script'>;

function parse(syntax: TextSyntax, text: string): { tree: Tree | null; faults: string[] } {
  const faults: Fault[] = [];
  const tree = parseSource({ path: '/f', text }, syntax, (fault) => void faults.push(fault));
  const lines = faults.map(({ code, message, span }) => {
    const origin = originOf(span);
    return `${code} ${origin?.line}:${origin?.column}+${lengthOf(span)} ${message}`;
  });
  return { tree, faults: lines };
}

function valueOf(syntax: TextSyntax, text: string): unknown {
  const { tree, faults } = parse(syntax, text);
  expect(faults).toEqual([]);
  return tree === null ? null : plainOf(tree);
}

function placesOf(syntax: TextSyntax, text: string, path: Path): readonly (string | null)[] {
  const { tree } = parse(syntax, text);
  if (tree === null) throw new Error('the text cannot be read');
  return [keySpanAt(tree, path), spanAt(tree, path)].map((span) => {
    const origin = originOf(span);
    return origin === null ? null : `${origin.line}:${origin.column}+${lengthOf(span)}`;
  });
}

describe('a file name says the syntax', () => {
  test.for([
    ['a.toml', 'toml'],
    ['a.yml', 'yaml'],
    ['a.YAML', 'yaml'],
    ['a.json', 'json'],
    ['a.jsonc', 'jsonc'],
    ['a.config.ts', 'script'],
    ['a.mts', 'script'],
    ['a.js', 'script'],
    ['a.mjs', 'script'],
    ['a.conf', null],
    ['toml', null],
  ] as const)('%s is %s', ([name, syntax]) => {
    expect(syntaxOf(`/x/${name}`)).toBe(syntax);
  });
});

describe('a text without a name says its syntax', () => {
  test.for([
    ['{"services": {}}', 'jsonc'],
    ['\n [ {"name": "a"} ]', 'jsonc'],
    ['[]', 'jsonc'],
    ['# x\n\n[services.a]\ncommand = "x"', 'toml'],
    ['name = "x"', 'toml'],
    ['services.a.command = "x"', 'toml'],
    ['# x\nservices:\n  a: { command: x }', 'yaml'],
    ['- name: a', 'yaml'],
    ['name: a=b', 'yaml'],
    ['', 'yaml'],
  ] as const)('%j is %s', ([text, syntax]) => {
    expect(guessSyntax(text)).toBe(syntax);
  });
});

describe('TOML', () => {
  const text =
    '# x\na.b = 1\n[services.web]\nenv = { PORT = "80" }\n[[list]]\nx = [1,\n  "two"]\n[list.in]\ny = true\n';

  test('is read, dotted keys and lists of tables among it', () => {
    expect(valueOf('toml', text)).toEqual({
      a: { b: 1 },
      services: { web: { env: { PORT: '80' } } },
      list: [{ x: [1, 'two'], in: { y: true } }],
    });
    expect(valueOf('toml', '')).toEqual({});
  });

  test.for([
    [['a'], '2:1+1', '2:1+7'],
    [['a', 'b'], '2:3+1', '2:7+1'],
    [['services'], '3:2+8', '3:1+14'],
    [['services', 'web'], '3:11+3', '3:1+14'],
    [['services', 'web', 'env', 'PORT'], '4:9+4', '4:16+4'],
    [['list', 0], '5:1+8', '5:1+8'],
    [['list', 0, 'x'], '6:1+1', '6:5+3'],
    [['list', 0, 'x', 1], '7:3+5', '7:3+5'],
    [['list', 0, 'in'], '8:7+2', '8:1+9'],
    [['list', 0, 'in', 'y'], '9:1+1', '9:5+4'],
  ] as const)('knows where %j stands', ([path, key, value]) => {
    expect(placesOf('toml', text, path)).toEqual([key, value]);
  });

  test.for([
    ['a = ', 'RSE0105 1:5+1 cannot read this TOML: invalid value'],
    ['a = 1\nb = "x', 'RSE0105 2:5+1 cannot read this TOML: unfinished string'],
    ['a = 1\na = 2', 'RSE1117 2:1+1 this key or table stands twice'],
    ['[a]\n[b]\n[a]', 'RSE1117 3:2+1 this key or table stands twice'],
    ['a = 99999999999999999999', 'RSE0105 1:5+1 cannot read this TOML: integer value cannot be represented losslessly'],
    ['a = 2020-01-01', 'RSE1101 1:5+10 a date is not a value of a definition: quote it'],
    ['a = nan', 'RSE1102 1:5+3 this number is not finite'],
  ] as const)('is refused: %j', ([wrong, fault]) => {
    expect(parse('toml', wrong).faults).toEqual([fault]);
  });

  test('takes a text that the parser of places gives up on', () => {
    expect(valueOf('toml', `a = "${'x'.repeat(300_000)}"`)).toEqual({ a: 'x'.repeat(300_000) });
  });
});

describe('YAML', () => {
  const text = 'a: &x\n  b: 1\nlist:\n  - "two"\n  - *x\nno: no\nnothing:\n';

  test('is read as version 1.2, aliases among it', () => {
    expect(valueOf('yaml', text)).toEqual({ a: { b: 1 }, list: ['two', { b: 1 }], no: 'no', nothing: null });
    expect(valueOf('yaml', '')).toEqual({});
    expect(valueOf('yaml', '# only words\n')).toEqual({});
  });

  test('an alias means the last anchor before it', () => {
    expect(valueOf('yaml', 'a: &x 1\nb: *x\nc: &x 2\nd: *x\n')).toEqual({ a: 1, b: 1, c: 2, d: 2 });
  });

  test.for([
    [['a'], '1:1+1', '2:3+4'],
    [['a', 'b'], '2:3+1', '2:6+1'],
    [['list', 0], '4:5+5', '4:5+5'],
    [['list', 1, 'b'], '2:3+1', '2:6+1'],
  ] as const)('knows where %j stands', ([path, key, value]) => {
    expect(placesOf('yaml', text, path)).toEqual([key, value]);
  });

  test.for([
    ['a: 1\na: 2', 'RSE1117 2:1+1 "a" stands twice in one table'],
    ['a: "x', 'RSE0105 1:6+1 cannot read this YAML: missing closing "quote'],
    ['a:\n\tb: 1', 'RSE0105 2:1+1 cannot read this YAML: tabs are not allowed as indentation'],
    ['a: 1\n---\nb: 2', 'RSE0105 2:1+1 cannot read this YAML: it holds more than one document'],
    ['a: *x', 'RSE0105 1:4+2 cannot read this YAML: there is no anchor "x"'],
    ['? [a]\n: b', 'RSE0105 1:3+3 cannot read this YAML: a key must be a plain word'],
    ['a: !!js/function x', 'RSE0105 1:4+13 cannot read this YAML: unresolved tag: tag:yaml.org,2002:js/function'],
    ['a: &a [*a]', 'RSE0105 1:8+2 cannot read this YAML: values are nested deeper than 32'],
  ] as const)('is refused: %j', ([wrong, fault]) => {
    expect(parse('yaml', wrong).faults).toEqual([fault]);
  });
});

describe('JSON', () => {
  const text = '{\n  "a": {"b": [1, "tw\\u006f"]},\n  "c": null\n}\n';

  test('is read, escapes and numbers among it', () => {
    expect(valueOf('json', text)).toEqual({ a: { b: [1, 'two'] }, c: null });
    expect(valueOf('json', '\uFEFF[-1.5e3, true, {}, []]')).toEqual([-1500, true, {}, []]);
  });

  test('knows where its values stand', () => {
    expect(placesOf('json', text, ['a', 'b'])).toEqual(['2:9+3', '2:14+15']);
    expect(placesOf('json', text, ['a', 'b', 1])).toEqual(['2:18+10', '2:18+10']);
  });

  test('may hold comments and trailing commas where its ending says so', () => {
    const loose = '// x\n{ "a": [1, /* two */ 2,], }';
    expect(valueOf('jsonc', loose)).toEqual({ a: [1, 2] });
    expect(parse('json', loose).faults).toEqual(['RSE0105 1:1+1 cannot read this JSON: expected a value']);
  });

  test.for([
    ['', 'RSE0105 1:1+1 cannot read this JSON: the text ends too early'],
    ['{"a": 1', 'RSE0105 1:8+1 cannot read this JSON: expected "}" before the text ends'],
    ['{"a" 1}', 'RSE0105 1:6+1 cannot read this JSON: expected ":" after the key'],
    ['{a: 1}', 'RSE0105 1:2+1 cannot read this JSON: expected a key in double quotes'],
    ['[1 2]', 'RSE0105 1:4+1 cannot read this JSON: expected "," or "]"'],
    ['[1,]', 'RSE0105 1:3+1 cannot read this JSON: expected no "," before "]"'],
    ['[1] 2', 'RSE0105 1:5+1 cannot read this JSON: expected the end of the text'],
    ['[nul]', 'RSE0105 1:2+1 cannot read this JSON: expected a value'],
    [
      '"a\nb"',
      'RSE0105 1:1+1 cannot read this JSON: this text is not closed, or holds a character that must be escaped',
    ],
    ['{"a": 1, "a": 2}', 'RSE1117 1:10+3 "a" stands twice in one table'],
  ] as const)('is refused: %j', ([wrong, fault]) => {
    expect(parse('json', wrong).faults).toEqual([fault]);
  });

  property.prop([fc.jsonValue({ maxDepth: 6 })])('means what the platform reads', (value) => {
    const written = JSON.stringify(value, null, 1);
    const { tree, faults } = parse('json', written);
    expect(faults).toEqual([]);
    expect(tree === null ? null : JSON.stringify(plainOf(tree))).toBe(JSON.stringify(JSON.parse(written)));
  });
});

describe('a text that means harm', () => {
  const many = 1_000_000;
  const lols = 'bcdefghi'
    .split('')
    .map((name, index) => `${name}: &${name} [${'*'.concat('abcdefgh'[index] ?? '', ',').repeat(9)}]`);

  test.for([
    ['toml', `a = ${'['.repeat(many)}`],
    ['toml', `a${'.a'.repeat(many / 2)} = 1`],
    ['toml', `[a${'.a'.repeat(many / 2)}]`],
    ['json', '['.repeat(many)],
    ['json', '{"a":'.repeat(many / 5)],
    ['json', `"${'\\"'.repeat(many / 2)}`],
    ['jsonc', '/*'.repeat(many / 2)],
    ['yaml', '['.repeat(many)],
    ['yaml', '{a: '.repeat(many / 4)],
    ['yaml', '- '.repeat(many / 2)],
    ['yaml', '? '.repeat(many / 2)],
    ['yaml', Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['yaml', ['a: &a [lol, lol, lol]', ...lols].join('\n')],
    ['yaml', `a: &a x\nb: [${'*a,'.repeat(300_000)}]`],
    ['yaml', Array.from({ length: 20_000 }, (_, index) => `a${index}: &x${index} y\nb${index}: *x${index}`).join('\n')],
  ] as const)('is refused at once (%s, case %#)', { timeout: 5000 }, ([syntax, text]) => {
    const { tree, faults } = parse(syntax, text);
    expect(tree).toBeNull();
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^RSE0105 /);
  });
});
