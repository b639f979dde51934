import { expect, test } from 'vitest';
import { incidentLines, incidentText } from '../../../src/cli/render/incidents.ts';
import { NOW } from '../services.ts';

const STYLE = { color: 'off', glyphs: 'unicode' } as const;
const incident = (service: string, affected: readonly string[]) => ({
  service,
  reason: { code: 'exited', text: 'exit 1', service: null },
  opened_at: new Date(NOW - 34_000).toISOString(),
  affected,
});

test('an incident names its age, its cause and whom it affects', () => {
  expect(incidentText(incident('db', ['api', 'web']), NOW)).toBe('incident (34s ago): exit 1; affects api, web');
  expect(incidentText(incident('db', []), NOW)).toBe('incident (34s ago): exit 1');
});

test('below a table stand the incidents of what is shown, at most three, with the command that explains them', () => {
  const two = [incident('db', ['api', 'web']), incident('cache', [])];
  expect(incidentLines(two, ['db', 'cache'], STYLE)).toEqual([
    '2 incidents: db (exit 1) affects api and web: rouse explain db',
    '             cache (exit 1): rouse explain cache',
  ]);
  expect(incidentLines(two, ['web'], STYLE)).toEqual(['1 incident: db (exit 1) affects api and web: rouse explain db']);
  expect(incidentLines(two, ['other'], STYLE)).toEqual([]);
  const many = ['a', 'b', 'c', 'd'];
  expect(
    incidentLines(
      many.map((name) => incident(name, [])),
      many,
      STYLE,
    ),
  ).toHaveLength(3);
});
