// bin/rouse.js must say something sensible to every Node. An old one is played by a preloaded file that lowers the
// version; it is named on the command line only, so that a Node that is handed over to is the real one again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const BIN = join(import.meta.dirname, '../../bin');
const SAY = (from: string): string =>
  `exports.main = async (argv) => { process.stdout.write(JSON.stringify({ from: '${from}', argv, node: process.version }) + '\\n'); return argv.length; };\n`;

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rouse-bin-'));
  cpSync(BIN, join(root, 'bin'), { recursive: true });
  place('package.json', '{ "type": "module" }\n');
  place('dist/cli/main.cjs', SAY('bundle'));
  place('old.cjs', "Object.defineProperty(process, 'version', { value: 'v20.20.2' });\n");
});
afterEach(() => rmSync(root, { recursive: true }));

function place(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

const start = (...args: readonly string[]): ChildProcess => spawn(process.execPath, args, { cwd: root });

async function outcome(child: ChildProcess) {
  const text = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk));
  const [code, signal] = await once(child, 'close');
  return { ...text, code, signal };
}

const giveNode = (): void => {
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
  symlinkSync(process.execPath, join(root, 'node_modules/.bin/node'));
};

describe('with a new Node', () => {
  test('the installed bundle runs, and its answer is the exit code', async () => {
    const { stdout, code } = await outcome(start('bin/rouse.js', 'a', 'b'));
    expect(JSON.parse(stdout)).toMatchObject({ from: 'bundle', argv: ['a', 'b'] });
    expect(code).toBe(2);
  });

  test('a checkout without a bundle runs its sources', async () => {
    rmSync(join(root, 'dist'), { recursive: true });
    place('src/cli/main.ts', 'export const main = async (argv: string[]): Promise<number> => argv.length + 40;\n');
    expect(await outcome(start('bin/rouse.js', 'a'))).toMatchObject({ code: 41, stderr: '' });
  });

  test('of bundle and sources the newer one runs', async () => {
    place('src/cli/main.ts', 'export const main = async (): Promise<number> => 42;\n');
    place('src/model/deep/down.ts', 'export {};\n');
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(root, 'src/model/deep/down.ts'), later, later);
    expect(await outcome(start('bin/rouse.js'))).toMatchObject({ code: 42 });
    utimesSync(join(root, 'dist/cli/main.cjs'), later, later);
    expect(await outcome(start('bin/rouse.js'))).toMatchObject({ code: 0 });
  });

  test('a fault of Rouse itself is told with its stack, and ends with 70', async () => {
    place('dist/cli/main.cjs', "exports.main = async () => { throw new Error('planted'); };\n");
    const { code, stderr } = await outcome(start('bin/rouse.js'));
    expect(stderr).toMatch(/^rouse: internal error: Error: planted\n +at /);
    expect(code).toBe(70);
  });
});

describe('with an old Node', () => {
  test('one sentence names the Node that is needed', async () => {
    const { code, stdout, stderr } = await outcome(start('-r', './old.cjs', 'bin/rouse.js', 'up'));
    expect(stderr).toBe(`rouse needs Node.js 24.15 or newer, and this is v20.20.2 (${process.execPath})\n`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  test('the Node of the checkout takes over without a word', async () => {
    giveNode();
    const { code, stdout, stderr } = await outcome(start('-r', './old.cjs', 'bin/rouse.js', 'a', 'b', 'c'));
    expect(JSON.parse(stdout)).toMatchObject({ argv: ['a', 'b', 'c'], node: process.version });
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
  });

  test('a checkout whose own Node is old too is refused, not tried for ever', async () => {
    mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
    writeFileSync(
      join(root, 'node_modules/.bin/node'),
      `#!/bin/sh\nexec ${process.execPath} -r ${join(root, 'old.cjs')} "$@"\n`,
      { mode: 0o755 },
    );
    expect(await outcome(start('-r', './old.cjs', 'bin/rouse.js'))).toMatchObject({ code: 1 });
  });

  test('a signal reaches the one that took over, whose end is passed on', async () => {
    giveNode();
    place(
      'dist/cli/main.cjs',
      "exports.main = () => new Promise((end) => { setInterval(() => {}, 1000); process.on('SIGTERM', () => { process.stdout.write('told\\n'); process.removeAllListeners('SIGTERM'); process.kill(process.pid, 'SIGKILL'); }); process.stdout.write('up\\n'); });\n",
    );
    const child = start('-r', './old.cjs', 'bin/rouse.js');
    child.stdout?.once('data', () => child.kill('SIGTERM'));
    expect(await outcome(child)).toMatchObject({ code: null, signal: 'SIGKILL', stdout: 'up\ntold\n' });
  });
});
