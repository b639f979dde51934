/** Waiting for a daemon to leave, so that the next command does not meet it on its way out. */
import { existsSync } from 'node:fs';
import type { Project } from './project.ts';
import type { Session } from './session.ts';

const LIMIT_MS = 10_000;
const LOOK_AGAIN_MS = 10;

/** Resolves when the project's socket is gone, or after ten seconds: then the next command says what is so. Of a daemon elsewhere nothing is known. */
export async function untilGone(session: Session, { paths, reach }: Project): Promise<void> {
  if (reach === 'elsewhere') return;
  const from = session.clock.monotonic();
  while (existsSync(paths.socket) && session.clock.monotonic() - from < LIMIT_MS)
    await new Promise<void>((resolve) => session.clock.after(LOOK_AGAIN_MS, resolve));
}

/** Resolves when the process has ended, or after ten seconds: it may still write into its folders until then. */
export async function untilEnded(session: Session, pid: number): Promise<void> {
  const from = session.clock.monotonic();
  while (isThere(pid) && session.clock.monotonic() - from < LIMIT_MS)
    await new Promise<void>((resolve) => session.clock.after(LOOK_AGAIN_MS, resolve));
}

/** Whether a process has that number, whoever it belongs to. */
export function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process by now, or one that this user may not signal: it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
