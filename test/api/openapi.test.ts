import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openApiText } from '../../src/api/openapi.ts';
import { ROUTES } from '../../src/api/routes.ts';
import { givenApp } from './given.ts';

interface Operation {
  readonly operationId: string;
  readonly 'x-rouse-role': string;
  readonly responses: Record<string, { content?: Record<string, { schema: Record<string, unknown> }> }>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Record<string, unknown>> };
}

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string;
};
const text = openApiText(ROUTES, version);
const document = JSON.parse(text) as Document;
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));

// After a change of the routes: npx vitest run test/api/openapi.test.ts -u
test('schema/openapi.json is what the routes say', async () => {
  await expect(text).toMatchFileSnapshot(join(import.meta.dirname, '../../schema/openapi.json'));
});

test('the description is OpenAPI 3.1 and holds every route, with its role', () => {
  expect(document.openapi).toBe('3.1.0');
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => `${method.toUpperCase()} ${path} ${operation['x-rouse-role']}`,
    ),
  );
  expect(described.toSorted()).toEqual(ROUTES.map(({ method, path, role }) => `${method} ${path} ${role}`).toSorted());
});

test('every operation has a name of its own', () => {
  const names = operations.map(({ operationId }) => operationId);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain('get_services_name_health');
});

test('shapes that several routes share are written once', () => {
  expect(Object.keys(document.components.schemas)).toEqual(
    expect.arrayContaining([
      'Service',
      'Change',
      'Task',
      'Plan',
      'Explanation',
      'Event',
      'Problem',
      'System',
      'LogLine',
    ]),
  );
  const health = document.paths['/api/v1/services/{name}/health']?.['get']?.responses['404'];
  expect(health?.content?.['application/problem+json']?.schema).toEqual({ $ref: '#/components/schemas/Problem' });
});

test('every reference leads somewhere', () => {
  const references = [...text.matchAll(/"\$ref": "#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? '');
  expect(references.length).toBeGreaterThan(50);
  expect([...new Set(references)].filter((name) => !(name in document.components.schemas))).toEqual([]);
});

test('the daemon serves its description', async () => {
  const response = await givenApp().get('/openapi.json');
  expect(await response.text()).toBe(text);
});
