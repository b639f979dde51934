import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Tokens, openTokens } from '../../src/access/tokens.ts';
import { VirtualClock } from '../../src/clock/virtual.ts';
import type { TokenOrder } from '../../src/model/token.ts';

/** Far after any file of a test was written, and far before: what was written lately is looked at again and again. */
export const LATER = Date.UTC(2100, 0, 1);
export const EARLIER = Date.UTC(2000, 0, 1);

/** A folder of its own with tokens in it, and a clock that is moved by hand. */
export interface Ground extends Disposable {
  readonly folder: string;
  readonly path: string;
  readonly clock: VirtualClock;
  readonly said: string[];
  /** Tokens over the same file, as another process would have them. */
  open(): Tokens;
}

let drawn = 0;

export function ground(now = LATER): Ground {
  const folder = mkdtempSync(join(tmpdir(), 'rouse-tokens-'));
  const path = join(folder, 'tokens.json');
  const clock = new VirtualClock(now);
  const said: string[] = [];
  return {
    folder,
    path,
    clock,
    said,
    open: () => openTokens({ path, clock, secret: counted, say: (line) => said.push(line) }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export const wish = (name: string, fields: Partial<TokenOrder> = {}): TokenOrder => ({
  name,
  role: 'viewer',
  services: [],
  logs: 'hidden',
  expiresMs: null,
  ...fields,
});

// Different each time, and the same in every run of the tests.
function counted(count: number): Uint8Array {
  drawn += 1;
  return Uint8Array.from({ length: count }, (_, at) => (drawn * 7 + at * 31) & 255);
}
