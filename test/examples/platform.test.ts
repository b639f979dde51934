// The platform with a real DNS server and a real OCI registry.
import { createConnection } from 'node:net';
import { Resolver } from 'node:dns/promises';
import { expect, test } from 'vitest';
import { copyExample } from './copy.ts';

const IN = ['-C', 'examples/platform'];

test('the platform comes up in order, each part behind its real check', async () => {
  const { world, moved } = await copyExample('platform');
  await using _ = world;
  const up = await world.run(['up', '-d', ...IN]);
  expect(up, up.stderr).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^All 3 ready in .* critical path coredns › oci-registry › orchestrator\n$/),
  });
  const resolver = new Resolver({ timeout: 1000, tries: 2 });
  resolver.setServers([moved('127.0.0.1:42153')]);
  expect(await resolver.resolve4('registry.platform.test')).toEqual(['127.0.0.1']);
  const seen = await fetch(moved('http://127.0.0.1:42180/health'));
  expect(await seen.json()).toEqual({ registry: moved('127.0.0.1:42150'), status: 200 });
  expect(await world.json(['health', 'coredns', ...IN])).toMatchObject({ healthy: true, message: 'A 127.0.0.1' });
  expect(await world.json(['health', 'oci-registry', ...IN])).toMatchObject({ healthy: true });

  expect(await world.run(['stop', 'coredns', ...IN])).toMatchObject({
    code: 6,
    stderr: expect.stringMatching(/cannot stop "coredns": "oci-registry", "orchestrator" depend on it/),
  });
  expect((await world.run(['down', ...IN])).code).toBe(0);
  expect(await isOpen(Number(moved('42150')))).toBe(false);
});

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
