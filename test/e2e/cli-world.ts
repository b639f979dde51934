// The command line as people use it: bin/rouse.js in a folder of its own, with real services, gone after the test.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ENTRY = join(import.meta.dirname, '../../bin/rouse.js');
const PATIENCE_MS = 40_000;

/** What a command left behind. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: Buffer;
}

/** A command that goes on. `typed` writes to its terminal or standard input. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
  /** Resolves when what was printed so far matches; rejects when the command ends without. */
  saw(pattern: RegExp): Promise<void>;
  typed(text: string): void;
}

/** Where and how a command runs. `entry` is the path of another copy of `bin/rouse.js`. */
export interface Surroundings {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  readonly entry?: string;
}

/** A folder with a definition, and `rouse` in it. */
export interface World extends AsyncDisposable {
  readonly folder: string;
  readonly socket: (project: string) => string;
  write(file: string, text: string): string;
  run(args: readonly string[], more?: Surroundings): Promise<Ran>;
  begin(args: readonly string[], on?: 'pipe' | 'terminal'): Running;
  /** The document that a command prints with `--json`. */
  json(args: readonly string[]): Promise<unknown>;
}

/** A world whose file `rouse.toml` says this. */
export function cliWorld(text: string | null): World {
  const folder = mkdtempSync(join(tmpdir(), 'rc-'));
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    TMPDIR: tmpdir(),
    LANG: 'C.UTF-8',
    TERM: 'xterm',
    ROUSE_RUNTIME_DIR: join(folder, 'run'),
    ROUSE_STATE_DIR: join(folder, 'state'),
  };
  const open = new Set<ChildProcess>();
  const start = (
    command: readonly string[],
    more: { readonly cwd?: string; readonly env?: Record<string, string> } = {},
  ): Running => {
    const [program = '', ...args] = command;
    const child = spawn(program, args, { cwd: more.cwd ?? folder, env: { ...env, ...more.env } });
    open.add(child);
    child.on('close', () => open.delete(child));
    return watch(child);
  };
  const write = (file: string, content: string): string => {
    const path = join(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  };
  if (text !== null) write('rouse.toml', text);
  const run = (args: readonly string[], more?: Surroundings): Promise<Ran> => {
    const running = start([process.execPath, more?.entry ?? ENTRY, ...args], more);
    running.child.stdin?.end();
    return running.ended;
  };
  return {
    folder,
    write,
    run,
    socket: (project) => join(folder, 'run', project, 'admin.sock'),
    begin: (args, on = 'pipe') => {
      const command = [process.execPath, ENTRY, ...args];
      if (on === 'pipe') return start(command);
      return start(['script', '-qfec', command.map((word) => `'${word}'`).join(' '), '/dev/null']);
    },
    json: async (args) => {
      const { code, stdout, stderr } = await run([...args, '--json']);
      if (stdout === '') throw new Error(`rouse ${args.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout);
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of open) child.kill('SIGKILL');
      for (const project of projectsIn(join(folder, 'run'))) await run(['down', '-p', project, '--timeout', '2s']);
      for (const project of projectsIn(join(folder, 'run'))) await run(['daemon', 'stop', '-p', project]);
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}

function projectsIn(runtime: string): string[] {
  const names = ['shop', 'platform', 'other', 'deep', 'file'];
  return names.filter((name) => existsSync(join(runtime, name)));
}

function watch(child: ChildProcess): Running {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const looks = new Set<() => void>();
  const text = (): string => Buffer.concat([...out, ...err]).toString('utf8');
  const gather = (into: Buffer[]) => (chunk: Buffer) => {
    into.push(chunk);
    for (const look of looks) look();
  };
  child.stdout?.on('data', gather(out));
  child.stderr?.on('data', gather(err));
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(late);
      const bytes = Buffer.concat(out);
      resolve({ code, bytes, stdout: bytes.toString('utf8'), stderr: Buffer.concat(err).toString('utf8') });
    });
  });
  return {
    child,
    ended,
    typed: (keys) => void child.stdin?.write(keys),
    saw: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(text())) return;
          looks.delete(look);
          resolve();
        };
        looks.add(look);
        child.on('close', () => reject(new Error(`ended without ${pattern}: ${text()}`)));
        look();
      }),
  };
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** The words of a command: an HTTP server that answers 200 after a while and says that it is there. */
export function server(port: number, delayMs = 0): string {
  const code = `console.log('${port} is here');setTimeout(()=>require('http').createServer((q,r)=>r.end('ok')).listen(${port},'127.0.0.1'),${delayMs})`;
  return JSON.stringify([process.execPath, '-e', code]);
}

/** Three that need each other: db, then the task migrate, then web. */
export async function shop(): Promise<{ readonly text: string; readonly db: number; readonly web: number }> {
  const [db, web] = [await freePort(), await freePort()];
  const text = `name = "shop"
[services.db]
command = ${server(db, 300)}
health = { http = "http://127.0.0.1:${db}/", start_interval = "50ms" }
[services.migrate]
type = "task"
command = "echo migrated"
depends_on = ["db"]
[services.web]
command = ${server(web)}
health = { http = "http://127.0.0.1:${web}/", start_interval = "50ms" }
depends_on = ["migrate"]
`;
  return { text, db, web };
}

/** The text of a file, empty when it is not there. */
export function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
