/**
 * What each role sees: the one place where it is decided.
 *
 * | | viewer | operator | admin |
 * |---|---|---|---|
 * | states, health, events, changes, graph, plans | yes, masked | yes, masked | yes |
 * | output of services, last lines in changes | with the flag | yes | yes |
 * | commands, environment, folders, users, files and places | | | yes |
 * | values of the environment | | | as `***` |
 *
 * Routes read through `call.parts.supervisor`, which for everybody but an admin is the one made here. So a route that is
 * added cannot show more than this lets through. Every method of the port is written out, so that one that is added has to
 * be thought of. Who may give which order is decided before, by the role of the route.
 */
import type { ApiSystem } from '../contract/api-system.ts';
import type { Caller } from '../model/caller.ts';
import type { Change } from '../model/change.ts';
import type { Check, HealthReport } from '../model/check.ts';
import { PLAIN_CONFINEMENT } from '../model/confinement.ts';
import type { Explanation } from '../model/explanation.ts';
import type { HeldBy, LimitHeld } from '../model/held.ts';
import type { ProjectRecord, RecordBody } from '../model/record.ts';
import { PLAIN, type Definition, type Spec } from '../model/spec.ts';
import type { ServiceView } from '../model/view.ts';
import type { LogStore } from '../ports/log-store.ts';
import type { Supervisor } from '../supervisor/port.ts';
import { Denial } from './denial.ts';
import { type Mask, maskOf } from './masks.ts';

/** What a fact begins with that is a line of output. */
const LINE = 'log: ';

