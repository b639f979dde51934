/** The one place where the command line itself runs a program: in the foreground, in the place of an answer. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { ApiLaunch } from '../contract/api-launch.ts';
import { type ErrorCode, RouseError } from '../model/errors.ts';

/** A program that was not found is 127, one that may not be executed 126, anything else 125; as for docker run. */
export const NOT_RUN = { notFound: 127, notExecutable: 126, otherwise: 125 } as const;

/**
 * Runs it with this command's own input and output; resolves with its exit code, or 128 and the number of the signal that
 * ended it. What a terminal sends with Ctrl-C reaches it by itself; signals sent to this command alone are handed on.
 * Errors: RSE2101, RSE2113, RSE2109 when it cannot be executed after all.
 */
export function runInForeground({ file, args, env, cwd }: ApiLaunch, input: 'terminal' | 'pipe'): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(file, args, { cwd, env, stdio: 'inherit' });
  const hand = (name: NodeJS.Signals): void => void child.kill(name);
  const byTerminal = (): void => undefined;
  const listeners = [
    ['SIGTERM', hand],
    ['SIGHUP', hand],
    ['SIGINT', input === 'terminal' ? byTerminal : hand],
    ['SIGQUIT', input === 'terminal' ? byTerminal : hand],
  ] as const;
  for (const [name, listen] of listeners) process.on(name, listen);
  const end = (): void => {
    for (const [name, listen] of listeners) process.off(name, listen);
  };
  child.once('error', (cause) => {
    end();
    reject(faultOf(cause, file));
  });
  child.once('exit', (code, signal) => {
    end();
    resolve(signal === null ? (code ?? NOT_RUN.otherwise) : 128 + constants.signals[signal]);
  });
  return promise;
}

const NOT_RUN_CODES: Partial<Record<ErrorCode, number>> = {
  RSE2101: NOT_RUN.notFound,
  RSE2108: NOT_RUN.notFound,
  RSE2113: NOT_RUN.notExecutable,
  RSE2109: NOT_RUN.otherwise,
  RSE4020: NOT_RUN.otherwise,
};

/** The exit code of `exec` and `run` for what kept them from running anything; null where the error's own counts. */
export function notRunCode(error: unknown): number | null {
  return error instanceof RouseError ? (NOT_RUN_CODES[error.code] ?? null) : null;
}

function faultOf(cause: Error, file: string): RouseError {
  const code = 'code' in cause ? cause.code : '';
  const known = code === 'ENOENT' ? 'RSE2101' : code === 'EACCES' || code === 'ENOEXEC' ? 'RSE2113' : 'RSE2109';
  return new RouseError(known, `cannot run "${file}": ${cause.message}`, { cause });
}
