/** The end of everything, waited for as long as it may take. */
import type { Engine } from '../engine/engine.ts';
import { StopTimeoutError } from '../model/errors.ts';
import { isResting } from '../model/service.ts';

/** Beyond the grace of every service in a row, what the operating system may take to bury a tree; ms. */
const BURIAL_MS = 15_000;

/** Resolves when the change that stops everything has ended. Errors: StopTimeoutError for what outlives SIGKILL; RSE3007. */
export async function untilDown(engine: Engine, id: string): Promise<void> {
  const expiry = new AbortController();
  const graceMs = engine.system.services.reduce(
    (sum, { phase, runSpec, spec }) => sum + (isResting(phase) ? 0 : (runSpec ?? spec).stop.timeoutMs),
    0,
  );
  using _timer = engine.world.clock.after(graceMs + BURIAL_MS, () => expiry.abort());
  try {
    await engine.changes.settled(id, expiry.signal);
  } catch (error) {
    if (!expiry.signal.aborted) throw error;
    throw outlived(engine.system, error);
  }
}

function outlived({ services }: Engine['system'], cause: unknown): StopTimeoutError {
  const left = services.filter((service) => !isResting(service.phase));
  const names = left.map((service) => service.spec.name);
  return new StopTimeoutError(
    `cannot stop ${names.map((name) => `"${name}"`).join(', ')}: still running after SIGKILL`,
    { services: names, pids: left.flatMap((service) => service.pid ?? []), cause },
  );
}
