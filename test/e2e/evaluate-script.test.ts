import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadDefinition } from '../../src/config/load.ts';
import type { RouseError } from '../../src/model/errors.ts';
import { type ScriptLimits, evaluateScript } from '../../src/runtime/evaluate-script.ts';

const LIMITS: ScriptLimits = { timeoutMs: 20_000, memoryMiB: 128, outputBytes: 100_000 };

function script(text: string, name = 'rouse.config.ts'): string {
  const folder = mkdtempSync(join(tmpdir(), 'rouse-script-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const evaluate = async (text: string, limits: Partial<ScriptLimits> = {}): Promise<unknown> =>
  await evaluateScript(script(text), { PATH: process.env['PATH'], SEEN: 'yes' }, { ...LIMITS, ...limits });

async function refusal(text: string, limits: Partial<ScriptLimits> = {}): Promise<RouseError> {
  return await evaluate(text, limits).then(
    (value) => Promise.reject(new Error(`it made ${JSON.stringify(value)}`)),
    (error: RouseError) => error,
  );
}

describe('a script', () => {
  test('gives its default export, types taken away', async () => {
    expect(await evaluate('const port: number = 80;\nexport default { a: [port, `x${port}`], b: undefined };')).toEqual(
      {
        a: [80, 'x80'],
      },
    );
  });

  test('may give a function, also an asynchronous one', async () => {
    expect(await evaluate('export default async () => ({ a: await Promise.resolve(1) });')).toEqual({ a: 1 });
  });

  test('sees the environment that it is given, and no other', async () => {
    expect(await evaluate('export default { seen: process.env.SEEN, home: process.env.HOME ?? null };')).toEqual({
      seen: 'yes',
      home: null,
    });
  });

  test('may print; nobody listens', async () => {
    expect(await evaluate('console.log("x".repeat(1e6)); console.error("y"); export default {};')).toEqual({});
  });

  test('does not keep anything running', async () => {
    const text = `import { spawn } from 'node:child_process';
      setInterval(() => {}, 1000);
      const child = spawn('sleep', ['1000'], { stdio: 'inherit' });
      export default { pid: child.pid };`;
    const { pid } = (await evaluate(text)) as { pid: number };
    // Gone, or dead and not yet collected by whoever inherited it.
    await expect.poll(() => stateOf(pid)).toMatch(/^[ZX-]$/);
  });

  test('is read as a definition', async () => {
    const path = script(`export default {
      name: 'shop',
      services: { web: { command: 'node x', dependsOn: ['db'] }, db: { startCommand: 'pg up' } },
    };`);
    const { definition } = await loadDefinition({
      files: [path],
      directory: '/',
      overlays: [],
      environment: {},
      stdin: null,
      project: null,
      evaluate: async (file) => await evaluateScript(file, {}),
      trust: 'skip',
      check: () => [],
    });
    expect(definition.name).toBe('shop');
    expect(definition.services.map(({ execution }) => execution.type)).toEqual(['process', 'command']);
    expect(definition.services[0]?.dependencies[0]).toMatchObject({ name: 'db', origin: { file: path } });
  });
});

function stateOf(pid: number): string {
  try {
    return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '-';
  } catch {
    return '-';
  }
}

describe('a script that cannot be used', () => {
  test.for([
    ['throw new Error("boo");', 'boo', { line: 1, column: 7 }],
    ['\n\n  throw new Error("boo\\nfar");', 'boo', { line: 3, column: 9 }],
    ['export defalt {}', "Expected '{', got 'ident'", { line: 1, column: 8 }],
    ['enum A { b }\nexport default {}', 'TypeScript enum is not supported in strip-only mode', { line: 1, column: 1 }],
    ['export const a = 1;', 'it has no default export', null],
    ['export default { a: () => 1 };', '"a" is a function, which a file cannot give', null],
    ['export default { a: 1n };', '"a" is a bigint, which a file cannot give', null],
    ['process.exit(3);', 'it ended by itself with code 3', null],
    [
      'process.kill(process.pid, "SIGTERM"); await new Promise(() => {});',
      'it ended by itself with signal SIGTERM',
      null,
    ],
  ] as const)('is refused with what is wrong, and where: %s', async ([text, cause, place]) => {
    const error = await refusal(text);
    expect(error.code).toBe('RSE0105');
    expect(error.message).toMatch(/^cannot evaluate "\/.*\/rouse\.config\.ts": /);
    expect(error.message.endsWith(`: ${cause}`)).toBe(true);
    if (place === null) expect(error.origin).toBeNull();
    else expect(error.origin).toMatchObject(place);
  });

  test('is refused with the place of its fault in a package of modules too', async () => {
    const path = script('const x = 1;\nexport defalt {}');
    writeFileSync(join(path, '../package.json'), '{"type":"module"}');
    await expect(evaluateScript(path, {}, LIMITS)).rejects.toMatchObject({ origin: { line: 2, column: 8 } });
  });

  test('because it takes too long is killed', async () => {
    const error = await refusal('for (;;);', { timeoutMs: 500 });
    expect(error).toMatchObject({ code: 'RSE0103' });
    expect(error.message).toContain('it took longer than 500 ms');
  });

  test('because it waits for ever is killed', async () => {
    const error = await refusal('await new Promise((r) => setInterval(() => {}, 1000)); export default {};', {
      timeoutMs: 500,
    });
    expect(error.message).toContain('it took longer than 500 ms');
  });

  test('because it takes too much memory ends', async () => {
    const error = await refusal('const a = []; for (;;) a.push(new Array(1e5).fill({}));', { memoryMiB: 32 });
    expect(error).toMatchObject({ code: 'RSE0103' });
    expect(error.message).toContain('it took more than 32 MiB');
  });

  test('because it makes too much is cut off', async () => {
    const error = await refusal('export default "x".repeat(200_000);');
    expect(error).toMatchObject({ code: 'RSE0104' });
    expect(error.message).toContain('it made more than 100000 bytes');
  });
});
