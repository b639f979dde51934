/** What somebody at the terminal wants of a running `up`: by keys, by Ctrl-C, by signals from elsewhere. */
import { onInterrupt } from './interrupt.ts';
import type { Session } from './session.ts';

/** A wish. `stop` comes from Ctrl-C and `q`; `yes` answers a question, `other` is any key without a meaning. */
export type Wish = 'stop' | 'terminate' | 'hangup' | 'detach' | 'explain' | 'logs' | 'retry' | 'keys' | 'yes' | 'other';

/** The wishes in the order they came. Disposing gives the terminal back. */
export interface Wishes extends Disposable {
  /** The next wish, however long it takes. Only one may be waited for at a time. */
  next(): Promise<Wish>;
  /** Whether keys are read, so that they may be named. */
  readonly keys: 'read' | 'none';
}

const KEYS: Readonly<Record<string, Wish>> = {
  '\u0003': 'stop',
  q: 'stop',
  d: 'detach',
  e: 'explain',
  l: 'logs',
  r: 'retry',
  '?': 'keys',
  h: 'keys',
  y: 'yes',
};

/** Begins to listen. Keys are read when both ends are a terminal and input is allowed. */
export function openWishes(session: Session): Wishes {
  const queue: Wish[] = [];
  let waiting: ((wish: Wish) => void) | null = null;
  const tell = (wish: Wish): void => {
    if (waiting === null) queue.push(wish);
    else {
      const answer = waiting;
      waiting = null;
      answer(wish);
    }
  };
  const signals = onInterrupt((interruption) => {
    tell(interruption === 'interrupt' ? 'stop' : interruption);
  });
  const isTyped =
    session.input === 'terminal' && session.err.stream === 'terminal' && session.flags.prompts === 'allowed';
  const keyboard = isTyped ? openKeyboard(tell) : null;
  return {
    keys: keyboard === null ? 'none' : 'read',
    next: () => {
      const first = queue.shift();
      if (first !== undefined) return Promise.resolve(first);
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    [Symbol.dispose]: () => {
      signals[Symbol.dispose]();
      keyboard?.[Symbol.dispose]();
    },
  };
}

/** Reads single keys. The terminal's own Ctrl-C and Ctrl-Z arrive as keys then, and are carried out here. */
function openKeyboard(tell: (wish: Wish) => void): Disposable {
  const { stdin } = process;
  const read = (chunk: Buffer): void => {
    for (const key of chunk.toString('latin1')) {
      if (key === '\u001A') suspend();
      else tell(KEYS[key] ?? 'other');
    }
  };
  const resume = (): void => {
    stdin.setRawMode(true);
  };
  const suspend = (): void => {
    stdin.setRawMode(false);
    process.once('SIGCONT', resume);
    process.kill(process.pid, 'SIGTSTP');
  };
  stdin.setRawMode(true);
  stdin.on('data', read);
  stdin.resume();
  return {
    [Symbol.dispose]: () => {
      process.off('SIGCONT', resume);
      stdin.off('data', read);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
