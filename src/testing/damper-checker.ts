/** Whether all automatic restarts together keep to their budget, counted from what was written and not from the damper. */
import type { RestartBudget } from '../core/damper.ts';
import type { ProjectRecord } from '../model/record.ts';

/** Rounding of times that were added up, in restarts. */
const EPSILON = 1e-6;

/** The restarts of one daemon's life. */
export class RestartCount {
  readonly #budget: RestartBudget;
  /** Epoch ms, ascending. */
  readonly #times: number[] = [];

  constructor(budget: RestartBudget) {
    this.#budget = budget;
  }

  /** Counts what was written, and says where there were too many. Restarts in a batch of a request are not counted. */
  see(records: readonly ProjectRecord[]): readonly string[] {
    const faults: string[] = [];
    for (const record of records) {
      if (!isRestart(record)) continue;
      this.#times.push(record.at);
      faults.push(...this.#tooMany(record.at));
    }
    return faults;
  }

  #tooMany(now: number): readonly string[] {
    const { burst, perMs } = this.#budget;
    if (perMs === 0) return [];
    const { length } = this.#times;
    const from = this.#times.findIndex((at, place) => length - place > burst + (now - at) / perMs + EPSILON);
    if (from === -1) return [];
    const forMs = Math.round(now - (this.#times[from] ?? now));
    return [`${length - from} automatic restarts in ${forMs} ms: ${burst} and one every ${perMs} ms are allowed`];
  }
}

/** A backoff that is over by itself, or a start because what was lost is back. */
function isRestart({ actor, body }: ProjectRecord): boolean {
  if (actor.via !== 'policy' || body.type !== 'service.phase') return false;
  const isLoss = body.reason.code === 'dependency-lost';
  if (body.from === 'backoff') return body.to === 'waiting' && !isLoss;
  return body.from === 'waiting' && body.to === 'starting' && isLoss;
}
