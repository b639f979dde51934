/** A folder for the logs of one embedded supervisor: nobody else's, and gone with it. */
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '../clock/random.ts';
import { RouseError } from '../model/errors.ts';

/** The folder. `path` is decided at once; it comes to be with the first `make`. */
export interface PrivateFolder extends Disposable {
  readonly path: string;
  /** Makes it with mode 0700, once. Errors: RSE3008. */
  make(): void;
}

/** A folder below the system's temporary one. Its name holds 80 bits of chance; what is there already is not used. */
export function privateFolder(): PrivateFolder {
  const path = join(tmpdir(), `rouse-${systemRandom().id().toLowerCase()}`);
  let state: 'absent' | 'made' = 'absent';
  return {
    path,
    make() {
      if (state === 'made') return;
      try {
        mkdirSync(path, { mode: 0o700 });
      } catch (cause) {
        const hint = 'point TMPDIR to a folder that you may write';
        throw new RouseError('RSE3008', `cannot make folder "${path}" for the logs`, { hint, cause });
      }
      state = 'made';
    },
    [Symbol.dispose]() {
      if (state === 'made') rmSync(path, { recursive: true, force: true, maxRetries: 3 });
      state = 'absent';
    },
  };
}
