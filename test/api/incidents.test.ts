import { expect, test } from 'vitest';
import { ROUTES } from '../../src/api/routes.ts';

test('open incidents may be seen by every viewer', () => {
  expect(ROUTES.find(({ path }) => path === '/api/v1/incidents')).toMatchObject({ method: 'GET', role: 'viewer' });
});
