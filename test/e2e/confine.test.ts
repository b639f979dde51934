// Real processes as root: what a confined run can do, and what it cannot. Behind a wall: confine-wall.test.ts.
import { chmodSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UID, ground } from './confine-world.ts';
import { exec } from './runtime-world.ts';

const STATUS = /^(Uid|Gid|Groups|NoNewPrivs|Cap\w+):[ \t]*(.*)$/gm;

/** What the kernel says of a process: ids, groups, rights. */
function rightsOf(status: string): Record<string, string> {
  return Object.fromEntries([...status.matchAll(STATUS)].map(([, name = '', value = '']) => [name, value.trim()]));
}

const NO_RIGHTS = Object.fromEntries(
  ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((set) => [set, '0'.repeat(16)]),
);
const ids = (id: number): string => [id, id, id, id].join('\t');

const ownStatus = (): string => readFileSync('/proc/self/status', 'latin1');

/** A user of this machine that is a member of another group than its own; null when there is none. */
function memberOfMore(): { readonly user: string; readonly group: string } | null {
  const line =
    readFileSync('/etc/group', 'utf8')
      .split('\n')
      .find((one) => /:[^:,]+$/.test(one)) ?? '';
  const [group = '', , , user = ''] = line.split(':');
  return group === '' ? null : { user, group };
}

describe('a user', () => {
  test('a service with a user has its ids, no capability in any set, and cannot gain any', async () => {
    const { world, runtime, spec, held } = ground();
    runtime.start(spec('web', 'cat /proc/self/status'), 1);
    expect(await world.report('exited', 'web')).toMatchObject({ exitCode: 0 });
    expect(rightsOf(world.output('web'))).toEqual({
      ...NO_RIGHTS,
      NoNewPrivs: '1',
      Uid: ids(UID),
      Gid: ids(UID),
      Groups: '',
    });
    expect(held('web')).toMatchObject({
      user: { uid: UID, gid: UID, name: null },
      sandbox: 'default',
      gains: 'enforced',
    });
  });

  test('a user that the password file knows has its own other groups', async () => {
    const { world, runtime, spec } = ground();
    const member = memberOfMore();
    runtime.start(spec('web', 'id -nG', { user: member?.user ?? 'root' }), 1);
    await world.report('exited', 'web');
    expect(world.output('web').trim().split(' ')).toContain(member?.group ?? 'root');
  });

  test('a service with a group has that and no other', async () => {
    const { world, runtime, spec } = ground();
    runtime.start(spec('web', 'id -u; id -G', { group: '61191' }), 1);
    await world.report('exited', 'web');
    expect(world.output('web')).toBe(`${UID}\n61191\n`);
  });

  test('a sandbox of none sets ids and groups alone, and lets it gain rights', async () => {
    const { world, runtime, spec, held } = ground();
    runtime.start(spec('web', 'cat /proc/self/status', { sandbox: 'none' }), 1);
    await world.report('exited', 'web');
    const { CapBnd, ...rest } = rightsOf(world.output('web'));
    expect(rest).toMatchObject({ NoNewPrivs: '0', Uid: ids(UID), Gid: ids(UID), Groups: '', CapEff: '0'.repeat(16) });
    expect(CapBnd).not.toBe('0'.repeat(16));
    expect(held('web')).toMatchObject({ gains: 'none' });
  });

  test('a service without a user stays root, cannot gain rights, and dumps no core', async () => {
    const { world, runtime, spec, held } = ground();
    runtime.start(spec('web', 'cat /proc/self/status; ulimit -c', { user: null }), 1);
    await world.report('exited', 'web');
    expect(rightsOf(world.output('web'))).toMatchObject({
      NoNewPrivs: '1',
      Uid: ids(0),
      CapEff: rightsOf(ownStatus()).CapEff,
    });
    expect(world.output('web')).toMatch(/\n0\n$/);
    expect(held('web')?.user).toMatchObject({ uid: 0 });
  });

  test('a setuid program gives no rights, but in a sandbox of none', async () => {
    const { world, runtime, spec } = ground();
    const program = join(world.folder, 'id');
    copyFileSync('/usr/bin/id', program);
    chmodSync(program, 0o4755);
    for (const sandbox of ['default', 'strict', 'none'] as const) {
      runtime.start(spec(sandbox, `${program} -u`, { sandbox }), 1);
      await world.report('exited', sandbox);
    }
    expect(['default', 'strict', 'none'].map((name) => world.output(name).trim())).toEqual([
      String(UID),
      String(UID),
      '0',
    ]);
  });

  test('a port below 1024 is refused, and had with low_ports', async () => {
    const { world, runtime, spec } = ground();
    const listen = `perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => 81) ? "listens" : $!'`;
    runtime.start(spec('refused', listen), 1);
    await world.report('exited', 'refused');
    runtime.start(spec('allowed', `cat /proc/self/status; ${listen}`, { lowPorts: 'allowed' }), 1);
    await world.report('exited', 'allowed');
    expect(world.output('refused')).toBe('Permission denied');
    expect(world.output('allowed')).toMatch(/listens$/);
    const set = '0000000000000400';
    expect(rightsOf(world.output('allowed'))).toMatchObject({ CapEff: set, CapBnd: set, CapPrm: set, NoNewPrivs: '1' });
  });

  test('a user that is not there is a start that failed, with what to do', async () => {
    const { world, runtime, spec } = ground();
    runtime.start(spec('web', 'true', { user: 'nobody-of-that-name' }), 1);
    expect((await world.report('start-failed', 'web')).fault).toMatchObject({
      code: 'isolation',
      message: 'there is no user "nobody-of-that-name" on this machine',
    });
  });

  test('a program that its user may not execute is said to be so', async () => {
    const { world, runtime, spec } = ground();
    const folder = join(world.folder, 'closed');
    mkdirSync(folder, { mode: 0o700 });
    copyFileSync('/bin/true', join(folder, 'own'));
    const program = exec(join(folder, 'own'));
    const { confinement } = spec('web', 'true');
    runtime.start(world.spec('web', program, { confinement }), 1);
    expect((await world.report('start-failed', 'web')).fault).toMatchObject({ code: 'not-executable' });
  });

  test('variables of the loader reach the program, and not what gives up the rights of root', async () => {
    const { world, runtime, spec } = ground();
    const env = { LD_DEBUG: 'help', OWN: 'a b' };
    runtime.start(spec('web', 'env', {}, { env: { LD_BIND_NOW: '1', OWN: 'a b' } }), 1);
    await world.report('exited', 'web');
    expect(world.output('web').split('\n')).toEqual(
      expect.arrayContaining(['LD_BIND_NOW=1', 'OWN=a b', `USER=${UID}`, 'HOME=/']),
    );
    // The loader prints its help in place of running a program: setpriv has not seen it, or nothing would have become of the user.
    runtime.start(spec('help', 'true', {}, { env }), 1);
    expect(await world.report('exited', 'help')).toMatchObject({ exitCode: 0 });
  });
});

