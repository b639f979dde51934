import { expect, test } from 'vitest';
import { apiIncident, toApiIncident } from '../../src/contract/api-incident.ts';

test('an incident names its root, its reason in words, and whom it affects', () => {
  const incident = toApiIncident({
    service: 'db',
    reason: { code: 'exited', ending: { exitCode: 1, signal: null } },
    text: 'exit 1',
    openedAt: Date.UTC(2026, 10, 24, 9),
    services: ['web'],
  });
  expect(apiIncident.parse(incident)).toEqual({
    service: 'db',
    reason: { code: 'exited', text: 'exit 1', service: null },
    opened_at: '2026-11-24T09:00:00.000Z',
    affected: ['web'],
  });
});
