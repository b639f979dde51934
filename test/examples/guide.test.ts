// The guide's own definitions, as they stand there.
import { request } from 'node:http';
import { expect, test } from 'vitest';
import type { World } from '../e2e/cli-world.ts';
import { copyExample } from './copy.ts';

const PLATFORM = ['-C', 'examples/guide', '-f', 'platform.toml'];
const LIST = ['-C', 'examples/guide', '-f', 'services.json'];

test('the definitions of the guide are valid', async () => {
  const { world } = await copyExample('guide');
  await using _ = world;
  expect(await world.run(['validate', ...PLATFORM])).toMatchObject({
    code: 0,
    stdout: 'platform: 3 services, no problems\n',
  });
  expect(await world.run(['validate', ...LIST])).toMatchObject({
    code: 0,
    stdout: 'services: 2 services, no problems\n',
  });
});

test('the platform of the guide starts coredns, oci-registry and orchestrator in this order', async () => {
  const { world } = await copyExample('guide');
  await using _ = world;
  expect(await world.json(['plan', 'orchestrator', ...PLATFORM])).toMatchObject({
    targets: ['orchestrator'],
    order: ['coredns', 'oci-registry', 'orchestrator'],
    waves: [['coredns'], ['oci-registry'], ['orchestrator']],
    critical_path: ['coredns', 'oci-registry', 'orchestrator'],
  });
  expect(await world.json(['plan', ...LIST])).toMatchObject({ order: ['coredns', 'oci-registry'] });
});

test('the list of services is served as the guide writes it, byte for byte', async () => {
  const { world } = await copyExample('guide');
  await using _ = world;
  expect((await world.run(['daemon', 'start', ...PLATFORM])).code).toBe(0);
  const list = await ask(world, '/api/v1/services/list');
  expect(list).toBe(
    '{"success":true,"data":[' +
      '{"name":"coredns","description":"CoreDNS DNS server","dependencies":[],' +
      '"start_command":"systemctl start coredns","stop_command":"systemctl stop coredns",' +
      '"health_check_endpoint":"http://localhost:53/health"},' +
      '{"name":"oci-registry","description":"OCI distribution registry","dependencies":["coredns"],' +
      '"start_command":"systemctl start oci-registry","stop_command":"systemctl stop oci-registry",' +
      '"health_check_endpoint":"http://localhost:5000/v2/"},' +
      '{"name":"orchestrator","description":"Main orchestrator service","dependencies":["coredns","oci-registry"],' +
      '"start_command":"./scripts/start-orchestrator.nu --background",' +
      '"stop_command":"./scripts/start-orchestrator.nu --stop",' +
      '"health_check_endpoint":"http://localhost:8080/health"}]}',
  );
  expect((await world.run(['daemon', 'stop', ...PLATFORM])).code).toBe(0);
});

function ask(world: World, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: world.socket('platform'), path, headers: { host: '_' } }, (message) => {
      let text = '';
      message.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      message.on('end', () => resolve(text));
    });
    sent.on('error', reject);
    sent.end();
  });
}
