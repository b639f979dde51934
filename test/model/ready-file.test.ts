import { expect, test } from 'vitest';
import { readyFilePath } from '../../src/model/ready-file.ts';

test('every run has its own file, so that a late byte makes no later run ready', () => {
  expect(readyFilePath('/run/rouse/shop/run', 'db', 3)).toBe('/run/rouse/shop/run/db/3/ready');
  expect(readyFilePath('/run/rouse/shop/run', 'db', 4)).toBe('/run/rouse/shop/run/db/4/ready');
});
