// Services for the library's end-to-end tests: servers of one line, and daemons kept by Debian's start-stop-daemon.
import { existsSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

// Each test file has a temporary folder of its own, so that what the library leaves is told from what other files use.
const temporary = mkdtempSync(join(tmpdir(), 'l-'));
process.env['TMPDIR'] = temporary;
afterAll(() => rmSync(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));

/** A folder for one test, below the run's own. */
export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'lib-'));

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The words of a server that answers every request with this status. */
export const serverWords = (port: number, status = 200): readonly string[] => [
  process.execPath,
  '-e',
  `require('node:http').createServer((q, s) => { s.statusCode = ${status}; s.end('ok'); }).listen(${port}, '127.0.0.1')`,
];

/** A service that start-stop-daemon starts and stops, with its process id in `pidFile`. */
export function daemonService(name: string, given: { folder: string; words: readonly string[]; needs?: string[] }) {
  const pidFile = join(given.folder, `${name}.pid`);
  const [program = '', ...rest] = given.words;
  const base = ['start-stop-daemon', '--pidfile', pidFile];
  return {
    pidFile,
    fields: {
      name,
      description: `${name} under start-stop-daemon`,
      dependencies: given.needs ?? [],
      startCommand: [
        ...base,
        '--start',
        '--background',
        '--make-pidfile',
        '--chdir',
        given.folder,
        '--startas',
        program,
        '--',
        ...rest,
      ],
      stopCommand: [...base, '--stop', '--oknodo', '--retry', 'TERM/5/KILL/5', '--remove-pidfile'],
    },
  };
}

/** The process id in a file; 0 without one. */
export const pidIn = (file: string): number => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);

/** Whether a process is there and has not ended. */
export function isAlive(pid: number): boolean {
  try {
    return pid > 0 && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Processes that work in a folder or below it. */
export const processesIn = (folder: string): readonly number[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        return `${readlinkSync(`/proc/${pid}/cwd`)}/`.startsWith(`${folder}/`) && isAlive(pid);
      } catch {
        return false;
      }
    });

/** Private folders of embedded supervisors. */
export const libraryFolders = (): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('rouse-'));
