import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { isProjectName, slug, usualName } from '../../src/config/project-name.ts';
import { faultsOf, load } from './given.ts';

test.for([
  ['/srv/shop/platform.json', 'platform'],
  ['/srv/shop/rouse.toml', 'shop'],
  ['/srv/shop/rouse.config.ts', 'shop'],
  ['/srv/shop/rouse.prod.toml', 'shop'],
  ['/srv/shop/config.toml', 'shop'],
  ['/srv/shop/My Platform.yaml', 'my-platform'],
  ['/srv/shop/9.toml', 'shop'],
  ['/srv/shop/a.b.toml', 'a.b'],
  [null, 'shop'],
] as const)('the project of %s is called %s', ([file, name]) => {
  expect(usualName(file, '/srv/shop')).toBe(name);
});

test('a folder whose name leaves nothing is a project all the same', () => {
  expect(usualName(null, '/')).toBe('project');
  expect(usualName(null, '/srv/123')).toBe('project');
  expect(usualName(null, '/srv/Café & Söhne')).toBe('cafe-sohne');
});

property.prop([fc.string({ unit: 'binary' })])('whatever is made to fit can be a name, or is empty', (text) => {
  const made = slug(text);
  expect(made === '' || isProjectName(made)).toBe(true);
});

test('the file says the name, and a given one wins', async () => {
  expect((await load({ 'rouse.toml': 'name = "shop"' })).definition.name).toBe('shop');
  expect((await load({ 'rouse.toml': 'name = "${N}-x"' }, { environment: { N: 'a' } })).definition.name).toBe('a-x');
  expect((await load({ 'rouse.toml': 'name = "shop"' }, { project: 'other' })).definition.name).toBe('other');
});

test('a name that cannot be one is a fault', async () => {
  expect(await faultsOf('name = "../x"')).toEqual(['RSE1109 rouse.toml:1:8+6 "../x" cannot be the name of a project']);
  expect(await faultsOf('', { project: 'A' })).toEqual(['RSE1109 name "A" cannot be the name of a project']);
});
