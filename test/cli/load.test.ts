import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadVerb } from '../../src/cli/load.ts';
import { VERBS } from '../../src/cli/verbs.ts';
import { ERRORS } from '../../src/model/errors.ts';

const page = (name: string): string => readFileSync(join(import.meta.dirname, '../../docs/reference', name), 'utf8');

describe('the reference tells of every verb, its flags, examples and exit codes', () => {
  test.each(VERBS.map(({ name }) => name))('%s is in the reference as it is', async (name) => {
    const [, rest = ''] = page('cli.md').split(`### rouse ${name}`);
    const [section = ''] = rest.split(/^##/m);
    const verb = await loadVerb(name);
    for (const { spelling } of verb.flags) expect(section).toContain(`\`${spelling}\``);
    for (const [line] of verb.examples) expect(section).toContain(line);
    const codes = /Exit codes: (.*)\./s
      .exec(section)?.[1]
      ?.split(' · ')
      .map((part) => Number.parseInt(part, 10));
    expect(codes).toEqual(verb.exits.map(([code]) => code));
  });
});

test('the page of exit codes has every error code with its exit code', () => {
  const rows = new Map(
    [...page('exit-codes.md').matchAll(/^\| (RSE\d+) +\| (.*?) +\| (\d+) +\|$/gm)].map(([, code, , exit]) => [
      code,
      Number(exit),
    ]),
  );
  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries(Object.entries(ERRORS).map(([code, { exit }]) => [code, exit])),
  );
});
