import { expect, test } from 'vitest';
import { faultsIn, load } from './given.ts';

const GUIDE = '[orchestrator.services]\nmanager_enabled = true\nauto_start_dependencies = true\n';

test('orchestration is on and dependencies are started when nothing is said', async () => {
  expect((await load({ 'rouse.toml': '' })).definition.settings).toEqual({
    orchestration: 'enabled',
    orchestrationOrigin: null,
    dependencyStart: 'automatic',
    dependencyStartOrigin: null,
    nuPath: null,
    provisioningPath: null,
  });
});

test('the settings of the guide stand in config.defaults.toml beside the definition', async () => {
  const { settings } = (await load({ 'rouse.toml': '', 'config.defaults.toml': GUIDE.replaceAll('true', 'false') }))
    .definition;
  expect(settings).toMatchObject({
    orchestration: 'disabled',
    orchestrationOrigin: { line: 2, column: 19 },
    dependencyStart: 'refused',
    dependencyStartOrigin: { line: 3, column: 27 },
  });
  expect(settings.orchestrationOrigin?.file).toMatch(/config\.defaults\.toml$/);
});

test('the definition wins over config.defaults.toml, key by key', async () => {
  const { settings } = (
    await load({
      'rouse.toml': '[orchestrator.services]\nmanager_enabled = true\nnu_path = "/opt/nu"\n',
      'config.defaults.toml': GUIDE.replaceAll('true', 'false'),
    })
  ).definition;
  expect(settings).toMatchObject({ orchestration: 'enabled', dependencyStart: 'refused', nuPath: '/opt/nu' });
  expect(settings.orchestrationOrigin?.file).toMatch(/rouse\.toml$/);
});

test('config.defaults.toml may belong to others as well', async () => {
  const foreign =
    'title = "x"\nx = 2020-01-01\n[orchestrator]\nport = 1\n[orchestrator.services]\nother = 1\nmanager_enabled = false\n';
  const { settings } = (await load({ 'rouse.toml': '', 'config.defaults.toml': foreign })).definition;
  expect(settings.orchestration).toBe('disabled');
});

test('a setting of the wrong type is a fault wherever it stands', async () => {
  expect(await faultsIn({ 'rouse.toml': '[orchestrator.services]\nmanager_enabled = "no"\nmanger = 1' })).toEqual([
    'RSE1101 rouse.toml:2:19+4 "manager_enabled" must be true or false',
    'RSE1104 rouse.toml:3:1+6 unknown key "manger" in the definition',
  ]);
  expect(
    await faultsIn({ 'rouse.toml': '', 'config.defaults.toml': '[orchestrator.services]\nmanager_enabled = 0' }),
  ).toEqual(['RSE1101 config.defaults.toml:2:19+1 "manager_enabled" must be true or false']);
});
