import { describe, expect, test } from 'vitest';
import { contentOf, givenApp } from './given.ts';

const ORDER = { files: ['/p/rouse.toml'] };
const RELOAD = '/api/v1/definition/reload';

describe('a reload', () => {
  test('says what it changed, and which changes carry it out', async () => {
    const given = givenApp();
    expect(await contentOf(await given.post(RELOAD, ORDER))).toMatchObject({
      hash: 'loaded',
      services: [
        { name: 'db', action: 'none', runs: true, starts: false, fields: [] },
        { name: 'web', action: 'restart', runs: true, starts: false, fields: [] },
      ],
      changes: [{ id: '1', action: 'restart', services: ['web'] }],
    });
    expect(given.supervisor.defined.map(({ hash }) => hash)).toEqual(['loaded']);
  });

  test('restarts nothing when it is asked not to', async () => {
    const given = givenApp();
    expect(await contentOf(await given.post(RELOAD, { ...ORDER, restart: 'none' }))).toMatchObject({ changes: [] });
    expect([given.supervisor.defined.length, given.supervisor.asked]).toEqual([1, []]);
  });

  test('that is only looked at changes nothing', async () => {
    const given = givenApp();
    const found = await contentOf(await given.post(`${RELOAD}?dry_run=true`, ORDER));
    expect(found).toMatchObject({ services: [{ action: 'none' }, { action: 'restart' }], changes: [] });
    expect([given.supervisor.defined, given.supervisor.asked]).toEqual([[], []]);
  });

  test('of the files of another project is refused', async () => {
    const given = givenApp();
    const response = await given.post(RELOAD, { files: ['/other/rouse.toml'] });
    expect([response.status, await response.json()]).toMatchObject([409, { code: 'RSE4010' }]);
    expect(given.supervisor.defined).toEqual([]);
  });
});

describe('scaling', () => {
  test('uses the number, and keeps it once it is in use', async () => {
    const given = givenApp();
    const done = await contentOf(await given.post('/api/v1/services/web/scale', { replicas: 3 }));
    expect(done).toMatchObject({ hash: 'scaled', changes: [{ action: 'restart' }] });
    expect(given.scaled).toEqual([3, 'kept']);
  });

  test('that is only looked at keeps nothing', async () => {
    const given = givenApp();
    await given.post('/api/v1/services/web/scale', { replicas: null, dry_run: true });
    expect([given.scaled, given.supervisor.defined]).toEqual([[null], []]);
  });

  test.for([[{ replicas: 0 }], [{ replicas: 101 }], [{}]])('is refused: %o', async ([body]) => {
    const given = givenApp();
    expect((await given.post('/api/v1/services/web/scale', body)).status).toBe(422);
    expect((await given.post('/api/v1/services/nobody/scale', { replicas: 1 })).status).toBe(404);
    expect(given.scaled).toEqual([]);
  });
});
