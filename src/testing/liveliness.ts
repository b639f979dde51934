/**
 * What more a service may do: hooks, a drain, a watchdog, words about itself. Drawn from a source of its own, so that
 * the seeds of quieter worlds keep their meaning.
 */
import { seededRandom } from '../clock/random.ts';
import type { Hook, Spec } from '../model/spec.ts';
import type { Random } from '../ports/random.ts';

/** How often services misbehave in these ways; shares in 0..1 of the occasions. */
export interface LifeRates {
  readonly hookFails: number;
  readonly hookSlow: number;
  readonly notifies: number;
  readonly lingers: number;
  readonly beatMissed: number;
}

/** Nothing of it. */
export const NO_LIFE_FAULTS: LifeRates = { hookFails: 0, hookSlow: 0, notifies: 0, lingers: 0, beatMissed: 0 };

/** The words that a service may say of itself. */
export const WORDS = ['status', 'reloading', 'ready', 'stopping', 'extend', 'main'] as const;

/** The rates of a lively world. */
export function drawLifeRates(random: Random): LifeRates {
  const rate = (most: number): number => (random.draw() < 0.4 ? 0 : random.draw() * most);
  return {
    hookFails: rate(0.5),
    hookSlow: rate(0.4),
    notifies: rate(0.8),
    lingers: rate(0.4),
    beatMissed: rate(0.5),
  };
}

/** The spec with what it has more in a lively world. Shapes: equal specs become equal; the hash is the chance. */
export function enliven(spec: Spec): Spec {
  const random = seededRandom(numberOf(spec.hash));
  const happens = (rate: number): boolean => random.draw() < rate;
  const hook = (rate: number): Hook | null => {
    const timeoutMs = 200 + Math.floor(random.draw() * 1200);
    const command = { argv: ['hook'], via: 'exec', source: 'hook', origin: null } as const;
    return happens(rate) ? { command, timeoutMs } : null;
  };
  const hooks = { beforeStart: hook(0.3), afterReady: hook(0.2), beforeStop: hook(0.3), afterStop: hook(0.3) };
  const drainMs = happens(0.3) ? Math.floor(random.draw() * 600) : 0;
  const watchdogMs = spec.kind === 'service' && happens(0.3) ? 200 + Math.floor(random.draw() * 600) : null;
  const restartCodes = happens(0.2) ? [2] : [];
  return { ...spec, hooks, watchdogMs, restartCodes, stop: { ...spec.stop, drainMs } };
}

function numberOf(text: string): number {
  let number = 0;
  for (const letter of text) number = (Math.imul(number, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
  return number;
}
