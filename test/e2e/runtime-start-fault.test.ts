import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Command, Spec } from '../../src/model/spec.ts';
import type { StartFault } from '../../src/model/reason.ts';
import type { RuntimeParts } from '../../src/runtime/parts.ts';
import { createProcessRuntime } from '../../src/runtime/process.ts';
import { type RuntimeWorld, exec, nushell, runtimeWorld, shell } from './runtime-world.ts';

let world: RuntimeWorld;
beforeEach(() => {
  world = runtimeWorld();
});
afterEach(() => world[Symbol.dispose]());

const NU = join(import.meta.dirname, '../../node_modules/@nushell/linux-x64/bin/nu');

const script = (name: string, text: string, mode = 0o755): string => {
  const path = join(world.folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};
async function fault(
  command: Command,
  different: Partial<Spec> = {},
  parts: Partial<RuntimeParts> = {},
): Promise<StartFault> {
  createProcessRuntime(world.parts(parts)).start(world.spec('api', command, different), 1);
  return (await world.report('start-failed', 'api')).fault;
}
async function outcome(command: Command, parts: Partial<RuntimeParts> = {}): Promise<unknown> {
  createProcessRuntime(world.parts(parts)).start(world.spec('api', command), 1);
  const { exitCode } = await world.report('exited', 'api');
  return { exitCode, output: world.output('api') };
}
const host = (path: string): Partial<RuntimeParts> => ({ host: { ...world.parts().host, path } });

describe('a program that cannot be executed', () => {
  test('is named with the PATH that was searched and the nearest program on it', async () => {
    mkdirSync(join(world.folder, 'bin'));
    script('bin/pgserver', '#!/bin/sh\n');
    const folder = join(world.folder, 'bin');
    expect(await fault(exec('pgservr', '-D'), {}, host(folder))).toEqual({
      code: 'not-found',
      message: `there is no program "pgservr" on the PATH (${folder})`,
      program: 'pgservr',
      hint: `did you mean \`pgserver\` (${folder}/pgserver)?`,
    });
  });

  test('is told apart from one that is there without permission', async () => {
    const path = script('server', '#!/bin/sh\n', 0o644);
    expect(await fault(exec('./server'))).toMatchObject({
      code: 'not-executable',
      message: `"${path}" is not executable by this user`,
      hint: `chmod +x ${path}`,
    });
  });

  test('names the interpreter of its first line when that is what is missing', async () => {
    script('server', '#!/opt/nowhere/python3 -u\n');
    expect(await fault(exec('./server'))).toMatchObject({
      code: 'not-found',
      program: '/opt/nowhere/python3',
      message: expect.stringContaining('does not exist'),
    });
  });

  test('is refused in words when its arguments are too long', async () => {
    expect(await fault(exec('true', 'x'.repeat(300_000)))).toMatchObject({
      code: 'refused',
      message: expect.stringContaining('too long (E2BIG)'),
    });
  });

  test('never runs from the working directory without being written as a path', async () => {
    script('tool', '#!/bin/sh\necho here\n');
    expect(await fault(exec('tool'), {}, host(`.::${dirname(NU)}`))).toMatchObject({ code: 'not-found' });
  });
});

test('a working directory that is gone, or is none, is a fault of its own', async () => {
  writeFileSync(join(world.folder, 'file'), '');
  expect(await fault(exec('true'), { cwd: join(world.folder, 'gone') })).toMatchObject({
    code: 'bad-directory',
    message: `the working directory "${world.folder}/gone" does not exist`,
  });
  const second = createProcessRuntime(world.parts());
  second.start(world.spec('web', exec('true'), { cwd: join(world.folder, 'file') }), 1);
  expect((await world.report('start-failed', 'web')).fault.message).toContain('is not a folder');
});

test('output that cannot be kept is a reason not to start', async () => {
  mkdirSync(join(world.folder, 'logs', 'api'), { recursive: true });
  symlinkSync('/dev/null', join(world.folder, 'logs', 'api', '1.log'));
  expect(await fault(exec('true'))).toMatchObject({
    code: 'refused',
    message: expect.stringContaining('cannot write the log of "api"'),
  });
});

test('a shell line is run by the shell, with its own words', async () => {
  expect(await outcome(shell('for i in 1 2; do echo "n $i"; done; exit 3'))).toEqual({
    exitCode: 3,
    output: 'n 1\nn 2\n',
  });
});

describe('a Nushell script', () => {
  const settings = (nuPath: string | null): Partial<RuntimeParts> => ({
    settings: () => ({ nuPath, provisioningPath: null }),
  });
  const greet = 'def main [name: string, --background] { print $"hello ($name) ($background)"; exit 4 }\n';

  test('runs through the configured Nushell, with its flags, and its exit code passes through', async () => {
    script('greet.nu', greet, 0o644);
    expect(await outcome(nushell('./greet.nu', 'moon', '--background'), settings(NU))).toEqual({
      exitCode: 4,
      output: 'hello moon true\n',
    });
  });

  test('runs through the one on the PATH when none is configured', async () => {
    script('greet.nu', greet, 0o644);
    expect(await outcome(nushell('greet.nu', 'moon'), host(dirname(NU)))).toEqual({
      exitCode: 4,
      output: 'hello moon false\n',
    });
  });

  test('without Nushell says that it is needed and how to set it', async () => {
    script('greet.nu', greet);
    expect(await fault(nushell('./greet.nu'))).toMatchObject({
      code: 'not-found',
      program: 'nu',
      message: expect.stringMatching(/^Nushell is needed to run "\.\/greet\.nu": there is no program "nu" on the PATH/),
      hint: expect.stringContaining('nu_path'),
    });
  });

  test('with a configured Nushell that is not there names that path', async () => {
    script('greet.nu', greet);
    expect(await fault(nushell('./greet.nu'), {}, settings('/opt/nu/bin/nu'))).toMatchObject({
      program: 'nu',
      message: 'Nushell is needed to run "./greet.nu": "/opt/nu/bin/nu" does not exist',
    });
  });

  test('that is not there is named with the nearest file', async () => {
    script('start-orchestrator.nu', greet);
    expect(await fault(nushell('start-orchestrater.nu'), {}, settings(NU))).toMatchObject({
      code: 'not-found',
      program: 'start-orchestrater.nu',
      hint: expect.stringContaining('start-orchestrator.nu'),
    });
  });
});
