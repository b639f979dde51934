/** Views with what somebody does not reach left out. Null where nothing is left. */
import type { Change } from '../model/change.ts';
import type { Explanation } from '../model/explanation.ts';
import type { Incident } from '../model/incident.ts';
import type { Plan } from '../model/plan.ts';
import type { Reason } from '../model/reason.ts';
import type { ProjectRecord, RecordBody } from '../model/record.ts';
import type { ServiceName } from '../model/spec.ts';
import type { GraphView, ServiceView } from '../model/view.ts';

/** Whether a service is reached. */
export type Reached = (name: ServiceName) => boolean;

/** What stands in place of a name that is not told. */
const SOMEBODY = 'another service';
const WORDS = 'because of a service that is out of reach';

/** A service without the names of neighbours that are not reached. */
export function viewSeen(view: ServiceView, reached: Reached): ServiceView {
  const { reason } = view;
  const isHidden = reason?.service !== null && reason?.service !== undefined && !reached(reason.service);
  return {
    ...view,
    reason: isHidden ? { ...reason, service: null, text: WORDS } : reason,
    waitingFor: view.waitingFor.filter(reached),
    dependsOn: view.dependsOn.filter(reached),
    dependents: view.dependents.filter(reached),
    degradedBy: view.degradedBy.filter(reached),
  };
}

/** A change with the parts that are reached. */
export function changeSeen(change: Change, reached: Reached): Change | null {
  const services = change.services.filter(reached);
  const tasks = change.tasks.filter(({ service }) => reached(service));
  if (services.length === change.services.length && tasks.length === change.tasks.length) return change;
  if (services.length === 0 && tasks.length === 0) return null;
  return {
    ...change,
    services,
    summary: `${change.action} ${services.join(', ')}`.trim(),
    error: change.error === null ? null : 'it failed',
    tasks: tasks.map((task) => ({
      ...task,
      waitingFor: task.waitingFor.filter(reached),
      root: task.root === null || reached(task.root) ? task.root : null,
      error: task.root === null || reached(task.root) ? task.error : WORDS,
    })),
  };
}

/** A plan with the steps that are reached. */
export function planSeen(plan: Plan, reached: Reached): Plan {
  return {
    targets: plan.targets.filter(reached),
    order: plan.order.filter(reached),
    waves: wavesSeen(plan.waves, reached),
    steps: plan.steps.filter(({ service }) => reached(service)),
    criticalPath: plan.criticalPath.filter(reached),
  };
}

/** The graph of what is reached. */
export function graphSeen(graph: GraphView, reached: Reached): GraphView {
  return {
    services: graph.services.filter(reached),
    edges: graph.edges.filter(({ from, to }) => reached(from) && reached(to)),
    waves: wavesSeen(graph.waves, reached),
    criticalPath: graph.criticalPath.filter(reached),
  };
}

/** An incident whose root is reached. */
export function incidentSeen(incident: Incident, reached: Reached): Incident | null {
  return reached(incident.service) ? { ...incident, services: incident.services.filter(reached) } : null;
}

/** An explanation down to the last link that is reached; what lies below it is told to exist, and no more. */
export function explanationSeen(explanation: Explanation, reached: Reached): Explanation {
  const end = explanation.chain.findIndex(({ service }) => !reached(service));
  if (end < 0) return explanation;
  const chain = explanation.chain.slice(0, end);
  const root = chain.at(-1) ?? { ...explanation.root, service: SOMEBODY };
  return { ...explanation, text: WORDS, chain, root, facts: [], fixes: [], next: null };
}

/** A record of what is reached. */
export function recordSeen(record: ProjectRecord, reached: Reached): ProjectRecord | null {
  const body = bodySeen(record.body, reached);
  if (body === null || body === record.body) return body === null ? null : record;
  return { ...record, body };
}

function bodySeen(body: RecordBody, reached: Reached): RecordBody | null {
  switch (body.type) {
    case 'service.phase':
      return reached(body.service) ? { ...body, ...reasonSeen(body, reached) } : null;
    case 'incident.opened':
      if (!reached(body.service)) return null;
      return { ...body, ...reasonSeen(body, reached), services: body.services.filter(reached) };
    case 'incident.closed':
      return reached(body.service) ? { ...body, services: body.services.filter(reached) } : null;
    case 'service.health':
    case 'service.exit':
    case 'service.restart':
    case 'service.signalled':
    case 'service.hook':
    case 'service.pinned':
    case 'schedule.due':
      return reached(body.service) ? body : null;
    case 'files.changed':
      // Of the definition's own files it names none.
      return body.services.length > 0 && body.services.every(reached) ? body : null;
    case 'change.created':
    case 'change.done': {
      const change = changeSeen(body.change, reached);
      return change === null ? null : { ...body, change };
    }
    case 'change.progress':
      return reached(body.task.service) ? body : null;
    case 'definition.applied':
      return {
        ...body,
        added: body.added.filter(reached),
        changed: body.changed.filter(reached),
        removed: body.removed.filter(reached),
      };
    case 'system.started':
    case 'system.recovered':
    case 'system.stopping':
      return body.type === 'system.recovered' ? { ...body, rebuilt: body.rebuilt.filter(reached) } : body;
    default:
      return body satisfies never;
  }
}

function reasonSeen(
  { reason, text }: { readonly reason: Reason; readonly text: string },
  reached: Reached,
): { readonly reason: Reason; readonly text: string } {
  const inner = reason.code === 'restart-limit' ? reason.last : reason;
  if (!('service' in inner) || reached(inner.service)) return { reason, text };
  const hidden: Reason = { ...inner, service: SOMEBODY };
  return { reason: reason.code === 'restart-limit' ? { ...reason, last: hidden } : hidden, text: WORDS };
}

function wavesSeen(waves: Plan['waves'], reached: Reached): Plan['waves'] {
  return waves.map((wave) => wave.filter(reached)).filter((wave) => wave.length > 0);
}
