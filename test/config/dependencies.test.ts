import { expect, test } from 'vitest';
import { document, faultsOf, issuesIn, specOf } from './given.ts';

const rest = { when: 'ready', need: 'required', onLoss: 'ignore' };

test('a list names services that must be ready', async () => {
  const { dependencies } = await specOf('[services.a]\ncommand = "x"\ndepends_on = ["b", "c"]');
  expect(dependencies).toEqual([
    { name: 'b', ...rest, origin: expect.objectContaining({ line: 3, column: 15 }) },
    { name: 'c', ...rest, origin: expect.objectContaining({ line: 3, column: 20 }) },
  ]);
});

test('a table says what each must have reached', async () => {
  const text = 'depends_on = { b = "started", c = { when = "ended", optional = true, on_loss = "stop" }, d = {} }';
  const { dependencies } = await specOf(`[services.a]\ncommand = "x"\n${text}`);
  expect(dependencies.map(({ origin, ...edge }) => [edge, origin?.column])).toEqual([
    [{ name: 'b', ...rest, when: 'started' }, 16],
    [{ name: 'c', when: 'ended', need: 'optional', onLoss: 'stop' }, 31],
    [{ name: 'd', ...rest }, 90],
  ]);
});

test('every condition and every answer to a loss is taken', () => {
  for (const when of ['ready', 'started', 'completed', 'ended'])
    for (const onLoss of ['ignore', 'restart', 'stop']) {
      const made = document({ services: { a: { command: 'x', dependsOn: { b: { when, onLoss } } } } });
      expect(made.definition.services[0]?.dependencies).toMatchObject([{ when, onLoss }]);
    }
});

test('dependencies is another word for depends_on, and both together are too much', async () => {
  const long = await specOf('[services.a]\ncommand = "x"\ndependencies = ["b"]');
  const short = await specOf('[services.a]\ncommand = "x"\ndepends_on = ["b"]', {});
  expect(long.dependencies.map(({ name }) => name)).toEqual(short.dependencies.map(({ name }) => name));
  expect(await faultsOf('[services.a]\ncommand = "x"\ndependencies = ["b"]\ndepends_on = ["b"]')).toEqual([
    'RSE1106 rouse.toml:4:1+10 service "a" has both "depends_on" and "dependencies"',
  ]);
});

test('a name that stands twice is a fault', async () => {
  expect(await faultsOf('[services.a]\ncommand = "x"\ndepends_on = ["b", "b"]')).toEqual([
    'RSE1117 rouse.toml:3:20+3 "a" names "b" twice as a dependency',
  ]);
});

test('a condition that does not exist is shown with the nearest one', async () => {
  const [issue] = await issuesIn({ 'rouse.toml': '[services.a]\ncommand = "x"\ndepends_on = { b = "redy" }' });
  expect(issue).toMatchObject({
    code: 'RSE1102',
    message: '"depends_on.b" of "a" must be "ready", "started", "completed" or "ended"',
    suggestion: '"ready"',
    origin: { line: 3, column: 20 },
    length: 6,
  });
});

test('an edge of a service with faults is still an edge', async () => {
  const seen: string[] = [];
  await faultsOf('[services.a]\ncommand = "x"\nsettle = 1\ndepends_on = { b = "redy", c = { wen = "x" } }', {
    check: (specs) => {
      for (const spec of specs) for (const { name } of spec.dependencies) seen.push(`${spec.name} ${name}`);
      return [];
    },
  });
  expect(seen).toEqual(['a b', 'a c']);
});
