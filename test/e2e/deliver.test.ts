// What a real daemon hands to what it starts: nothing of its own surroundings, and secrets to nobody but whom they are for.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ran, type World, cliWorld } from './cli-world.ts';

const ENTRY = join(import.meta.dirname, '../../bin/rouse.js');
const SECRET = 'correct-horse-battery';
const POLLUTION = {
  LD_PRELOAD: '/no/such/preload.so',
  NODE_OPTIONS: '--no-warnings',
  BASH_ENV: '/no/such/bash-env',
  ENV: '/no/such/env',
  'BASH_FUNC_ls%%': '() { echo stolen; }',
  SECRET_OF_THE_SHELL: 'stolen',
  ROUSE_TRUSTED_UIDS: '1',
};

let place = '';
let world: World;
beforeEach(() => {
  // Others must be able to pass through it, unlike the folders of test runs.
  place = mkdtempSync('/tmp/deliver-');
  chmodSync(place, 0o755);
  writeFileSync(join(place, 'secret'), `${SECRET}\n`, { mode: 0o600 });
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(place, { recursive: true, force: true });
});

const begin = (text: string): void => {
  world = cliWorld(`name = "shop"\n${text}`);
};
const rouse = (args: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
  world.run(args, { env: { ROUSE_RUNTIME_DIR: join(place, 'run'), ...env } });
const down = (): Promise<Ran> => rouse(['down', '--timeout', '2s']);

test('no child of any kind gets variables or descriptors of a daemon that was started among strange ones', async () => {
  const look = (name: string): string => `env >${place}/${name}; ls -l /proc/self/fd >${place}/${name}.fd`;
  begin(`
[services.web]
command = "exec sleep 600"
shell = true
cwd = "/"
ready = { exec = ["/bin/sh", "-c", "${look('probe')}"] }
hooks = { before_start = ["/bin/sh", "-c", "${look('hook')}"] }
[services.job]
type = "task"
command = "${look('task')}"
shell = true
cwd = "/"
[services.other]
start_command = ["/bin/sh", "-c", "${look('start')}"]
stop_command = ["/bin/sh", "-c", "${look('stop')}"]
status_command = ["/bin/sh", "-c", "${look('status')}; test ! -e ${place}/stop"]
cwd = "/"
`);
  const env = {
    PATH: process.env['PATH'],
    ROUSE_RUNTIME_DIR: join(place, 'run'),
    ROUSE_STATE_DIR: join(world.folder, 'state'),
  };
  const words = ['-c', 'exec 7</etc/passwd; exec "$0" "$@"', process.execPath, ENTRY, 'up', '-d'];
  const up = spawnSync('/bin/sh', words, { cwd: world.folder, env: { ...env, ...POLLUTION }, encoding: 'utf8' });
  expect(`${up.stdout}${up.stderr}`).toContain('other');
  await rouse(['stop', 'other']);
  await down();
  const kinds = readdirSync(place).filter((name) => existsSync(join(place, `${name}.fd`)));
  expect(kinds.toSorted()).toEqual(['hook', 'probe', 'start', 'status', 'stop', 'task']);
  for (const kind of kinds) {
    const text = readFileSync(join(place, kind), 'utf8');
    for (const name of Object.keys(POLLUTION)) expect(`${kind}: ${text}`).not.toContain(name);
    expect(text).toMatch(/^PATH=\//m);
    // One is that of the listing itself; one that came from outside is covered with /dev/null.
    const links = readFileSync(join(place, `${kind}.fd`), 'utf8').matchAll(/ (\d+) -> (.*)$/gm);
    const strange = [...links].filter(([, fd, to]) => Number(fd) > 2 && !/^\/dev\/null$|^\/proc\//.test(to ?? ''));
    expect(strange.map(([line]) => `${kind}: ${line}`)).toEqual([]);
  }
});

describe('a secret', () => {
  const service = (more: string): string => `
[services.web]
command = 'cat "$CREDENTIALS_DIRECTORY/DB"; echo "variable: $KEY"; echo up; exec sleep 600'
shell = true
cwd = "/"
${more}
ready = { log = "^up$" }
secrets = { DB = { file = "${place}/secret" }, KEY = { file = "${place}/secret", as = "env" } }
`;
  const inside = (): string[] => {
    const folder = join(place, 'run/shop');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return files.map(({ parentPath, name }) => join(parentPath, name));
  };

  test('reaches its service, and is in no view, argument, folder of the run or record', async () => {
    begin(service(''));
    expect(await rouse(['up', '-d'])).toMatchObject({ code: 0 });
    const logs = await rouse(['logs', 'web']);
    expect(logs.stdout).toContain('variable: ***');
    const raw = await rouse(['logs', 'web', '--raw']);
    const greps = await rouse(['logs', 'web', '--grep', SECRET]);
    const status = await rouse(['status', 'web', '--json']);
    const events = await rouse(['events', '--json']);
    for (const said of [logs, raw, greps, status, events]) expect(`${said.stdout}${said.stderr}`).not.toContain(SECRET);
    for (const path of inside().filter((path) => !path.includes('/credentials/')))
      expect(`${path}: ${readFileSync(path, 'latin1')}`).not.toContain(SECRET);
    expect(argumentsOfAll()).not.toContain(SECRET);
    expect(readFileSync(join(world.folder, 'state/shop/rouse.db'), 'latin1')).not.toContain(SECRET);
    // The output itself is stored as it was written.
    expect(readFileSync(join(world.folder, 'state/shop/logs/web/1.log'), 'utf8')).toBe(
      `${SECRET}\nvariable: ${SECRET}\nup\n`,
    );
    await rouse(['stop', 'web']);
    expect(readdirSync(join(place, 'run/shop/credentials'))).toEqual([]);
    await down();
  });

  test('is still there for a run that is taken over, and is hidden by the next daemon too', async () => {
    begin(service(''));
    await rouse(['up', '-d']);
    expect(await rouse(['daemon', 'restart'])).toMatchObject({ code: 0 });
    expect(readFileSync(join(place, 'run/shop/credentials/web/DB'), 'utf8')).toBe(`${SECRET}\n`);
    writeFileSync(join(place, 'secret'), 'changed-meanwhile', { mode: 0o600 });
    const logs = await rouse(['logs', 'web']);
    expect(logs.stdout).toContain('variable: ***');
    expect(logs.stdout).not.toContain(SECRET);
    await down();
  });

  test('that others could read is not handed over, and the error says what to do and nothing of it', async () => {
    begin(service(''));
    chmodSync(join(place, 'secret'), 0o644);
    const { code, stdout, stderr } = await rouse(['up', '-d']);
    const said = `${stdout}${stderr}`;
    expect(code).toBe(1);
    expect(said).toContain('has mode 0644: others may use it');
    expect(said).toContain(`chmod 600 ${place}/secret`);
    expect(said).not.toContain(SECRET);
    await down();
  });

  test('of a service with a user of its own is that user’s alone', async () => {
    begin(service('user = "nobody"'));
    const up = await rouse(['up', '-d']);
    expect(`${up.stdout}${up.stderr}`).toContain('web');
    expect(up.code).toBe(0);
    const folder = join(place, 'run/shop/credentials/web');
    expect(statSync(folder)).toMatchObject({ uid: 65_534 });
    expect(statSync(join(folder, 'DB')).mode & 0o777).toBe(0o400);
    expect((await rouse(['logs', 'web'])).stdout).toContain('***');
    await down();
  });
});

describe('root', () => {
  test('does not search folders that others can put programs into, and says so where one is missing', async () => {
    chmodSync(place, 0o777);
    writeFileSync(join(place, 'stolen-tool'), '#!/bin/sh\nsleep 600\n', { mode: 0o755 });
    begin('[services.web]\ncommand = ["stolen-tool"]\ncwd = "/"\n');
    const path = `${place}:${process.env['PATH'] ?? ''}`;
    const { code, stdout, stderr } = await rouse(['up', '-d'], {
      PATH: path,
      ROUSE_RUNTIME_DIR: join(world.folder, 'run'),
    });
    const said = `${stdout}${stderr}`;
    expect(code).not.toBe(0);
    expect(said).toContain(`chmod o-w ${place}`);
  });

  test('does not execute what others can change, and says how to mend it', async () => {
    const program = join(place, 'tool');
    writeFileSync(program, '#!/bin/sh\nexec sleep 600\n', { mode: 0o755 });
    begin(`[services.web]\ncommand = ["${program}"]\ncwd = "/"\n`);
    expect(await rouse(['up', '-d'])).toMatchObject({ code: 0 });
    await rouse(['stop', 'web']);
    chmodSync(program, 0o757);
    const { code, stdout, stderr } = await rouse(['start', 'web']);
    expect(code).not.toBe(0);
    expect(`${stdout}${stderr}`).toContain(`root does not execute "${program}": it can be written by everybody`);
    expect(`${stdout}${stderr}`).toContain(`chmod o-w ${program}`);
    await down();
  });
});

function argumentsOfAll(): string {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        // It has ended meanwhile.
        return '';
      }
    })
    .join('\n');
}
