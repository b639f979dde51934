import { describe, expect, test } from 'vitest';
import { faultsOf, issuesIn, specOf } from './given.ts';

const a = (lines: string): string => `[services.a]\ncommand = "x"\n${lines}`;

describe('restart', () => {
  test.for([
    ['"no"', 'no'],
    ['"on-failure"', 'on-failure'],
    ['"always"', 'always'],
    ['"unless-stopped"', 'always'],
    ['{ policy = "always" }', 'always'],
    ['{ max = 3 }', 'on-failure'],
  ] as const)('%s is %s', async ([written, policy]) => {
    expect((await specOf(a(`restart = ${written}`))).restart.policy).toBe(policy);
  });

  test('takes every number of its table', async () => {
    const table =
      'delay = "1s", factor = 1.5, max_delay = "1m", jitter = 0, reset_after = "5m", max = 3, within = "1h", at_limit = "slow"';
    expect((await specOf(a(`restart = { policy = "always", ${table} }`))).restart).toEqual({
      policy: 'always',
      delayMs: 1000,
      factor: 1.5,
      maxDelayMs: 60_000,
      jitter: 0,
      resetAfterMs: 300_000,
      limit: 3,
      withinMs: 3_600_000,
      atLimit: 'slow',
    });
  });

  test('does not grow shrinking: a long first wait raises the longest one', async () => {
    expect((await specOf(a('restart = { delay = "1m" }'))).restart).toMatchObject({
      delayMs: 60_000,
      maxDelayMs: 60_000,
    });
  });

  test.for([
    ['"sometimes"', 'RSE1102 3:11+11 "restart" of "a" must be "no", "on-failure", "always" or "unless-stopped"'],
    ['true', 'RSE1101 3:11+4 "restart" of "a" must be "no", "on-failure", "always" or "unless-stopped" or a table'],
    ['{ delay = "2m", max_delay = "1m" }', 'RSE1102 3:21+4 "delay" of "a" is longer than "max_delay"'],
    ['{ jitter = 2 }', 'RSE1102 3:22+1 "restart.jitter" of "a" must be at most 1'],
    ['{ max = 1.5 }', 'RSE1101 3:19+3 "restart.max" of "a" must be a whole number'],
    ['{ maximum = 1 }', 'RSE1104 3:13+7 unknown key "maximum" in "restart" of "a"'],
  ] as const)('is refused: %s', async ([written, fault]) => {
    const faults = await faultsOf(a(`restart = ${written}`));
    expect(faults.map((text) => text.replace('rouse.toml:', ''))).toEqual([fault]);
  });
});

describe('stop', () => {
  test('is a signal, with or without its SIG', async () => {
    expect((await specOf(a('stop = "SIGINT"'))).stop).toMatchObject({ signal: 'SIGINT', timeoutMs: 10_000 });
    expect((await specOf(a('stop = "QUIT"'))).stop.signal).toBe('SIGQUIT');
  });

  test('is a table', async () => {
    const written = 'stop = { signal = "SIGINT", timeout = "20s", command = "nginx -s quit", scope = "main" }';
    expect((await specOf(a(written))).stop).toMatchObject({
      signal: 'SIGINT',
      timeoutMs: 20_000,
      command: { argv: ['nginx', '-s', 'quit'] },
      scope: 'main',
    });
  });

  test('names a signal that exists', async () => {
    const [issue] = await issuesIn({ 'rouse.toml': a('stop = { signal = "SIGTREM" }') });
    expect(issue).toMatchObject({
      code: 'RSE1102',
      message: 'there is no signal "SIGTREM"',
      suggestion: '"SIGTERM"',
      origin: { line: 3, column: 19 },
      length: 9,
    });
  });

  test('has a command that needs no shell', async () => {
    expect(await faultsOf(a('stop = { command = "a; b" }'))).toEqual([
      'RSE1107 rouse.toml:3:22+1 ";" is shell syntax, and this command runs without a shell',
    ]);
  });
});

test('output on disk is kept up to a size', async () => {
  expect((await specOf(a('logs = { keep = "1MiB", format = "json" }'))).logs).toEqual({
    keepBytes: 1_048_576,
    format: 'json',
  });
  expect(await faultsOf(a('logs = { keep = 50 }'))).toEqual([
    'RSE1111 rouse.toml:3:17+2 "logs.keep" of "a" needs its unit',
  ]);
  expect(await faultsOf(a('logs = { keep = "50M" }'))).toEqual([
    'RSE1111 rouse.toml:3:17+5 "logs.keep" of "a" is not a size',
  ]);
});
