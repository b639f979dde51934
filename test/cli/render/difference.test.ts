import { expect, test } from 'vitest';
import { type DifferenceView, differenceLines } from '../../../src/cli/render/difference.ts';
import type { ApiDifference } from '../../../src/contract/api-reload.ts';

const VIEW: DifferenceView = {
  style: { color: 'off', glyphs: 'unicode' },
  gone: 'gone from the file',
  placeOf: () => null,
  shortPath: (path) => path,
};
const difference = (name: string, more: Partial<ApiDifference>): ApiDifference => ({
  name,
  action: 'none',
  runs: true,
  starts: false,
  fields: [],
  ...more,
});

test('a key is shown with both its values, times in the units of the file', () => {
  const fields = [{ field: 'health.interval', from: '1000ms', to: '90000ms', effect: 'live' }] as const;
  expect(differenceLines([difference('api', { action: 'live', fields })], VIEW)).toEqual([
    '~ api  changed, holds at once',
    '    health.interval  1s → 1m30s (at once)',
    '1 service: 1 changed at once',
  ]);
});

test('a service that is there no more has left the file, or was one too many', () => {
  const lost = [difference('web@2', { action: 'remove' })];
  expect(differenceLines(lost, VIEW)[0]).toBe('- web@2  gone from the file, is stopped');
  expect(differenceLines(lost, { ...VIEW, gone: 'one too many' })[0]).toBe('- web@2  one too many, is stopped');
});
