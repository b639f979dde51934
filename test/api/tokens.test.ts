import { expect, test } from 'vitest';
import { apiToken } from '../../src/contract/api-token.ts';
import { contentOf, givenApp } from './given.ts';

test('tokens are listed without anything that lets somebody in', async () => {
  const tokens = await contentOf<Record<string, unknown>[]>(await givenApp().get('/api/v1/tokens'));
  expect(tokens.map(({ name, role, logs }) => [name, role, logs])).toEqual([
    ['viewer', 'viewer', false],
    ['operator', 'operator', true],
    ['admin', 'admin', true],
  ]);
  for (const token of tokens) expect(Object.keys(token)).toEqual(Object.keys(apiToken.shape));
});

test('a token is made, told once, on record by name and role, and revoked by its id', async () => {
  const given = givenApp();
  const response = await given.post('/api/v1/tokens', { name: 'ci', role: 'operator', services: ['web'] });
  expect([response.status, await contentOf(response)]).toEqual([201, { id: 'tok_ci', token: 'rse_ci' }]);
  expect(given.tokens.known.at(-1)).toMatchObject({ name: 'ci', services: ['web'] });
  expect(given.audit.entries[0]).toMatchObject({
    stage: 'request',
    action: 'token.create',
    params: { name: 'ci', role: 'operator', services: ['web'] },
  });
  expect(JSON.stringify(given.audit.entries)).not.toContain('rse_');
  const gone = await given.app.request('/api/v1/tokens/tok_ci', { method: 'DELETE' });
  expect(await contentOf(gone)).toMatchObject({ id: 'tok_ci', name: 'ci' });
  expect(given.audit.entries.some(({ action, target }) => action === 'token.revoke' && target === 'tok_ci')).toBe(true);
  expect((await given.app.request('/api/v1/tokens/tok_ci', { method: 'DELETE' })).status).toBe(404);
});

test('a credential is not given a second time for a key that was sent before', async () => {
  const given = givenApp();
  const key = { 'idempotency-key': 'same' };
  await given.post('/api/v1/tokens', { name: 'ci', role: 'viewer' }, key);
  await given.post('/api/v1/tokens', { name: 'ci', role: 'viewer' }, key);
  expect(given.tokens.known.filter(({ name }) => name === 'ci').length).toBe(2);
});

test.for([
  { role: 'viewer' },
  { name: 'x', role: 'root' },
  { name: 'x', role: 'viewer', more: 1 },
  { name: 'x', role: 'viewer', logs: 'true' },
  { name: 'x', role: 'viewer', expires_in_ms: 0 },
  { name: 'x', role: 'viewer', services: 'web' },
])('%j makes no token', async (body) => {
  const given = givenApp();
  expect([(await given.post('/api/v1/tokens', body)).status, given.tokens.known.length]).toEqual([422, 3]);
});
