import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { identify, isAlive, isGroupEmpty, signalGroup, signalProcess } from '../../src/runtime/process-group.ts';

const source = (path: string): string => pathToFileURL(join(import.meta.dirname, '../../src', path)).href;

test('a descriptor that this program was started with leads a child to nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stray-'));
  const program = `
    import { openSync } from 'node:fs';
    import { describeHost } from '${source('runtime/host.ts')}';
    import { spawnProgram } from '${source('runtime/spawn.ts')}';
    const { strayDescriptors } = describeHost('/bin', {});
    const launch = { type: 'launch', file: '/bin/ls', args: ['-l', '/proc/self/fd'] };
    const quiet = { spawned() {}, failed() {}, ended() {} };
    const order = { launch, directory: '/', environment: {}, descriptors: new Map([[4, openSync('given', 'a')]]) };
    spawnProgram({ ...order, output: openSync('covered', 'a'), strayDescriptors }, quiet);
    spawnProgram({ ...order, output: openSync('bare', 'a'), strayDescriptors: [] }, quiet);
  `;
  const line = 'exec 9>low 200>secret; exec "$0" --input-type=module-typescript -e "$1"';
  const child = spawn('bash', ['-c', line, process.execPath, program], { cwd: folder, stdio: 'inherit' });
  expect(await once(child, 'exit')).toEqual([0, null]);
  const [covered, bare] = ['covered', 'bare'].map((name) => readFileSync(join(folder, name), 'utf8'));
  expect(bare).toContain(`200 -> ${folder}/secret`);
  expect(covered).not.toContain('secret');
  expect(covered).toContain('200 -> /dev/null');
  expect(covered).toContain(`4 -> ${folder}/given`);
  expect(covered).not.toContain('low');
  rmSync(folder, { recursive: true });
});

test('nothing is signalled whose start time is another, and it counts as gone', async () => {
  const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  const identity = identify(child.pid ?? 0);
  const stranger = { pid: identity.pid, startTime: '1' };
  expect([isAlive(identity), isAlive(stranger)]).toEqual([true, false]);
  expect(signalProcess(stranger, 'SIGKILL')).toBe('gone');
  expect(signalGroup(stranger, 'SIGKILL')).toBe('gone');
  expect([isGroupEmpty(stranger), isGroupEmpty(identity)]).toEqual([true, false]);
  expect(isAlive(identity)).toBe(true);
  expect(signalGroup(identity, 'SIGKILL')).toBe('sent');
  await once(child, 'exit');
  expect([isAlive(identity), isGroupEmpty(identity)]).toEqual([false, true]);
  expect(signalProcess(identity, 'SIGKILL')).toBe('gone');
  expect(signalGroup(identity, 'SIGKILL')).toBe('gone');
});

test('members of a group that have ended and are not reaped do not keep it alive', async () => {
  // The shell's child joins no other group, ends, and is never waited for because the shell has become another program.
  const child = spawn('sh', ['-c', 'true & exec sleep 1000'], { detached: true, stdio: 'ignore' });
  const leader = identify(child.pid ?? 0);
  const children = `/proc/${leader.pid}/task/${leader.pid}/children`;
  const zombie = (): boolean => {
    const pid = readFileSync(children, 'utf8').trim();
    return pid !== '' && / Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  };
  while (!zombie()) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isGroupEmpty(leader)).toBe(false);
  process.kill(leader.pid, 'SIGKILL');
  await once(child, 'exit');
  expect(isGroupEmpty(leader)).toBe(true);
});
