import { expect, test } from 'vitest';
import { rootBySilence } from '../../src/model/run-as.ts';
import { load } from '../config/given.ts';

test('of a daemon of root, services that name no user run as root in silence, and no others do', async () => {
  const { definition } = await load({
    'rouse.toml': `[services.api]
command = ["serve"]
[services.unit]
start_command = ["begin"]
stop_command = ["end"]
[services.meant]
command = ["serve"]
user = "root"
[services.plain]
command = ["serve"]
user = 61184
[services.there]
external = true
health = { tcp = "127.0.0.1:80" }
`,
  });
  expect(rootBySilence(definition.services, 0)).toEqual(['api']);
  expect(rootBySilence(definition.services, 1000)).toEqual([]);
});
