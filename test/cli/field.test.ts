import { describe, expect, test } from 'vitest';
import { fieldAt } from '../../src/cli/field.ts';
import { fieldScreen } from '../../src/cli/render/field.ts';
import { definitionJsonSchema } from '../../src/contract/definition-file.ts';

const SCHEMA = definitionJsonSchema();

describe('a key of the file is found by its path', () => {
  test.each([
    ['services.health.retries', 'services.NAME.health.retries', '3'],
    ['services.web.health.retries', 'services.NAME.health.retries', '3'],
    ['health.retries', 'services.NAME.health.retries', '3'],
    ['restart.max_delay', 'services.NAME.restart.max_delay', '"30s"'],
    ['orchestrator.services.manager_enabled', 'orchestrator.services.manager_enabled', 'true'],
    ['name', 'name', null],
  ] as const)('%s', (path, full, fallback) => {
    expect(fieldAt(SCHEMA, path)).toMatchObject({ path: full, fallback });
  });
});

test('what the schema does not have is not found', () => {
  expect(fieldAt(SCHEMA, 'services.web.nope')).toBeNull();
  expect(fieldAt(SCHEMA, '')).toBeNull();
  expect(fieldAt(SCHEMA, 'nope')).toBeNull();
});

test('a field is shown with what it takes, its default and an example', () => {
  const field = fieldAt(SCHEMA, 'services.health.retries');
  expect(field === null ? [] : fieldScreen(field, { color: 'off', glyphs: 'unicode' })).toEqual([
    'services.NAME.health.retries',
    '  Failures in a row that make it unhealthy.',
    '  takes    integer from 1 to 1000000',
    '  default  3',
    '  example  retries = 30',
  ]);
});
