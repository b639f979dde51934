import { expect, test } from 'vitest';
import { definitionText } from '../../src/cli/init.ts';

test('a definition is written so that it can be loaded: what cannot be run is a remark', () => {
  const services = [
    { name: 'db', command: null, dependsOn: [], health: 'tcp://localhost:5432', note: 'it was the image postgres:17' },
    { name: 'api', command: 'node api.js', dependsOn: ['db', 'cache'], health: null, note: null },
    { name: 'cache', command: 'a && b', dependsOn: [], health: null, note: null },
  ];
  expect(definitionText('My Shop', services)).toBe(`# What runs here, and in which order. Keys: rouse explain services
name = "my-shop"

# [services.db]       it was the image postgres:17
# command    = "…"
# health     = "tcp://localhost:5432"

[services.api]
command    = "node api.js"
depends_on = ["cache"]

[services.cache]
command    = "a && b"
shell      = true
`);
});

test('without anything to be found an example is written as a remark', () => {
  expect(definitionText('x', [])).toMatch(/# \[services\.web\]\n# command/);
});
