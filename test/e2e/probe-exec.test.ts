import { existsSync, readFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RouseError } from '../../src/model/errors.ts';
import type { ProbeTarget } from '../../src/model/spec.ts';
import { type ProbeWorld, probeWorld } from './probe-world.ts';

let world: ProbeWorld;

beforeEach(() => {
  world = probeWorld();
});

afterEach(() => world[Symbol.asyncDispose]());

const command = (...argv: readonly string[]): ProbeTarget => ({
  type: 'exec',
  command: { argv, via: 'exec', source: argv.join(' '), origin: null },
});
const shell = (line: string): ProbeTarget => command('/bin/sh', '-c', line);

async function appeared(name: string): Promise<void> {
  const abort = new AbortController();
  const events = watch(world.folder, { signal: abort.signal });
  if (existsSync(join(world.folder, name))) return abort.abort();
  for await (const { filename } of events) if (filename === name) return;
}

const isAlive = (pid: number): boolean => {
  try {
    return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

/** A signal that was sent takes effect when the kernel comes to it: gives it ten seconds. */
async function ended(pid: number): Promise<void> {
  for (let look = 0; look < 1000 && isAlive(pid); look += 1) await new Promise((resolve) => setTimeout(resolve, 10));
}

test.for([
  ['exit 0', 'pass', 'exit 0'],
  ['echo; echo all is well; echo more', 'pass', 'exit 0: all is well'],
  ['echo no response >&2; exit 2', 'fail', 'exit 2: no response'],
  ['printf "\\033[31mred\\a\\n"; exit 1', 'fail', 'exit 1: [31mred'],
  ['kill -SEGV $$', 'fail', 'ended by SIGSEGV'],
  ['exec 2>/dev/null; yes | head -c 5000000; exit 3', 'fail', 'exit 3: y'],
] as const)('of `%s` is told: %s, %s', async ([line, answer, message]) => {
  expect(await world.ask(shell(line))).toMatchObject({ answer, message });
});

test('the command sees the environment it is given and nothing else', async () => {
  const result = await world.ask(command('/usr/bin/env', '-0'));
  expect(result.answer).toBe('pass');
  const seen = result.message
    .replace('exit 0: ', '')
    .split(/ (?=[A-Z_]+=)/)
    .toSorted();
  expect(seen.map((line) => line.trim())).toEqual([
    'GREETING=hello',
    'PATH=/usr/bin:/bin',
    expect.stringMatching(/^ROUSE_INSTANCE=./),
    'SYSTEMD_COLORS=0',
    'SYSTEMD_PAGER=',
  ]);
});

test('the command runs in the folder it is given, without input, in a session of its own', async () => {
  expect((await world.ask(command('/bin/pwd'))).message).toBe(`exit 0: ${world.folder}`);
  expect((await world.ask(shell('wc -c'))).message).toBe('exit 0: 0');
  expect((await world.ask(shell('cut -d " " -f 6 /proc/$$/stat; echo'))).message).not.toBe('');
  const own = readFileSync('/proc/self/stat', 'utf8').split(' ')[5];
  expect((await world.ask(shell('read -r _ _ _ _ _ session _ < /proc/$$/stat; echo $session'))).message).not.toBe(
    `exit 0: ${own}`,
  );
});

test.for([
  [['no-such-program'], 'program "no-such-program" not found'],
  [['/etc/passwd'], 'no permission to execute "/etc/passwd"'],
] as const)('of %j it says what is missing', async ([argv, message]) => {
  expect(await world.ask(command(...argv))).toMatchObject({ answer: 'fail', message });
});

describe('at its deadline', () => {
  test('the whole group of the command is killed, and the next question waits for its end', async () => {
    const target = shell('trap "" TERM; sleep 1000 & echo $! > child; echo $$ > new; mv new leader; wait');
    const result = world.ask(target, { timeoutMs: 1500 });
    await appeared('leader');
    const pids = ['child', 'leader'].map((name) => Number(readFileSync(join(world.folder, name), 'utf8')));
    expect(pids.map(isAlive)).toEqual([true, true]);
    expect(await result).toMatchObject({ answer: 'fail', message: 'no answer in 1.5s' });
    // Disposing awaits the end of what is under way.
    await world.end();
    for (const pid of pids) await ended(pid);
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  test('who left the group and lost its parents is killed too', async () => {
    const target = shell('setsid sh -c "(sleep 1000 & echo \\$! > far) ; echo > new; mv new told" & wait; sleep 1000');
    const result = world.ask(target, { timeoutMs: 1500 });
    await appeared('told');
    const pid = Number(readFileSync(join(world.folder, 'far'), 'utf8'));
    expect(isAlive(pid)).toBe(true);
    expect(await result).toMatchObject({ answer: 'fail', message: 'no answer in 1.5s' });
    await world.end();
    expect(isAlive(pid)).toBe(false);
  });

  test('a question that nobody waits for any more leaves nobody behind', async () => {
    const target = shell('setsid sleep 1000 >/dev/null 2>&1 & echo $! > far; echo > new; mv new told; exec sleep 1000');
    const abort = new AbortController();
    const result = world.prober.ask(world.subject(target), abort.signal);
    await appeared('told');
    const pid = Number(readFileSync(join(world.folder, 'far'), 'utf8'));
    abort.abort();
    await result.catch(() => undefined);
    await world.end();
    expect(isAlive(pid)).toBe(false);
  });
});

test('what the command leaves behind in its group is ended with it', async () => {
  const result = await world.ask(shell('sleep 1000 > /dev/null 2>&1 & echo $!'));
  const pid = Number(result.message.replace('exit 0: ', ''));
  expect(pid).toBeGreaterThan(1);
  await world.end();
  await ended(pid);
  expect(isAlive(pid)).toBe(false);
});

test('a child that has left the group and holds the output does not hold the answer up, and is ended', async () => {
  const result = await world.ask(
    shell('setsid sh -c "echo \\$\\$ > holder; exec sleep 1000" & while ! test -s holder; do :; done; echo fine'),
  );
  const pid = Number(readFileSync(join(world.folder, 'holder'), 'utf8'));
  expect(result).toMatchObject({ answer: 'pass', message: 'exit 0: fine' });
  expect(result.latencyMs).toBeLessThan(4000);
  expect(isAlive(pid)).toBe(false);
});

test('a command that cannot be worked out is a failure with its reason', async () => {
  await using broken = probeWorld({
    invoke: () => {
      throw new RouseError('RSE2108', 'cannot run "check.nu": Nushell was not found');
    },
  });
  expect(await broken.ask(command('check.nu'))).toMatchObject({
    answer: 'fail',
    message: 'cannot run "check.nu": Nushell was not found',
  });
});

test('a folder that is missing is said to be missing', async () => {
  await using lost = probeWorld({
    invoke: () => ({ file: '/bin/true', args: [], env: {}, cwd: '/no/such/folder', end: async () => undefined }),
  });
  expect(await lost.ask(command('true'))).toMatchObject({
    answer: 'fail',
    message: 'folder "/no/such/folder" not found',
  });
});
