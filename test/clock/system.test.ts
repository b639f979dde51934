import { spawnSync } from 'node:child_process';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock/system.ts';

const keptAlive = systemClock({ keepAlive: 'yes' });

test('a timer never fires before its delay has passed', async () => {
  for (let round = 0; round < 20; round += 1) {
    const from = keptAlive.monotonic();
    const delayMs = 0.4 + (round % 4);
    await new Promise<void>((resolve) => keptAlive.after(delayMs, resolve));
    expect(keptAlive.monotonic() - from).toBeGreaterThanOrEqual(delayMs);
  }
});

test('the wall clock tells epoch time and the monotonic one does not go back', () => {
  expect(Math.abs(keptAlive.now() - Date.now())).toBeLessThan(1000);
  const first = keptAlive.monotonic();
  expect(keptAlive.monotonic()).toBeGreaterThanOrEqual(first);
});

test('a disposed timer never fires', async () => {
  const fired: string[] = [];
  const timer = keptAlive.after(1, () => fired.push('disposed'));
  timer[Symbol.dispose]();
  timer[Symbol.dispose]();
  await new Promise<void>((resolve) => keptAlive.after(5, resolve));
  expect(fired).toEqual([]);
});

test('a delay beyond what the platform takes is waited for in parts', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime', 'performance', 'Date'] });
  try {
    const fired: number[] = [];
    const days = 86_400_000;
    systemClock().after(60 * days, () => fired.push(1));
    systemClock().after(Infinity, () => fired.push(2));
    vi.advanceTimersByTime(60 * days - 1);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(fired).toEqual([1]);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test.for([
  ['no', ''],
  ['yes', 'fired'],
] as const)('with keepAlive %s a timer alone holds the program accordingly', ([keepAlive, output]) => {
  const module = new URL('../../src/clock/system.ts', import.meta.url).href;
  const program = `import { systemClock } from ${JSON.stringify(module)};
    systemClock({ keepAlive: '${keepAlive}' }).after(20, () => process.stdout.write('fired'));`;
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect([stdout, status]).toEqual([output, 0]);
});

test('the next turn comes at once, not with the next event of the outside', () => {
  const module = new URL('../../src/clock/system.ts', import.meta.url).href;
  const program = `import { systemClock } from ${JSON.stringify(module)};
    setTimeout(() => {}, 2000);
    setTimeout(() => {
      const from = performance.now();
      systemClock().after(0, () => process.stdout.write(performance.now() - from < 1000 ? 'at once' : 'late'));
    }, 1);`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect(stdout).toBe('at once');
});
