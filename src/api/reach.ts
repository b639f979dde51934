/**
 * A supervisor as somebody sees it whose token reaches some services: the others are not there to be seen, and an order
 * that would touch one of them is refused whole, before anything is done.
 *
 * Every method of the port is written out, so that one that is added has to be thought of here. A name that is not reached
 * is answered the same whether there is such a service or not.
 */
import { NotFoundError, type RouseError, isRouseError } from '../model/errors.ts';
import { declaredName } from '../model/replica.ts';
import type { ChangeRequest } from '../model/request.ts';
import type { ServiceName } from '../model/spec.ts';
import { reaches } from '../model/token.ts';
import type { RecordQuery } from '../ports/event-store.ts';
import type { LogStore } from '../ports/log-store.ts';
import type { Supervisor } from '../supervisor/port.ts';
import { Denial } from './denial.ts';
import {
  type Reached,
  changeSeen,
  explanationSeen,
  graphSeen,
  incidentSeen,
  planSeen,
  recordSeen,
  viewSeen,
} from './seen.ts';

/** Records that are looked through for a page of those that are seen. */
const LOOKED_THROUGH = 10_000;

/** What of the supervisor the globs reach. Shapes: at least one glob; a replica is reached by the name that is declared. */
export function reaching(whole: Supervisor, globs: readonly string[]): Supervisor {
  const reached: Reached = (name) => reaches(globs, name) || reaches(globs, declaredName(name));
  const seen = <T>(values: readonly T[], nameOf: (value: T) => ServiceName): readonly T[] =>
    values.filter((value) => reached(nameOf(value)));
  return {
    ...reads(whole, reached, seen),
    ...orders(whole, reached),
    logs: logsOf(whole, reached),
    define: () => refuse('the definition is that of the whole project'),
    note: () => refuse('notes are of the whole project'),
    down: () => refuse('it is about every service'),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

type Seen = <T>(values: readonly T[], nameOf: (value: T) => ServiceName) => readonly T[];
type Reads = Omit<
  Supervisor,
  keyof ReturnType<typeof orders> | 'logs' | 'define' | 'note' | 'down' | typeof Symbol.asyncDispose
>;

function reads(whole: Supervisor, reached: Reached, seen: Seen): Reads {
  const known = (name: ServiceName): ServiceName => {
    if (!reached(name)) throw outOfReach(name);
    return name;
  };
  return {
    definition: () => {
      const definition = whole.definition();
      return { ...definition, services: seen(definition.services, ({ name }) => name) };
    },
    differences: (definition) => seen(whole.differences(definition), ({ name }) => name),
    services: () => seen(whole.services(), ({ name }) => name).map((view) => viewSeen(view, reached)),
    statuses: () => seen(whole.statuses(), ({ name }) => name),
    service: (name) => viewSeen(whole.service(known(name)), reached),
    plan: (order) => planSeen(whole.plan(named(whole, reached, order)), reached),
    change: (id) => {
      const change = changeSeen(whole.change(id), reached);
      if (change === null) throw new NotFoundError('RSE4002', `cannot find change "${id}": there is no such change`);
      return change;
    },
    changes: () => whole.changes().flatMap((change) => changeSeen(change, reached) ?? []),
    settled: async (id, signal) => {
      const change = changeSeen(await whole.settled(id, signal), reached);
      if (change === null) throw new NotFoundError('RSE4002', `cannot find change "${id}": there is no such change`);
      return change;
    },
    incidents: () => whole.incidents().flatMap((incident) => incidentSeen(incident, reached) ?? []),
    launching: (name, order) => whole.launching(known(name), order),
    explain: (name) => explanationSeen(whole.explain(known(name)), reached),
    health: async (name, mode) => whole.health(known(name), mode),
    checks: (name) => whole.checks(known(name)),
    graph: () => graphSeen(whole.graph(), reached),
    impact: (name) => whole.impact(known(name)).filter(reached),
    records: (query) => recordsOf(whole, query, reached),
    subscribe: (subscription, signal) => follow(whole.subscribe(subscription, signal), reached),
  };
}

function orders(
  whole: Supervisor,
  reached: Reached,
): Pick<Supervisor, 'request' | 'reload' | 'signal' | 'pin' | 'abort'> {
  const all = (names: readonly ServiceName[]): readonly ServiceName[] => {
    for (const name of names) if (!reached(name)) throw outOfReach(name);
    return names;
  };
  return {
    request: (order) => {
      const asked = named(whole, reached, order);
      checkTouched(whole, asked, reached);
      const change = whole.request(asked);
      return changeSeen(change, reached) ?? change;
    },
    reload: (definition, by, restart) => {
      const touched = whole.differences(definition).filter(({ action }) => action !== 'none');
      all(touched.map(({ name }) => name));
      const { changes, ...applied } = whole.reload(definition, by, restart);
      const names = Object.fromEntries(Object.entries(applied).map(([key, list]) => [key, list.filter(reached)]));
      return { ...applied, ...names, changes: changes.flatMap((change) => changeSeen(change, reached) ?? []) };
    },
    signal: (names, order, by) => whole.signal(all(names), order, by),
    pin: (names, pin, by) => {
      for (const name of all(names)) whole.service(name);
      if (pin !== 'none') {
        const action = pin === 'up' ? 'start' : 'stop';
        const rest = { dependencies: 'settings', dependents: 'include', completed: 'keep' } as const;
        checkTouched(whole, { action, services: names, ...rest, by }, reached);
      }
      return whole.pin(names, pin, by).map((view) => viewSeen(view, reached));
    },
    abort: (id) => {
      const change = whole.change(id);
      if (changeSeen(change, reached) === null)
        throw new NotFoundError('RSE4002', `cannot find change "${id}": there is no such change`);
      all([...change.services, ...change.tasks.map(({ service }) => service)]);
      return whole.abort(id);
    },
  };
}

// What an order without names means, for somebody who reaches some: those.
function named(whole: Supervisor, reached: Reached, order: ChangeRequest): ChangeRequest {
  for (const name of order.services) if (!reached(name)) throw outOfReach(name);
  if (order.services.length > 0) return order;
  const isStart = order.action === 'up' || order.action === 'start' || order.action === 'run';
  const services = whole
    .definition()
    .services.filter(({ name, autostart }) => reached(name) && (!isStart || autostart === 'yes'))
    .map(({ name }) => name);
  // An empty list would mean everything.
  if (services.length === 0) refuse('it reaches no service that this would be about');
  return { ...order, services };
}

/** Errors: RSE4114 when the plan has a step at a service that is not reached, or one would follow by its own edge. */
function checkTouched(whole: Supervisor, order: ChangeRequest, reached: Reached): void {
  const { steps } = planned(whole, order, reached);
  const touched = new Set(steps.filter(({ action }) => action !== 'none').map(({ service }) => service));
  const lost = steps.filter(({ action }) => action === 'stop' || action === 'restart').map(({ service }) => service);
  const { edges } = whole.graph();
  for (let next = lost.pop(); next !== undefined; next = lost.pop())
    for (const { from, to, onLoss } of edges) {
      if (to !== next || onLoss === 'ignore' || touched.has(from)) continue;
      const { phase } = whole.service(from);
      if (phase === 'stopped' || phase === 'failed' || phase === 'completed') continue;
      touched.add(from);
      lost.push(from);
    }
  const hidden = [...touched].filter((name) => !reached(name)).length;
  if (hidden === 0) return;
  const what = hidden === 1 ? 'a service' : `${hidden} services`;
  refuse(`it would also touch ${what} out of its reach`);
}

function planned(whole: Supervisor, order: ChangeRequest, reached: Reached): ReturnType<Supervisor['plan']> {
  try {
    return whole.plan(order);
  } catch (error) {
    // Who stands in the way is told only to who reaches it.
    if (isRouseError(error) && !namesOf(error).every(reached)) refuse('services out of its reach stand in the way');
    throw error;
  }
}

function namesOf({ fields }: RouseError): readonly ServiceName[] {
  return [...(fields.services ?? []), ...(fields.service === undefined ? [] : [fields.service])];
}

function recordsOf(whole: Supervisor, query: RecordQuery, reached: Reached): ReturnType<Supervisor['records']> {
  const found = whole.records({ ...query, limit: Math.max(query.limit, LOOKED_THROUGH) });
  return found.flatMap((record) => recordSeen(record, reached) ?? []).slice(-query.limit);
}

async function* follow(
  records: ReturnType<Supervisor['subscribe']>,
  reached: Reached,
): ReturnType<Supervisor['subscribe']> & AsyncGenerator {
  for await (const record of records) {
    const shown = 'dropped' in record ? record : recordSeen(record, reached);
    if (shown !== null) yield shown;
  }
}

function logsOf(whole: Supervisor, reached: Reached): LogStore {
  const { logs } = whole;
  const known = (name: ServiceName): ServiceName => {
    if (!reached(name)) throw outOfReach(name);
    return name;
  };
  return {
    open: () => refuse('output is written by the daemon alone'),
    end: () => refuse('output is written by the daemon alone'),
    read: (query, signal) => {
      const all = whole.definition().services.map(({ name }) => name);
      const services = query.services.length === 0 ? all.filter(reached) : query.services.map(known);
      if (services.length === 0) refuse('it reaches no service that this would be about');
      return logs.read(
        {
          ...query,
          services,
          ...(query.after === undefined ? {} : { after: query.after.filter(({ service }) => reached(service)) }),
        },
        signal,
      );
    },
    bytes: async (service, tail) => logs.bytes(known(service), tail),
    last: (service, run, count) => (reached(service) ? logs.last(service, run, count) : []),
    retention: () => logs.retention?.() ?? 'whole-files',
  };
}

/** What is answered about a service that a token does not reach. */
export function outOfReach(name: ServiceName): Denial {
  return new Denial('RSE4114', `cannot reach "${name}": the token reaches other services`, { service: name });
}

function refuse(why: string): never {
  throw new Denial('RSE4114', `cannot do it with this token: ${why}`);
}
