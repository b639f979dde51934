// What a test starts it also ends. A run has one folder for everything temporary. Whoever still lives when the run is
// over and either works below that folder or has its name in the environment is named, killed, and fails the run.
// (Services get a clean environment, daemons work elsewhere: both signs are needed.)
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 5000;
const STEP_MS = 100;

interface Leftover {
  readonly pid: number;
  readonly command: string;
}

/** Makes the run's folder, and gives what vitest calls at its end. Errors: that throws, naming each process left over. */
export default function setup(): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rt-'));
  process.env['TMPDIR'] = folder;
  return async () => {
    const left = await leftAfter(folder, PATIENCE_MS);
    for (const { pid } of left) end(pid);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: STEP_MS });
    if (left.length === 0) return;
    const names = left.map(({ pid, command }) => `  ${pid} ${command}`).join('\n');
    throw new Error(`the tests left ${left.length} processes behind:\n${names}`);
  };
}

/** Looks until nothing is left or patience ends: a process that was told to end may take a moment. */
async function leftAfter(folder: string, patienceMs: number): Promise<Leftover[]> {
  const left = leftOf(folder);
  if (left.length === 0 || patienceMs <= 0) return left;
  await pause(STEP_MS);
  return leftAfter(folder, patienceMs - STEP_MS);
}

/** Without vitest itself, its workers, and those that have ended and wait to be collected. */
function leftOf(folder: string): Leftover[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => pid !== process.pid && parentOf(pid) !== process.pid && belongsTo(pid, folder))
    .map((pid) => ({ pid, command: read(pid, 'cmdline').replaceAll('\0', ' ').trim() }))
    .filter(({ command }) => command !== '');
}

const belongsTo = (pid: number, folder: string): boolean =>
  `${workingFolder(pid)}/`.startsWith(`${folder}/`) || read(pid, 'environ').split('\0').includes(`TMPDIR=${folder}`);

function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return ''; // Ended meanwhile, or somebody else's.
  }
}

function parentOf(pid: number): number {
  return Number(/^\d+ \(.*\) \S (\d+)/s.exec(read(pid, 'stat'))?.[1]);
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // Ended meanwhile, or somebody else's: in both cases none of ours.
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Ended meanwhile, which is what is wanted.
  }
}
