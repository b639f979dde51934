import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { load } from './given.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/reference/definition-file.md'), 'utf8');
const blocks = [...page.matchAll(/^```(toml|yaml|json)\n([\s\S]*?)^```$/gm)];

test.for(blocks.map(([, syntax = '', text = '']) => [syntax, text] as const))(
  'the %s of the reference is a definition: %#',
  async ([syntax, text]) => {
    const { definition } = await load({ [`rouse.${syntax}`]: text });
    expect(definition.services.length).toBeGreaterThan(0);
  },
);

test('the reference begins with a database, a migration and a web server', async () => {
  const { definition } = await load({ 'rouse.toml': blocks[0]?.[2] ?? '' });
  expect(definition.services.map(({ name }) => name)).toEqual(['db', 'migrate', 'web']);
});
