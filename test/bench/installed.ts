/** The command line as an installed package has it: the bundle without its sources, so that an edit changes no figure. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const BUNDLE = join(ROOT, 'dist/cli/main.cjs');

/** What a command left behind; `ms` from its spawn to its end. */
export interface Ran {
  readonly ms: number;
  readonly stdout: string;
}

/** `rouse` with folders of its own. Disposing removes the folders, not what runs. */
export interface Installed extends Disposable {
  /** Where definitions are written and services run. */
  readonly folder: string;
  /** Errors: throws with its last words when it does not end with 0. */
  rouse(...args: readonly string[]): Promise<Ran>;
  /** Any other program of this Node, measured the same way. */
  node(...args: readonly string[]): Promise<Ran>;
}

/** Builds what is missing or older than its sources, and copies it away. `more` is added to the environment. Errors: throws when the build fails. */
export function install(more: Readonly<Record<string, string>> = {}): Installed {
  if (!isBuilt()) {
    const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'scripts/build.ts')], { encoding: 'utf8' });
    assert.equal(status, 0, `the build fails: ${stdout}`);
  }
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rb-')));
  const program = join(folder, 'program');
  const work = join(folder, 'work');
  for (const made of [program, work]) mkdirSync(made);
  for (const part of ['bin', 'package.json']) cpSync(join(ROOT, part), join(program, part), { recursive: true });
  for (const file of globSync('dist/cli/*.cjs', { cwd: ROOT })) cpSync(join(ROOT, file), join(program, file));
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    LANG: 'C.UTF-8',
    ROUSE_RUNTIME_DIR: join(folder, 'run'),
    ROUSE_STATE_DIR: join(folder, 'state'),
    ...more,
  };
  const node = (...args: readonly string[]): Promise<Ran> => ran(args, { cwd: work, env });
  return {
    folder: work,
    node,
    rouse: (...args) => node(join(program, 'bin/rouse.js'), ...args),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }),
  };
}

function isBuilt(): boolean {
  if (!existsSync(BUNDLE)) return false;
  const builtMs = statSync(BUNDLE).mtimeMs;
  return globSync('src/**/*.ts', { cwd: ROOT }).every((file) => statSync(join(ROOT, file)).mtimeMs <= builtMs);
}

interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

function ran(args: readonly string[], { cwd, env }: Surroundings): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const from = performance.now();
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let ms = 0;
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('exit', () => (ms = performance.now() - from));
    child.on('close', (code) => {
      if (code === 0) resolve({ ms, stdout });
      else reject(new Error(`${args.slice(1).join(' ')} ended with ${code}: ${stderr.slice(-2000)}`));
    });
  });
}