describe('what a service sees', () => {
  test('a service can open its output anew, and has no descriptor above 2', async () => {
    const { world, runtime, spec } = ground();
    runtime.start(spec('web', 'echo said >/dev/stderr; ls -l /proc/$$/fd; true'), 1);
    await world.report('exited', 'web');
    expect(world.output('web')).toMatch(/^said\n/);
    // What came from outside is covered up by /dev/null.
    const open = [...world.output('web').matchAll(/ (\d+) -> (.*)$/gm)].filter(
      ([, , target]) => target !== '/dev/null',
    );
    expect(open.map(([, fd]) => fd)).toEqual(['1', '2']);
  });

  test('a service can read neither the folders of the runtime nor those of logs', async () => {
    const { world, runtime, spec } = ground();
    const run = join(world.folder, 'run');
    chmodSync(run, 0o711);
    const tries = [`ls ${run}`, `cat ${run}/web/1/record`, `cat ${run}/web/1/spec.json`, `ls ${world.folder}/logs/web`];
    runtime.start(spec('web', tries.map((line) => `${line} >/dev/null 2>&1 && echo read`).join('; ')), 1);
    await world.report('exited', 'web');
    expect(world.output('web')).toBe('');
  });
});

describe('limits', () => {
  test('limits of processes hold, and are said to', async () => {
    const { world, runtime, spec, held } = ground();
    const limits = {
      files: 77,
      coreBytes: 1024,
      fileSizeBytes: 10_240_000,
      cpuTimeMs: 9000,
      stackBytes: 1_048_576,
      lockedMemoryBytes: 65_536,
      nice: 7,
    };
    runtime.start(spec('web', 'cat /proc/self/limits; nice', { limits }), 1);
    await world.report('exited', 'web');
    const text = world.output('web');
    const [files, core, size, cpu, stack, memory] = [
      'open files',
      'core file size',
      'file size',
      'cpu time',
      'stack size',
      'locked memory',
    ].map((name) => new RegExp(`^Max ${name}\\s+(\\d+)\\s+(\\d+)`, 'm').exec(text)?.slice(1));
    expect([files, core, size, cpu, stack, memory]).toEqual(
      [77, 1024, 10_240_000, 9, 1_048_576, 65_536].map((limit) => [String(limit), String(limit)]),
    );
    expect(text).toMatch(/\n7\n$/);
    expect(Object.values(held('web')?.limits ?? {})).toEqual(Array(7).fill('enforced'));
  });

  test('without a limit on processes two services of one user fork as they like', async () => {
    const { world, runtime, spec } = ground();
    runtime.start(spec('one', 'for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; echo up; wait'), 1);
    await world.report('started', 'one');
    runtime.start(spec('two', 'sleep 0 & wait; grep processes /proc/self/limits'), 1);
    expect(await world.report('exited', 'two')).toMatchObject({ exitCode: 0 });
    expect(world.output('two')).toContain(/^Max processes.*$/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[0]);
  });
});
