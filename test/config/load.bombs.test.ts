/** Texts and commands that mean to keep the daemon busy or to fill it up: each is refused with its code and its place. */
import { describe, expect, test } from 'vitest';
import { documentFaults, faultsIn } from './given.ts';

const MIB = 1024 ** 2;
const SECONDS = 10_000;

const first = async (files: Readonly<Record<string, string>>): Promise<string | undefined> =>
  (await faultsIn(files, { files: Object.keys(files).slice(0, 1) }))[0];

const TABLE = 'services:\n  api: { command: ["true"] }\n';
const ladder = 'bcdefghi'
  .split('')
  .map((name, index) => `${name}: &${name} [${Array<string>(9).fill(`*${'abcdefgh'[index]}`).join(',')}]\n`)
  .join('');

describe('a text is refused, and its place is told', { timeout: SECONDS }, () => {
  test.each([
    [
      'aliases that double',
      'rouse.yaml',
      `x-a: &a [1,1,1,1,1,1,1,1,1]\n${ladder}`,
      /^RSE0105 .*:\d+:\d+\+\d+ .*aliases/,
    ],
    ['a list in lists', 'rouse.yaml', '['.repeat(100_000), /^RSE0105 rouse.yaml:1:201\+1 .*deeper/],
    ['a table in tables', 'rouse.yaml', '{a: '.repeat(100_000), /^RSE0105 rouse.yaml:1:\d+\+1 .*deeper/],
    ['a dash behind dashes', 'rouse.yaml', '- '.repeat(100_000), /^RSE0105 rouse.yaml:1:1\+1 .*deeper/],
    ['a list in lists', 'rouse.json', '['.repeat(100_000), /^RSE0105 rouse.json:1:34\+1 .*deeper/],
    ['a table in tables', 'rouse.json', '{"a":'.repeat(100_000), /^RSE0105 rouse.json:1:\d+\+1 .*deeper/],
    ['a list in lists', 'rouse.toml', `a = ${'['.repeat(100_000)}`, /^RSE0105 rouse.toml:1:\d+\+1 .*/],
    ['a table in tables', 'rouse.toml', `a = ${'{a = '.repeat(100_000)}`, /^RSE0105 rouse.toml:1:\d+\+1 .*/],
    ['a key of many parts', 'rouse.toml', `${'a.'.repeat(100_000)}a = 1`, /^RSE0105 rouse.toml:1:1\+1 .*deeper/],
    ['nothing but commas', 'rouse.yaml', `[${','.repeat(MIB - 2)}]`, /^RSE0105 rouse.yaml:1:\d+\+1 .*more values/],
    ['nothing but lines', 'rouse.yaml', 'a:\n'.repeat(MIB / 3), /^RSE0105 rouse.yaml:\d+:\d+\+1 .*more values/],
    ['nothing but elements', 'rouse.toml', `a = [${'1,'.repeat(MIB / 2 - 9)}]`, /^RSE0105 rouse.toml:1:\d+\+1 .*more/],
    ['nothing but brackets', 'rouse.yaml', '[]{}'.repeat(MIB / 4), /^RSE0105 rouse.yaml:1:\d+\+1 .*/],
    ['nothing but quotes', 'rouse.yaml', '"'.repeat(MIB / 4), /^RSE0105 rouse.yaml:1:3\+\d+ .*/],
    ['nothing but anchors', 'rouse.yaml', '&a '.repeat(MIB / 12), /^RSE0105 rouse.yaml:1:4\+\d+ .*one anchor/],
    [
      'nothing but documents',
      'rouse.yaml',
      `${TABLE}${'---\n'.repeat(MIB / 8)}`,
      /^RSE0105 rouse.yaml:3:\d+\+1 .*one doc/,
    ],
    ['a text without an end', 'rouse.json', `"${'\\'.repeat(MIB - 2)}`, /^RSE0105 rouse.json:1:1\+1 .*not closed/],
    ['a comment in comments', 'rouse.jsonc', '/* '.repeat(MIB / 3), /^RSE0105 rouse.jsonc:1:1\+1 .*/],
    ['a text without an end', 'rouse.toml', `a = "${'\\'.repeat(MIB - 9)}`, /^RSE0105 rouse.toml:1:\d+\+1 .*/],
    ['a number of many digits', 'rouse.toml', `a = ${'9'.repeat(100_000)}`, /^RSE0105 rouse.toml:1:\d+\+1 .*/],
    ['a NUL', 'rouse.toml', 'a = "\0"', /^RSE0105 rouse.toml:1:\d+\+1 .*/],
    ['a NUL', 'rouse.json', '{"a": "\0"}', /^RSE0105 rouse.json:1:7\+1 .*/],
    ['a byte more than a file has', 'rouse.toml', `#${'a'.repeat(MIB)}`, /^RSE0104 .*1048577 bytes/],
    ['a key that stands twice', 'rouse.toml', 'services = {}\nservices = {}', /^RSE1117 rouse.toml:2:1\+8 /],
    ['a key that stands twice', 'rouse.yaml', 'services: {}\nservices: {}', /^RSE1117 rouse.yaml:2:1\+8 /],
    ['a key that stands twice', 'rouse.json', '{"services":{},\n"services":{}}', /^RSE1117 rouse.json:2:1\+10 /],
  ])('for %s (%s)', async (_what, file, text, fault) => {
    expect((await first({ [file]: text }))?.slice(0, 400)).toMatch(fault);
  });

  test('for a number that is none, or too large to be meant', async () => {
    const text = '{"services":{"api":{"command":["true"],"replicas":1e999}}}';
    expect(await first({ 'rouse.json': text })).toMatch(/^RSE1\d+ rouse.json:1:\d+\+5 /);
    expect(await first({ 'rouse.yaml': `services: { api: { command: ["true"], replicas: .inf } }` })).toMatch(/^RSE1/);
  });

  test('for a key of a million signs', async () => {
    expect(await first({ 'rouse.json': `{"${'k'.repeat(MIB / 2)}": 1}` })).toMatch(/^RSE1104 rouse.json:1:2\+/);
    const name = 'k'.repeat(MIB / 2);
    expect(await first({ 'rouse.json': `{"services":{"${name}":{"command":["true"]}}}` })).toMatch(/^RSE1109 /);
  });

  test('for files that include a thousand others', async () => {
    const names = Array.from({ length: 1001 }, (_, index) => `part-${index}.toml`);
    const files = Object.fromEntries(names.map((name) => [name, '']));
    const faults = await faultsIn(
      { 'rouse.toml': `include = ${JSON.stringify(names)}`, ...files },
      { files: ['rouse.toml'] },
    );
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^RSE1116 rouse.toml:1:\d+\+\d+ the definition has more than 1000 files/);
  });

  test('for more services than there may be', async () => {
    const services = Array.from({ length: 10_001 }, (_, index) => [`s${index}`, { command: ['true'] }]);
    expect(documentFaults({ services: Object.fromEntries(services) }, { made: 'api' })[0]).toMatch(
      /^RSE1116 .*10,?000/,
    );
  });
});

