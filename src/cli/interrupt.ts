/** Signals from outside: what Ctrl-C, SIGTERM and a closed terminal mean to a command. */

/** What was asked for from outside. */
export type Interruption = 'interrupt' | 'terminate' | 'hangup';

const SIGNALS = { SIGINT: 'interrupt', SIGTERM: 'terminate', SIGHUP: 'hangup' } as const satisfies Record<
  string,
  Interruption
>;

/** Exit code of a command that was ended by it: 128 and the number of the signal. */
export const INTERRUPTED = { interrupt: 130, terminate: 143, hangup: 129 } as const satisfies Record<
  Interruption,
  number
>;

/** Listens until disposed. While somebody listens, the signals do not end the program by themselves. */
export function onInterrupt(listener: (interruption: Interruption) => void): Disposable {
  const listeners = Object.entries(SIGNALS).map(([name, meaning]) => {
    const listen = (): void => {
      listener(meaning);
    };
    process.on(name, listen);
    return { name, listen };
  });
  return {
    [Symbol.dispose]: () => {
      for (const { name, listen } of listeners) process.off(name, listen);
    },
  };
}

/**
 * Does something that only watches, until it ends by itself or somebody interrupts it. The signal given aborts then.
 * The exit code is 0 either way by Ctrl-C, since to stop looking is no failure, and 143 after SIGTERM.
 */
export async function untilInterrupted(watch: (signal: AbortSignal) => Promise<number | void>): Promise<number> {
  const stop = new AbortController();
  let code = 0;
  using _ = onInterrupt((interruption) => {
    code = interruption === 'interrupt' ? 0 : INTERRUPTED[interruption];
    stop.abort();
  });
  try {
    const result = await watch(stop.signal);
    return stop.signal.aborted ? code : (result ?? 0);
  } catch (error) {
    if (stop.signal.aborted) return code;
    throw error;
  }
}

/** Resolves when the signal aborts, at once if it has. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
