import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readScale, writeScale } from '../../src/daemon/scale-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rouse-scale-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('numbers that were written are read again, and nothing else is left in the folder', () => {
  const path = join(folder, 'scale.json');
  writeScale(path, { web: { count: 3, over: 1 } });
  writeScale(path, { web: { count: 4, over: 1 } });
  expect([readScale(path), readdirSync(folder)]).toEqual([{ web: { count: 4, over: 1 } }, ['scale.json']]);
});

test.for(['', '[]', '{"web":3}', '{"web":{"count":"3","over":1}}', 'null'])('"%s" says nothing', (text) => {
  const path = join(folder, 'scale.json');
  expect(readScale(path)).toEqual({});
  writeFileSync(path, text);
  expect(readScale(path)).toEqual({});
});

test('a folder that cannot be written is told', () => {
  expect(() => writeScale(join(folder, 'gone/scale.json'), {})).toThrow(expect.objectContaining({ code: 'RSE3008' }));
});
