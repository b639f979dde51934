import { describe, expect, test } from 'vitest';
import { spec } from './fake-supervisor.ts';
import { type Given, contentOf, givenApp } from './given.ts';

const DOCUMENT = { name: 'shop', services: { db: {}, web: {}, new: {} } };

const put = async (given: Given, headers: Record<string, string>, query = ''): Promise<Response> =>
  given.app.request(`/api/v1/definition${query}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(DOCUMENT),
  });

describe('reading', () => {
  test('the definition comes with its ETag and its resolved document', async () => {
    const given = givenApp();
    given.supervisor.definitionNow = {
      ...given.supervisor.definitionNow,
      services: [spec('db', { env: { PORT: '5432', PG_PASSWORD: 'hunter2' } })],
    };
    const response = await given.get('/api/v1/definition');
    expect(response.headers.get('etag')).toBe('"abc"');
    expect(await contentOf(response)).toMatchObject({
      name: 'shop',
      files: ['/p/rouse.toml'],
      hash: 'abc',
      document: { services: { db: { command: ['run', 'db'], env: { PORT: '***', PG_PASSWORD: '***' } } } },
    });
  });

  test('the same definition is not sent again', async () => {
    const response = await givenApp().get('/api/v1/definition', { 'if-none-match': '"abc"' });
    expect([response.status, await response.text()]).toEqual([304, '']);
  });
});

describe('replacing', () => {
  test('without If-Match is refused', async () => {
    const given = givenApp();
    const response = await put(given, {});
    expect([response.status, await response.json()]).toMatchObject([428, { code: 'RSE4013' }]);
    expect(given.supervisor.defined).toEqual([]);
  });

  test('what has changed meanwhile is refused with what is there now', async () => {
    const given = givenApp();
    const response = await put(given, { 'if-match': '"old"' });
    expect([response.status, response.headers.get('etag')]).toEqual([412, '"abc"']);
    expect(await response.json()).toMatchObject({ code: 'RSE4012', current: { hash: 'abc', name: 'shop' } });
    expect(given.supervisor.defined).toEqual([]);
  });

  test.for(['"abc"', '*', '"old", "abc"'])('with If-Match %s says what it did', async (condition) => {
    const given = givenApp();
    const response = await put(given, { 'if-match': condition });
    expect([response.status, response.headers.get('etag')]).toEqual([200, '"def"']);
    expect(await contentOf(response)).toEqual({
      hash: 'def',
      added: ['new'],
      changed: [],
      removed: [],
      unchanged: ['db', 'web'],
    });
    expect(given.supervisor.defined).toMatchObject([{ hash: 'def' }]);
  });

  test('with dry_run tells what it would do and changes nothing', async () => {
    const given = givenApp();
    const response = await put(given, { 'if-match': '"abc"' }, '?dry_run=true');
    expect(await contentOf(response)).toMatchObject({ added: ['new'], unchanged: ['db', 'web'], removed: [] });
    expect(given.supervisor.defined).toEqual([]);
  });

  test('a body of up to 4 MiB is read, a larger one is not', async () => {
    const given = givenApp();
    const body = (size: number): Promise<Response> =>
      Promise.resolve(
        given.app.request('/api/v1/definition', {
          method: 'PUT',
          headers: { 'content-type': 'application/json', 'if-match': '"abc"' },
          body: JSON.stringify(DOCUMENT) + ' '.repeat(size),
        }),
      );
    expect((await body(300 * 1024)).status).toBe(200);
    expect((await body(4 * 1024 * 1024)).status).toBe(413);
  });
});

describe('checking', () => {
  test('a sound document is told by its services', async () => {
    const response = await givenApp().post('/api/v1/definition/validate', DOCUMENT);
    expect(await contentOf(response)).toEqual({ name: 'shop', services: ['db', 'web', 'new'], hash: 'def' });
  });

  test('a faulty one is refused with every fault in full, and nothing changes', async () => {
    const given = givenApp();
    const response = await given.post('/api/v1/definition/validate', []);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      code: 'RSE1103',
      errors: [
        {
          code: 'RSE1103',
          pointer: '/services',
          file: null,
          line: null,
          column: null,
          length: 1,
          message: 'the key "services" is missing',
          suggestion: null,
          hint: null,
          services: [],
          also: [],
        },
      ],
    });
    expect(given.supervisor.defined).toEqual([]);
  });
});

describe('reading the files again', () => {
  test('applies what they say', async () => {
    const given = givenApp();
    const response = await given.post('/api/v1/definition/load', { files: ['/p/rouse.toml'], variables: { A: '1' } });
    expect(response.status).toBe(200);
    expect(given.supervisor.defined).toMatchObject([{ hash: 'loaded' }]);
  });

  test('of another project is refused, naming both files', async () => {
    const given = givenApp();
    const response = await given.post('/api/v1/definition/load', { files: ['/q/rouse.toml'] });
    expect([response.status, await response.json()]).toMatchObject([
      409,
      { code: 'RSE4010', detail: 'cannot use "/q/rouse.toml" for project "shop": it is held by "/p/rouse.toml"' },
    ]);
    expect(given.supervisor.defined).toEqual([]);
  });
});

test('a definition of another name is refused', async () => {
  const given = givenApp();
  const response = await given.app.request('/api/v1/definition', {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'if-match': '*' },
    body: JSON.stringify({ ...DOCUMENT, name: 'other' }),
  });
  expect([response.status, await response.json()]).toMatchObject([409, { code: 'RSE4010' }]);
});

test('a mask that stands for no value is refused with its place, and nothing is changed', async () => {
  const given = givenApp();
  const body = JSON.stringify({ name: 'shop', services: { db: {}, new: { env: { A: '***' } } } });
  const response = await given.app.request('/api/v1/definition', {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'if-match': '*' },
    body,
  });
  const problem = (await response.json()) as { readonly errors: readonly { readonly pointer: string }[] };
  expect([response.status, problem.errors.map(({ pointer }) => pointer)]).toEqual([422, ['/services/new/env/A']]);
});
