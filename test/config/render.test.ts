import { describe, expect, test } from 'vitest';
import { renderIssues } from '../../src/config/render.ts';
import type { Issue } from '../../src/model/errors.ts';
import { issuesIn } from './given.ts';

const TEXT = 'a = 1\n[services.web]\n\tdependson = ["cache"]\r\nx = "\u001b[31m"\n';

const issue = (part: Partial<Issue>): Issue => ({
  code: 'RSE1104',
  message: 'unknown key "dependson"',
  origin: { file: '/srv/shop/rouse.toml', line: 3, column: 2 },
  length: 9,
  path: [],
  suggestion: null,
  hint: null,
  also: [],
  services: [],
  ...part,
});

const view = { textOf: (file: string) => (file.endsWith('rouse.toml') ? TEXT : null) };
const render = (...parts: readonly Partial<Issue>[]): string => renderIssues(parts.map(issue), view);

describe('a fault', () => {
  test('is shown with its line, a mark, the nearest word and what to do', () => {
    expect(render({ suggestion: 'depends_on', hint: 'rename it' })).toBe(
      [
        'error[RSE1104]: unknown key "dependson"',
        '  --> /srv/shop/rouse.toml:3:2',
        '  |',
        '3 |  dependson = ["cache"]',
        '  |  ^^^^^^^^^ did you mean "depends_on"?',
        '  fix   rename it',
      ].join('\n'),
    );
  });

  test('of a file that cannot be read is shown with its place alone', () => {
    expect(render({ origin: { file: '<stdin>', line: 2, column: 1 } })).toBe(
      'error[RSE1104]: unknown key "dependson"\n  --> <stdin>:2:1',
    );
  });

  test('without a place is shown with its path', () => {
    expect(render({ origin: null, path: ['services', 'web', 'dependson'] })).toBe(
      'error[RSE1104]: unknown key "dependson"\n  at    services.web.dependson',
    );
  });

  test('with several places shows each of them', () => {
    const edge = (line: number): Issue['also'][number] => ({
      origin: { file: '/srv/shop/rouse.toml', line, column: 2 },
      message: `step ${line}`,
    });
    expect(render({ code: 'RSE1201', message: 'a circle', also: [edge(3), edge(1)], hint: 'remove one' })).toBe(
      [
        'error[RSE1201]: a circle',
        '  --> /srv/shop/rouse.toml:3:2   dependson = ["cache"]   step 3',
        '  --> /srv/shop/rouse.toml:1:2   a = 1   step 1',
        '  fix   remove one',
      ].join('\n'),
    );
  });

  test('does not say the nearest word twice', () => {
    expect(render({ suggestion: 'x', hint: 'did you mean "x"?' }).split('did you mean')).toHaveLength(2);
  });

  test('cannot steer the terminal', () => {
    const shown = render({
      message: 'a\u001b[2Jb\rc\u202e',
      origin: { file: '/srv/shop/rouse.toml', line: 4, column: 6 },
      length: 5,
    });
    expect(shown).toContain('a\\u001b[2Jb\\u000dc\\u202e');
    expect(shown).toContain('4 | x = "\\u001b[31m"');
    expect(shown).toMatch(/^ {2}\| {6}\^{10}$/m);
  });

  test('in a long line is shown with what is around it', () => {
    const long = `${'x'.repeat(1000)}HERE${'y'.repeat(1000)}`;
    const shown = renderIssues([issue({ origin: { file: 'f', line: 1, column: 1001 }, length: 4 })], {
      textOf: () => long,
    });
    const [, , , line = '', mark = ''] = shown.split('\n');
    expect(line.length).toBeLessThan(200);
    expect(line.indexOf('HERE')).toBe(mark.indexOf('^^^^'));
  });

  test('may be painted, and its file be named shortly', () => {
    const shown = renderIssues([issue({})], {
      ...view,
      nameOf: (file) => file.replace('/srv/shop/', ''),
      paint: (role, text) => `<${role}>${text}</${role}>`,
    });
    expect(shown.split('\n').slice(0, 2)).toEqual([
      '<error>error[RSE1104]</error>: <strong>unknown key "dependson"</strong>',
      '  <faint>--></faint> rouse.toml:3:2',
    ]);
    expect(shown).toContain('<error>^^^^^^^^^</error>');
  });
});

test('ten faults are shown, the others are counted', () => {
  const shown = render(...Array.from({ length: 17 }, () => ({})));
  expect(shown.match(/^error/gm)).toHaveLength(10);
  expect(shown.endsWith('\n\nand 7 more (rouse validate)')).toBe(true);
});

test('the mark stands under what was found in a real definition', async () => {
  const text = 'services:\n  web:\n    command: npm run build && node dist\n';
  const [first] = await issuesIn({ 'rouse.yaml': text });
  const shown = renderIssues(first === undefined ? [] : [first], { textOf: () => text });
  const [, , , line = '', mark = ''] = shown.split('\n');
  expect(mark.indexOf('^^')).toBe(line.indexOf('&&'));
});
