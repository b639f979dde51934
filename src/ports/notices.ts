/** What services say of themselves (sd_notify), as whoever asks about their health needs it. */
import type { ServiceName } from '../model/spec.ts';

/** What a run has said so far. */
export interface Notice {
  /** Whether it has said that it is ready, ever. */
  readonly ready: 'no' | 'yes';
  /** Whether it has said that it is beyond help (`WATCHDOG=trigger`). */
  readonly failing: 'no' | 'yes';
  /** A process that said that it is ready and was not listened to; null when there was none. */
  readonly stranger: number | null;
}

/** The ears of one supervisor. No method throws for a fault of the world. */
export interface Notices {
  /** What a run has said; null when nobody listens to it. */
  of(service: ServiceName, run: number): Notice | null;
  /** When it last gave a sign of life (`WATCHDOG=1`), monotonic ms; null when it never did. Reads a small file. */
  beatAt(service: ServiceName, run: number): number | null;
  /** Calls `changed` whenever `of` gives something else, until disposed. */
  watch(service: ServiceName, run: number, changed: () => void): Disposable;
}
