// The two command lines that set everything up, as the README has them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyExample } from '../examples/copy.ts';
import { ROOT, blocksOf } from './document.ts';

const lines = blocksOf('README.md')
  .filter(({ language, text }) => language === 'sh' && text.startsWith('npm ci'))
  .map(({ text }) => text.trim());

test('the README sets up by two command lines, of which the continuous checks run the second word for word', () => {
  expect(lines).toEqual(['npm ci && npx rouse -C examples/quickstart up', 'npm ci && npm test']);
  expect(readFileSync(join(ROOT, '.ci/run'), 'utf8').trimEnd().split('\n').at(-1)).toBe(lines[1]);
});

test('what the README shows of up is what a terminal shows, but for the times', async () => {
  const { world, moved } = await copyExample('quickstart');
  await using _ = world;
  const picture = blocksOf('README.md').find(({ text }) => text.startsWith('$ rouse'));
  const [command = '', ...shown] = moved(picture?.text ?? '')
    .trimEnd()
    .split('\n');
  const attached = world.begin(command.split(' ').slice(2), 'terminal');
  await attached.saw(/web: http/);
  attached.child.stdin?.write('\u0003');
  const { stdout } = await attached.ended;
  const esc = String.fromCodePoint(27);
  const seen = stdout.replaceAll(new RegExp(`${esc}\\[[0-9;?]*[A-Za-z]`, 'g'), '').replaceAll(/[\r]/g, '');
  const timeless = (text: string): string =>
    text.replaceAll(/\d+(\.\d+)?m?s\b/g, 'T').replaceAll(/(now|T ago)$/gm, 'T');
  for (const line of shown)
    expect(
      timeless(seen)
        .split('\n')
        .map((one) => one.trimEnd()),
    ).toContain(timeless(line));
});
