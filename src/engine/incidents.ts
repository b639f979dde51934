/** The open incidents: what core calls one is remembered, told once, and told again when it is over. */
import { describeReason } from '../core/describe.ts';
import type { Transition } from '../core/draft.ts';
import { causeOf, endOf, sufferersOf, troubleOf } from '../core/incident.ts';
import type { System } from '../core/system.ts';
import { find } from '../core/system.ts';
import type { Incident } from '../model/incident.ts';
import type { Reason } from '../model/reason.ts';
import type { ProjectRecord, RecordBody } from '../model/record.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';

interface Open {
  reason: Reason;
  readonly openedAt: number;
  /** Monotonic ms. */
  readonly since: number;
  readonly services: Set<ServiceName>;
}

/** The incidents of one engine. */
export class IncidentBook {
  readonly #clock: Clock;
  readonly #open = new Map<ServiceName, Open>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes over those that an earlier daemon left open. Shapes: `records` oldest first; others are passed over. */
  restore(records: readonly ProjectRecord[], system: System): void {
    const now = this.#clock.now();
    for (const { at, body } of records) {
      if (body.type === 'incident.closed') this.#open.delete(body.service);
      if (body.type !== 'incident.opened' || endOf(find(system, body.service)) === 'put-to-rest') continue;
      const since = this.#clock.monotonic() - Math.max(0, now - at);
      const { reason, services } = body;
      this.#open.set(body.service, { reason, openedAt: at, since, services: new Set(services) });
    }
  }

  /** What is to be told of a batch. Shapes: `removed` have left the system. Costs what the transitions touch. */
  observe(system: System, transitions: readonly Transition[], removed: readonly ServiceName[]): readonly RecordBody[] {
    const bodies: RecordBody[] = [];
    const touched = new Set(transitions.map(({ after }) => after.spec.name));
    if (this.#open.size > 0) {
      for (const name of removed) bodies.push(...this.#close(system, name));
      for (const name of touched) bodies.push(...this.#close(system, name));
    }
    for (const { name, index, reason } of troubles(system, transitions)) {
      const known = this.#open.get(name);
      if (known !== undefined) known.reason = reason;
      else if (causeOf(system, index, (each) => this.#open.has(each)) === null)
        bodies.push(this.#begin(system, { name, index, reason }));
    }
    if (this.#open.size > 0) for (const name of touched) this.#spread(system, name);
    return bodies;
  }

  /** Those that are open, oldest first. */
  list(): readonly Incident[] {
    return Array.from(this.#open, ([service, { reason, openedAt, services }]) => ({
      service,
      reason,
      text: describeReason(reason),
      openedAt,
      services: [...services],
    }));
  }

  #begin(system: System, { name, index, reason }: Trouble): RecordBody {
    const services = new Set(sufferersOf(system, index));
    this.#open.set(name, { reason, openedAt: this.#clock.now(), since: this.#clock.monotonic(), services });
    return { type: 'incident.opened', service: name, reason, text: describeReason(reason), services: [...services] };
  }

  #close(system: System, name: ServiceName): readonly RecordBody[] {
    const open = this.#open.get(name);
    const end = endOf(find(system, name));
    if (open === undefined || end === null) return [];
    this.#open.delete(name);
    const elapsedMs = Math.round(this.#clock.monotonic() - open.since);
    const services = [...open.services];
    return [{ type: 'incident.closed', service: name, end, text: describeReason(open.reason), services, elapsedMs }];
  }

  /** Notes who has come to suffer from what is open. */
  #spread(system: System, name: ServiceName): void {
    const index = system.graph.indexOf.get(name);
    if (index === undefined || this.#open.has(name)) return;
    const cause = causeOf(system, index, (each) => this.#open.has(each));
    if (cause !== null) this.#open.get(cause)?.services.add(name);
  }
}

interface Trouble {
  readonly name: ServiceName;
  readonly index: number;
  readonly reason: Reason;
}

/** Those who are in trouble after the batch, the last reason of each; what others require first, so that causes are seen. */
function troubles(system: System, transitions: readonly Transition[]): readonly Trouble[] {
  const found = new Map<ServiceName, Trouble>();
  for (const transition of transitions) {
    const { name } = transition.after.spec;
    const reason = troubleOf(transition);
    const index = system.graph.indexOf.get(name);
    if (reason !== null && index !== undefined && endOf(find(system, name)) === null)
      found.set(name, { name, index, reason });
  }
  if (found.size < 2) return [...found.values()];
  return [...found.values()].toSorted(
    (left, right) => (system.graph.depth[left.index] ?? 0) - (system.graph.depth[right.index] ?? 0),
  );
}