/** The supervisor as this caller sees it. Shapes: for an admin it is the very same. */
export function viewOf(whole: Supervisor, caller: Pick<Caller, 'role' | 'logs'>): Supervisor {
  if (caller.role === 'admin') return whole;
  const mask: Mask = (text) => maskOf(whole.definition())(text);
  const change = (seen: Change): Change => changeSeen(seen, mask);
  return {
    logs: caller.logs === 'read' ? whole.logs : withoutLines(whole.logs),
    definition: () => definitionSeen(whole.definition()),
    differences: (definition) => whole.differences(definition).map((each) => ({ ...each, before: null, after: null })),
    services: () => whole.services().map((view) => serviceSeen(view, mask)),
    statuses: () => whole.statuses(),
    service: (name) => serviceSeen(whole.service(name), mask),
    plan: (order) => {
      const plan = whole.plan(order);
      return { ...plan, steps: plan.steps.map((step) => ({ ...step, why: mask(step.why) })) };
    },
    change: (id) => change(whole.change(id)),
    changes: () => whole.changes().map(change),
    settled: async (id, signal) => change(await whole.settled(id, signal)),
    incidents: () => whole.incidents().map((incident) => ({ ...incident, text: mask(incident.text) })),
    explain: (name) => explanationSeen(whole, whole.explain(name), { mask, logs: caller.logs }),
    health: async (name, mode) => healthSeen(await whole.health(name, mode), mask),
    checks: (name) => whole.checks(name).map((check) => checkSeen(check, mask)),
    graph: () => whole.graph(),
    impact: (name) => whole.impact(name),
    records: (query) => whole.records(query).map((record) => recordSeen(record, mask)),
    subscribe: (subscription, signal) => follow(whole.subscribe(subscription, signal), mask),
    request: (order) => change(whole.request(order)),
    reload: (definition, by, restart) => {
      const done = whole.reload(definition, by, restart);
      return { ...done, changes: done.changes.map(change) };
    },
    pin: (names, pin, by) => whole.pin(names, pin, by).map((view) => serviceSeen(view, mask)),
    signal: (names, order, by) => whole.signal(names, order, by),
    abort: (id) => change(whole.abort(id)),
    launching: () => forAdmins('show how a command is run'),
    define: () => forAdmins('replace the definition'),
    note: () => forAdmins('write history'),
    down: () => forAdmins('end everything'),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The daemon as this caller sees it: where it lies and what it reads is for admins. */
export function systemSeen(system: ApiSystem, { role }: Pick<Caller, 'role'>): ApiSystem {
  if (role === 'admin') return system;
  return {
    ...system,
    directory: '',
    files: [],
    socket: '',
    listeners: system.listeners.filter(({ kind }) => kind === 'tcp'),
    state_directory: '',
    path: '',
    runs_as_root: [],
    audit: { ...system.audit, why: null, head: null },
  };
}

function definitionSeen(definition: Definition): Definition {
  return { ...definition, directory: '', files: [], services: definition.services.map(specSeen) };
}

// As what does nothing by itself: there is no command then that could be shown.
function specSeen(spec: Spec): Spec {
  return {
    ...spec,
    execution: { type: 'external' },
    dependencies: spec.dependencies.map((edge) => ({ ...edge, origin: null })),
    env: {},
    inheritEnv: [],
    cwd: '',
    readiness: { type: 'completion' },
    liveness: null,
    stop: { ...spec.stop, command: null },
    hooks: PLAIN.hooks,
    confinement: PLAIN_CONFINEMENT,
    secrets: {},
    watch: null,
    origin: null,
  };
}

function serviceSeen(view: ServiceView, mask: Mask): ServiceView {
  const { reason, held, saying } = view;
  return {
    ...view,
    health: healthSeen(view.health, mask),
    reason: reason === null ? null : { ...reason, text: mask(reason.text) },
    saying: saying === null ? null : mask(saying),
    held: held === null ? null : heldSeen(held, mask),
    origin: null,
  };
}

function heldSeen({ tree, why, limits }: HeldBy, mask: Mask): HeldBy {
  const limitSeen = (limit: LimitHeld): LimitHeld =>
    typeof limit === 'string' ? limit : { unavailable: mask(limit.unavailable) };
  return {
    tree,
    why: why === null ? null : mask(why),
    limits: {
      memoryBytes: limitSeen(limits.memoryBytes),
      cpus: limitSeen(limits.cpus),
      processes: limitSeen(limits.processes),
    },
  };
}

function healthSeen(report: HealthReport, mask: Mask): HealthReport {
  return { ...report, message: mask(report.message) };
}

// What is asked may be a command, a file or a pattern; an address is what everybody can see on the wire.
function checkSeen(check: Check, mask: Mask): Check {
  const results = check.results.map((result) => ({ ...result, message: mask(result.message) }));
  return { ...check, target: targetSeen(check.target, mask), results };
}

function targetSeen(target: string, mask: Mask): string {
  return /^(?:command|file|log line|process)(?= )/.exec(target)?.[0] ?? mask(target);
}

/** What it says of checks, and of the last lines of output, is not for everybody. */
function explanationSeen(
  whole: Supervisor,
  explanation: Explanation,
  { mask: words, logs }: { readonly mask: Mask; readonly logs: Caller['logs'] },
): Explanation {
  const { chain, root, next } = explanation;
  const named = new Set([...chain, root].map(({ service }) => service));
  const targets = whole
    .definition()
    .services.filter(({ name }) => named.has(name))
    .flatMap(({ name }) => whole.checks(name).map(({ target }) => target));
  const mask: Mask = (text) =>
    words(targets.reduce((left, target) => left.replaceAll(target, targetSeen(target, words)), text));
  const link = (seen: Explanation['root']): Explanation['root'] => ({ ...seen, reason: mask(seen.reason) });
  return {
    ...explanation,
    text: mask(explanation.text),
    chain: chain.map(link),
    root: link(root),
    facts: explanation.facts.filter((fact) => logs === 'read' || !fact.startsWith(LINE)).map(mask),
    fixes: explanation.fixes.map(({ text, command }) => ({
      text: mask(text),
      command: command === null ? null : mask(command),
    })),
    next: next === null ? null : { ...next, text: mask(next.text) },
  };
}

function changeSeen(change: Change, mask: Mask): Change {
  const words = (text: string | null): string | null => (text === null ? null : mask(text));
  return {
    ...change,
    summary: mask(change.summary),
    error: words(change.error),
    tasks: change.tasks.map((task) => ({ ...task, error: words(task.error) })),
  };
}

function recordSeen(record: ProjectRecord, mask: Mask): ProjectRecord {
  return { ...record, body: bodySeen(record.body, mask) };
}

function bodySeen(body: RecordBody, mask: Mask): RecordBody {
  switch (body.type) {
    // Of a reason only its code and its words are told; the words are these.
    case 'service.phase':
    case 'incident.opened':
    case 'incident.closed':
    case 'schedule.due':
      return { ...body, text: mask(body.text) };
    case 'files.changed':
      return { ...body, files: [], text: mask(body.text) };
    case 'service.health':
      return { ...body, message: body.message === null ? null : mask(body.message) };
    case 'service.hook':
      return { ...body, message: mask(body.message) };
    case 'change.created':
    case 'change.done':
      return { ...body, change: changeSeen(body.change, mask) };
    case 'change.progress':
      return { ...body, task: { ...body.task, error: body.task.error === null ? null : mask(body.task.error) } };
    case 'service.exit':
    case 'service.restart':
    case 'service.signalled':
    case 'service.pinned':
    case 'definition.applied':
    case 'system.started':
    case 'system.recovered':
    case 'system.stopping':
      return body;
    default:
      return body satisfies never;
  }
}

async function* follow(
  records: ReturnType<Supervisor['subscribe']>,
  mask: Mask,
): ReturnType<Supervisor['subscribe']> & AsyncGenerator {
  for await (const record of records) yield 'dropped' in record ? record : recordSeen(record, mask);
}

function withoutLines(logs: LogStore): LogStore {
  const hidden = (): never => forAdmins('show the output of services');
  return {
    open: hidden,
    end: hidden,
    read: hidden,
    bytes: async () => hidden(),
    last: () => [],
    retention: () => logs.retention?.() ?? 'whole-files',
  };
}

function forAdmins(what: string): never {
  throw new Denial('RSE4113', `cannot ${what}: your role does not allow it`);
}