test('a text with a mark of its byte order is read as if it had none', async () => {
  const mark = '\u{feff}';
  expect(await faultsIn({ 'rouse.yaml': `${mark}${TABLE}` })).toEqual([]);
  expect(await faultsIn({ 'rouse.json': `${mark}{"services":{"api":{"command":["true"]}}}` })).toEqual([]);
  expect(await faultsIn({ 'rouse.toml': `${mark}[services.api]\ncommand = ["true"]\n` })).toEqual([]);
});

describe('a command is refused', { timeout: SECONDS }, () => {
  const runs = ['"', "'", '\\', '$', '`', '${', '\\"', '"\'', '$(', '{a,', ' "', '#', '~', "$'"];

  test.each(runs)('that is a long run of %s', (run) => {
    for (const length of [2000, 4096, 200_000]) {
      const command = `echo ${run.repeat(length / run.length)}`;
      for (const fault of documentFaults({ services: { api: { command } } }, { made: 'api' }))
        expect(fault).toMatch(/^RSE1(?:107|108|301) services.api.command /);
    }
  });

  test('that is longer than any command', () => {
    const command = `echo ${'a '.repeat(MIB / 2)}`;
    expect(documentFaults({ services: { api: { command } } })).toEqual([
      'RSE1108 services.api.command this command is longer than 4096 characters',
    ]);
  });
});
