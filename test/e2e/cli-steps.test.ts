import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type World, cliWorld } from './cli-world.ts';
import { pause } from './runtime-world.ts';

let world: World;

/** Ready by its word, and then silent although it promised a sign of life in each interval; a bad end by SIGTERM. */
const SILENT = String.raw`
use Socket; socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; $| = 1;
$SIG{ABRT} = sub { print "aborted\n"; exit 0 };
send($s, "READY=1", 0, pack_sockaddr_un($ENV{NOTIFY_SOCKET}));
sleep 1 while 1;
`;

const hooks = (name: string): string => `
[services.${name}.hooks]
before_start = "sh -c 'echo before_start'"
after_ready = "sh -c 'echo after_ready; exit 3'"
before_stop = "sh -c 'echo before_stop'"
after_stop = "sh -c 'echo after_stop'"
`;

beforeAll(() => {
  world = cliWorld(`name = "steps"
[services.web]
command = "sh -c 'trap \\"echo term; exit 0\\" TERM; echo main; while :; do sleep 0.05; done'"
settle = "100ms"
stop = { drain = "200ms" }
${hooks('web')}
[services.crash]
command = "sh -c 'echo main; exit 7'"
settle = "1s"
restart = "no"
${hooks('crash')}
[services.stubborn]
command = "sh -c 'trap \\"\\" TERM; while :; do sleep 0.05; done'"
settle = "100ms"
stop = { timeout = "1m" }
[services.silent]
command = "perl silent.pl"
ready = "notify"
watchdog = "200ms"
restart = { delay = "1m", max_delay = "1m" }
[services.gone]
command = "./program"
settle = "50ms"
restart = { delay = "50ms", max_delay = "300ms" }
`);
  world.write('silent.pl', SILENT);
});
afterAll(async () => {
  await world.run(['down']);
  await world[Symbol.asyncDispose]();
});

const output = async (service: string): Promise<readonly string[]> => {
  const { stdout } = await world.run(['logs', service, '--no-prefix']);
  // What the shell says of the sleep that the signal reached as well is its own affair.
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line !== 'Terminated');
};
const told = async (service: string, pattern: RegExp): Promise<string> => {
  for (;;) {
    const { stdout } = await world.run(['events', service, '-n', '200']);
    if (pattern.test(stdout)) return stdout;
    await pause(20);
  }
};

test('the hooks of a run come in their order, and the signal after drain and hook', async () => {
  expect((await world.run(['up', 'web', '-d'])).code).toBe(0);
  await told('web', /after_ready failed: exit 3/);
  expect((await world.run(['stop', 'web'])).code).toBe(0);
  expect(await output('web')).toEqual(['before_start', 'main', 'after_ready', 'before_stop', 'term', 'after_stop']);
  expect(await told('web', /stopped by hand/)).toMatch(
    /asked to end after 200ms[^]*waiting for its before_stop hook[^]*waiting for its after_stop hook[^]*stopped by hand/,
  );
});

test('a run that ends by itself has its last hook, and no hook of a stop', async () => {
  expect((await world.run(['up', 'crash', '-d'])).code).toBe(1);
  expect(await output('crash')).toEqual(['before_start', 'main', 'after_stop']);
});

test('a stop without grace goes to the kill, also from a stop that is under way', async () => {
  await world.run(['up', 'stubborn', '-d']);
  const asked = world.run(['stop', 'stubborn']);
  await told('stubborn', /asked to stop/);
  expect((await world.run(['stop', 'stubborn', '--now'])).code).toBe(0);
  expect((await asked).code).toBe(0);
  await told('stubborn', /killed, and waiting for its end/);
});

test('who gives no sign of life is aborted, and its clean end counts as a failure', async () => {
  await world.run(['up', 'silent', '-d']);
  expect(await told('silent', /retry/)).toMatch(/no sign of life/);
  expect(await output('silent')).toContain('aborted');
  expect((await world.run(['stop', 'silent'])).code).toBe(0);
});

test('a program that vanishes under a service is waited for, and found again', async () => {
  const program = '#!/bin/sh\nwhile [ ! -e fall ]; do sleep 0.02; done; rm fall; exit 1\n';
  const place = async (): Promise<void> => {
    world.write('program', program);
    chmodSync(join(world.folder, 'program'), 0o755);
    await pause(0);
  };
  await place();
  expect((await world.run(['up', 'gone', '-d'])).code).toBe(0);
  rmSync(join(world.folder, 'program'));
  world.write('fall', '');
  await told('gone', /"\.\/program" not found|does not exist/);
  await place();
  await told('gone', /(not found|does not exist)[^]*ready/);
});
