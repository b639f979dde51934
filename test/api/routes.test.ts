import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROUTES } from '../../src/api/routes.ts';

test('the reference lists every route with its role and its summary, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/reference/api.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `((?:GET|POST|PUT|DELETE) [^`]+)`\s*\|\s*(\w+)\s*\|\s*(.+?)\s*\|$/gm)];
  expect(rows.map(([, route, role, summary]) => `${route} ${role} ${summary}`)).toEqual(
    ROUTES.map(({ method, path, role, summary }) => `${method} ${path} ${role} ${summary}`),
  );
});
