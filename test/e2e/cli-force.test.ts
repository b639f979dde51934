import { afterEach, beforeEach, expect, test } from 'vitest';
import { type World, cliWorld } from './cli-world.ts';

let world: World;
beforeEach(async () => {
  // Neither of them ends when it is asked to.
  const deaf = `["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 1; done"]`;
  world = cliWorld(`name = "shop"
[services.db]
command = ${deaf}
ready = { log = "deaf" }
stop = { timeout = "1h" }
[services.web]
command = ${deaf}
ready = { log = "deaf" }
stop = { timeout = "1h" }
depends_on = ["db"]
`);
  expect((await world.run(['up', '-d'])).code).toBe(0);
});
afterEach(() => world[Symbol.asyncDispose]());

const phases = async (): Promise<unknown> => world.json(['ps', '--json=name,phase,exit_signal']);

test('rouse stop --now kills at once, and with --deps what depends on it first', async () => {
  expect((await world.run(['stop', 'db', '--deps', '-y', '--now'])).code).toBe(0);
  expect(await phases()).toMatchObject([
    { name: 'db', phase: 'stopped', exit_signal: 'SIGKILL' },
    { name: 'web', phase: 'stopped', exit_signal: 'SIGKILL' },
  ]);
});

test('rouse stop --now ends what is being asked to end already', async () => {
  expect((await world.run(['stop', 'web', '--no-wait'])).code).toBe(0);
  expect((await world.run(['stop', 'web', '--now'])).code).toBe(0);
  expect(await world.json(['ps', 'web'])).toMatchObject([{ phase: 'stopped' }]);
});

test('rouse stop --timeout kills what has not ended by then', async () => {
  expect((await world.run(['stop', 'web', '--timeout', '200ms'])).code).toBe(0);
  expect(await world.json(['ps', 'web'])).toMatchObject([{ phase: 'stopped', exit_signal: 'SIGKILL' }]);
});

test('rouse down --timeout kills one after the other, and the daemon goes', async () => {
  expect((await world.run(['down', '--timeout', '200ms'])).code).toBe(0);
  expect((await world.run(['ps'])).code).toBe(5);
});
