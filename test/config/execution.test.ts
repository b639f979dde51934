import { expect, test } from 'vitest';
import { faultsOf } from './given.ts';

test.for([
  ['', 'RSE1103 rouse.toml:1:1+12 "a" does not say how it runs'],
  [
    'command = "x"\nstart_command = "y"',
    'RSE1106 rouse.toml:3:1+13 "command" and "start_command" of "a" exclude each other',
  ],
  [
    'command = "x"\nexternal = true\nhealth = "tcp://a:1"',
    'RSE1106 rouse.toml:3:1+8 "command" and "external" of "a" exclude each other',
  ],
  ['command = "x"\nstop_command = "y"', 'RSE1106 rouse.toml:3:1+12 "stop_command" of "a" belongs to "start_command"'],
  [
    'command = "x"\nstatus_command = "y"',
    'RSE1106 rouse.toml:3:1+14 "status_command" of "a" belongs to "start_command"',
  ],
  ['external = true', 'RSE1103 rouse.toml:2:1+8 "a" is external and needs "health"'],
  [
    'external = true\ntype = "task"\nhealth = "tcp://a:1"',
    'RSE1106 rouse.toml:3:1+4 "a" is external and cannot be a task',
  ],
] as const)('exactly one key says how a service runs: %s', async ([lines, fault]) => {
  expect((await faultsOf(`[services.a]\n${lines}`))[0]).toBe(fault);
});

test('a way that is faulty itself is not missing', async () => {
  expect(await faultsOf('[services.a]\ncommand = 3')).toEqual([
    'RSE1101 rouse.toml:2:11+1 "command" of "a" must be a text or a list',
  ]);
});

test('external = false says nothing', async () => {
  expect(await faultsOf('[services.a]\nexternal = false\ncommand = "x"')).toEqual([]);
});

test('a function to run cannot stand in a file', async () => {
  expect(await faultsOf('[services.a]\ncommand = "x"\nrun = "y"')).toEqual([
    'RSE1104 rouse.toml:3:1+3 unknown key "run" in service "a"',
  ]);
});
