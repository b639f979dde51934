import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('two edits that are only sound together are applied together', async () => {
  await using project = await given(import.meta.dirname);
  await project.done('up');
  project.world.write(`[services.a]
command = "sleep 1000"
settle = "0s"
[services.b]
command = "sleep 1000"
settle = "0s"
depends_on = ["a"]
`);
  const { files } = project.world.order;
  await project.client.definition.load({ files });
  const graph = await project.client.plans.graph();
  expect(graph.edges.map(({ from, to }) => `${from} ${to}`)).toEqual(['b a']);
  expect((await project.done('restart', 'a', 'b')).state).toBe('done');
});
