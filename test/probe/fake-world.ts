// A prober in a world that a test holds in its hand: virtual time, told chance, and a fake kind whose answers it gives.
import { VirtualClock } from '../../src/clock/virtual.ts';
import { seededRandom } from '../../src/clock/random.ts';
import type { Probe, ProbeTarget } from '../../src/model/spec.ts';
import type { ProbeReport, ProbeSubject, Prober } from '../../src/ports/prober.ts';
import { type Answer, type ProbeKind, type ProbeKinds, fail, pass } from '../../src/probe/kind.ts';
import { createProber } from '../../src/probe/prober.ts';
import { given } from '../core/given.ts';

/** One question on its way. */
export interface Asked {
  readonly url: string;
  readonly at: number;
  readonly signal: AbortSignal;
  /** Gives the answer, and lets everything that follows from it happen. */
  pass(message?: string): Promise<void>;
  fail(message?: string): Promise<void>;
  break(error: Error): Promise<void>;
}

export interface FakeWorld {
  readonly clock: VirtualClock;
  readonly prober: Prober & AsyncDisposable;
  readonly told: ProbeReport[];
  /** Every question so far, oldest first. */
  readonly asked: Asked[];
  /** Urls whose asker was disposed. */
  readonly closed: string[];
  /** Answers every later question at once; null = the test answers. */
  answering: (() => Answer) | null;
  /** Whether questions tell by themselves that their answer changed. */
  isWatching: boolean;
  price: 'cheap' | 'dear';
  /** Says that the answer to the question may have changed. */
  wake(url: string): void;
  /** Lets time pass in small steps, with everything that follows. */
  pass(ms: number): Promise<void>;
  /** Moments of all questions so far. */
  moments(url?: string): number[];
}

export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 25; turn += 1) await Promise.resolve();
};

export function fakeWorld(options: { concurrency?: number; seed?: number } = {}): FakeWorld {
  const clock = new VirtualClock();
  const told: ProbeReport[] = [];
  const asked: Asked[] = [];
  const wakes = new Map<string, () => void>();
  const kind: ProbeKind = {
    get price() {
      return world.price;
    },
    key: ({ probe }) => JSON.stringify(probe.target),
    open: ({ probe }, wake) => {
      const url = urlOf(probe.target);
      wakes.set(url, wake);
      return {
        ask: (signal) => ask(url, signal),
        isWatching: () => world.isWatching,
        [Symbol.dispose]: () => world.closed.push(url),
      };
    },
  };
  const ask = (url: string, signal: AbortSignal): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const end = (act: () => void): Promise<void> => {
      act();
      return settled();
    };
    asked.push({
      url,
      at: clock.monotonic(),
      signal,
      pass: (message = 'fine') => end(() => resolve(pass(message))),
      fail: (message = 'wrong') => end(() => resolve(fail(message))),
      break: (error) => end(() => reject(error)),
    });
    if (world.answering !== null) resolve(world.answering());
    return promise;
  };
  const prober = createProber({
    clock,
    random: seededRandom(options.seed ?? 1),
    tell: (report) => told.push(report),
    kinds: kindsOf(kind),
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
  });
  const world: FakeWorld = {
    clock,
    prober,
    told,
    asked,
    closed: [],
    answering: null,
    isWatching: false,
    price: 'dear',
    wake: (url) => wakes.get(url)?.(),
    pass: async (ms) => {
      const until = clock.monotonic() + ms;
      for (let next = clock.nextAt(); next !== null && next <= until; next = clock.nextAt()) {
        clock.advance(Math.max(0, next - clock.monotonic()));
        await settled();
      }
      clock.advance(until - clock.monotonic());
      await settled();
    },
    moments: (url) => asked.filter((one) => url === undefined || one.url === url).map(({ at }) => at),
  };
  return world;
}

const urlOf = (target: ProbeTarget): string => (target.type === 'http' ? target.url : target.type);

function kindsOf(kind: ProbeKind): ProbeKinds {
  return {
    http: kind,
    tcp: kind,
    exec: kind,
    dns: kind,
    process: kind,
    log: kind,
    file: kind,
    fd: kind,
    notify: kind,
    beat: kind,
  };
}

export const httpTarget = (url: string): ProbeTarget => ({
  type: 'http',
  url,
  method: 'GET',
  headers: {},
  status: [[200, 299]],
  redirects: 'refuse',
});

/** A question about a service: its own url unless told otherwise. */
export function subject(
  service: string,
  different: Partial<ProbeSubject> & { readonly of?: Partial<Probe> } = {},
): ProbeSubject {
  const { of, ...rest } = different;
  return {
    service,
    run: 1,
    question: 'health',
    spec: given.service(service).spec,
    cadence: 'running',
    ...rest,
    probe: {
      target: httpTarget(`http://${service}/`),
      intervalMs: 10_000,
      startIntervalMs: 500,
      timeoutMs: 2000,
      failureThreshold: 3,
      successThreshold: 1,
      graceMs: 0,
      ...of,
    },
  };
}
