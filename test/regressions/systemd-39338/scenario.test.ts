import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('a circle is refused with all its places, and nobody is left out to break it', async () => {
  await using project = await given(import.meta.dirname);
  await project.done('up');
  const before = await project.service('innocent');
  project.world.write(`[services.innocent]
command = "sleep 1000"
depends_on = ["nasty"]
[services.nasty]
command = "sleep 1000"
depends_on = ["innocent"]
`);
  const { files } = project.world.order;
  const load = project.client.definition.load({ files });
  const fault = await load.then(
    () => null,
    (error: unknown) => error,
  );
  expect(fault).toMatchObject({ fields: { issues: [expect.objectContaining({ code: 'RSE1201' })] } });
  expect(await project.service('innocent')).toMatchObject({ pid: before.pid, state: 'ready' });
});
