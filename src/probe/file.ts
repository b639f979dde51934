/** Whether a file is there. Any kind of file counts, a folder or a socket too. */
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { causeOf } from './causes.ts';
import { type Answer, type ProbeKind, fail, pass } from './kind.ts';
import { watchPath } from './watch-path.ts';

/** A kind that passes while the path exists, and learns from the kernel when that changes. */
export const fileKind: ProbeKind = {
  price: 'cheap',
  key: ({ probe: { target }, spec }) => (target.type === 'file' ? resolve(spec.cwd, target.path) : ''),
  open: ({ probe: { target }, spec }, wake) => {
    assert(target.type === 'file');
    const path = resolve(spec.cwd, target.path);
    const watching = watchPath(path, wake);
    return {
      ask: () => askFile(path),
      isWatching: () => watching.isWatching(),
      [Symbol.dispose]: () => watching[Symbol.dispose](),
    };
  },
};

async function askFile(path: string): Promise<Answer> {
  try {
    await stat(path);
    return pass('it exists');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    return fail(code === 'ENOENT' || code === 'ENOTDIR' ? 'it does not exist' : causeOf(error));
  }
}
