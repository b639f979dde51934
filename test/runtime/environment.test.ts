import { expect, test } from 'vitest';
import { childEnvironment, commandEnvironment } from '../../src/runtime/environment.ts';
import { PLAIN_CONFINEMENT } from '../../src/model/confinement.ts';
import type { Host } from '../../src/runtime/host.ts';
import { given } from './given.ts';

const host: Host = {
  path: '/bin',
  home: '/home/ann',
  user: 'ann',
  lang: 'de_AT.UTF-8',
  environment: { TZ: 'UTC', SECRET: 'x', EMPTY: '' },
  leftOut: [],
  strayDescriptors: [],
};
const set = (environment: Readonly<Record<string, string | undefined>>): unknown =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined));

test('a child sees what Rouse gives it and nothing of the daemon', () => {
  expect(set(childEnvironment(given('api'), 7, host))).toEqual({
    PATH: '/bin',
    HOME: '/home/ann',
    USER: 'ann',
    LOGNAME: 'ann',
    SHELL: '/bin/sh',
    LANG: 'de_AT.UTF-8',
    ROUSE_SERVICE: 'api',
    ROUSE_RUN: '7',
  });
});

test('a service with a user of its own sees the home and the name of that user', () => {
  const as = (user: string): unknown =>
    set(childEnvironment(given('api', { confinement: { ...PLAIN_CONFINEMENT, user } }), 1, host));
  expect(as('root')).toMatchObject({ HOME: '/root', USER: 'root', LOGNAME: 'root' });
  expect(as('0')).toMatchObject({ HOME: '/root', USER: 'root', LOGNAME: 'root' });
  expect(as('61234')).toMatchObject({ HOME: '/', USER: '61234', LOGNAME: '61234' });
});

test('what is inherited by name is there if the daemon has it, even if empty', () => {
  const environment = childEnvironment(given('api', { inheritEnv: ['TZ', 'EMPTY', 'MISSING'] }), 1, host);
  expect(environment).toMatchObject({ TZ: 'UTC', EMPTY: '' });
  expect('MISSING' in environment).toBe(false);
});

test('the definition wins over what is inherited and over what Rouse gives', () => {
  const spec = given('api', { inheritEnv: ['TZ'], env: { TZ: 'Europe/Vienna', PATH: '/opt/bin' } });
  expect(childEnvironment(spec, 1, host, { PATH: '/elsewhere' })).toMatchObject({
    TZ: 'Europe/Vienna',
    PATH: '/opt/bin',
  });
});

test('the coverage variable that Node would add is kept away, unless the definition sets it', () => {
  expect(Object.entries(childEnvironment(given('api'), 1, host))).toContainEqual(['NODE_V8_COVERAGE', undefined]);
  const spec = given('api', { env: { NODE_V8_COVERAGE: '/tmp/c' } });
  expect(childEnvironment(spec, 1, host)['NODE_V8_COVERAGE']).toBe('/tmp/c');
});

test('commands get no pager and no colours, and the provisioning path only if there is one', () => {
  expect(commandEnvironment({ provisioningPath: null })).toEqual({ SYSTEMD_PAGER: '', SYSTEMD_COLORS: '0' });
  expect(commandEnvironment({ provisioningPath: '/opt/p' })).toMatchObject({ PROVISIONING: '/opt/p' });
});
