// Every block of the library's page, and the example, run as programs of their own.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { newFolder, processesIn } from './library-world.ts';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/guide/library.md'), 'utf8');
const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);

const run = (file: string, cwd: string) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd, encoding: 'utf8', timeout: 30_000 });
  return { status, stdout, stderr };
};

test('the page has blocks', () => {
  expect(blocks.length).toBeGreaterThan(4);
});

test.for(blocks.map((text, place) => [place + 1, text] as const))(
  'block %i of the page runs and leaves nothing',
  ([, text]) => {
    const folder = newFolder();
    const file = join(folder, 'block.ts');
    const source = pathToFileURL(join(ROOT, 'src/index.ts')).href;
    writeFileSync(file, text.replaceAll("from 'rouse'", `from '${source}'`));
    expect(run(file, folder)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(processesIn(folder)).toEqual([]);
  },
);

test('the example runs, prints what it promises and leaves nothing', () => {
  const folder = newFolder();
  const { status, stdout, stderr } = run(join(ROOT, 'examples/library/main.ts'), folder);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual(
    expect.arrayContaining(['web ready', 'greet done', 'worker ready', 'greet | hello', 'worker | at work']),
  );
  expect(processesIn(folder)).toEqual([]);
});
