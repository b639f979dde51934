/**
 * What an order would do, service by service, with the reason for each step. Nothing is changed.
 *
 * A plan is drawn from the same closures as the order itself (`core/want.ts`): starts reach what the targets need, stops
 * and restarts reach who depends on them, and what was only needed by those who stop goes with them. What conflicts with
 * something that starts is stopped first.
 */
import type { Plan, PlanStep } from '../model/plan.ts';
import type { Service } from '../model/service.ts';
import { desiredOf, isLive, isResting } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import { isUpwards } from './conflict.ts';
import { closure, conflictsOf, inOrder, needsOf, pullersOf } from './graph.ts';
import { criticalPath, numbersOf, wavesOf } from './order.ts';
import type { PlanDraft } from './plan-step.ts';
import { explainRelease, explainRestart, explainStart, explainStop } from './plan-step.ts';
import type { Order, WantOrder } from './request.ts';
import { wantOf } from './request.ts';
import { goingWith } from './rival.ts';
import type { System } from './system.ts';
import { at, pulls } from './system.ts';
import { touchedBy } from './want.ts';

/**
 * What the order would do, given what is so now.
 * Shapes: `targets` as named, or those that an empty list stands for, in declaration order; steps one by one as `order`.
 * Errors: RSE4001 for an unknown target.
 */
export function planChange(system: System, order: Order): Plan {
  const want = wantOf(system, order);
  const targets = new Set(numbersOf(system.graph, want.services));
  const draft = { system, want, targets, order, marks: new Uint8Array(system.graph.size) };
  const steps = new Map<number, PlanStep>();
  switch (want.action) {
    case 'start':
      planStart(draft, steps);
      break;
    case 'stop':
      planStop(draft, steps);
      break;
    case 'restart':
      planRestart(draft, steps);
      break;
    default:
      want.action satisfies never;
  }
  const giving = want.action === 'stop' ? [] : givingWay(draft);
  for (const { index, step } of giving) steps.set(index, step);
  return assemble(
    draft,
    steps,
    giving.map(({ index }) => index).filter((index) => draft.marks[index] !== 1),
  );
}

/** Those that stop because what is started conflicts with them, or with what they require; dependents first. */
function givingWay({ system, marks }: PlanDraft): readonly { readonly index: number; readonly step: PlanStep }[] {
  const { graph } = system;
  const found = new Map<number, PlanStep>();
  for (let index = 0; index < graph.size && graph.conflicts.length > 0; index += 1) {
    if (marks[index] !== 1) continue;
    const { name } = at(system, index).spec;
    for (const rival of conflictsOf(graph, index)) {
      if (!isUpwards(at(system, rival))) continue;
      for (const each of goingWith(system, rival)) {
        const service = at(system, each).spec.name;
        const why =
          each === rival ? `conflicts with ${name}` : `requires ${at(system, rival).spec.name}, which makes way`;
        if (!found.has(each)) found.set(each, { service, action: 'stop', why });
      }
    }
  }
  return Array.from(found, ([index, step]) => ({ index, step }));
}

function planStart(draft: PlanDraft, steps: Map<number, PlanStep>): void {
  const touched = touchedBy(draft.system, draft.want);
  for (const index of touched) draft.marks[index] = 1;
  for (const index of touched) steps.set(index, explainStart(draft, index));
}

function planStop(draft: PlanDraft, steps: Map<number, PlanStep>): void {
  const touched = touchedBy(draft.system, draft.want).filter(
    (index) => draft.targets.has(index) || !isResting(at(draft.system, index).phase),
  );
  for (const index of touched) draft.marks[index] = 1;
  for (const index of touched) steps.set(index, explainStop(draft, index));
  for (const index of releasedBy(draft)) {
    if (isResting(at(draft.system, index).phase)) continue;
    draft.marks[index] = 1;
    steps.set(index, explainRelease(draft, index));
  }
}

function planRestart(draft: PlanDraft, steps: Map<number, PlanStep>): void {
  const { system, want, targets, marks } = draft;
  for (const index of touchedBy(system, want)) if (targets.has(index) || isUp(system, index)) marks[index] = 1;
  for (const index of followers(draft)) marks[index] = 1;
  for (const index of inOrder(system.graph, marks)) steps.set(index, explainRestart(draft, index));
  // A target that runs without its needs goes on without them; one that does not run is asked for with them.
  const pulling = [...targets].filter((index) => !isUp(system, index) || pulls(at(system, index)));
  const needed = inOrder(system.graph, closure(system.graph, pulling, 'needs')).filter((index) => marks[index] !== 1);
  for (const index of needed) marks[index] = 1;
  for (const index of needed) steps.set(index, explainStart(draft, index));
}

/** Services kept up by nothing but those who stop: dependents come first in the walk, so that chains fall together. */
function releasedBy({ system, marks }: PlanDraft): number[] {
  const released = new Set<number>();
  const { graph } = system;
  for (const index of graph.order.toReversed()) {
    if (marks[index] === 1 || at(system, index).demand !== 'needed') continue;
    const holders = [...pullersOf(graph, index)].filter((dependent) => pulls(at(system, dependent)));
    if (holders.every((holder) => marks[holder] === 1 || released.has(holder))) released.add(index);
  }
  return [...released];
}

/** Live dependents outside the order whose edge says that they follow when the dependency is replaced. */
function followers({ system, marks }: PlanDraft): number[] {
  const { graph } = system;
  const found: number[] = [];
  const replaced = marks.slice();
  for (const index of graph.order) {
    const service = at(system, index);
    if (replaced[index] === 1 || (service.phase !== 'starting' && service.phase !== 'ready')) continue;
    const needs = needsOf(graph, index);
    const follows = service.spec.dependencies.some(
      (edge, place) => edge.onLoss !== 'ignore' && edge.need !== 'order' && replaced[needs[place] ?? 0] === 1,
    );
    if (!follows) continue;
    replaced[index] = 1;
    found.push(index);
  }
  return found;
}

function assemble(
  { system, want, marks }: PlanDraft,
  steps: ReadonlyMap<number, PlanStep>,
  giving: readonly number[],
): Plan {
  const { graph } = system;
  const started = inOrder(graph, marks);
  const order = want.action === 'stop' ? started.toReversed() : started;
  const names = order.map((index) => at(system, index).spec.name);
  const first = giving.map((index) => at(system, index).spec.name);
  return {
    targets: want.services,
    order: [...first, ...names],
    waves: [...first.map((name) => [name]), ...wavesFor(system, want, { marks, names })],
    steps: [...giving, ...order].flatMap((index) => steps.get(index) ?? []),
    criticalPath: criticalPath(graph, marks),
  };
}

function wavesFor(
  { graph }: System,
  want: WantOrder,
  { marks, names }: { readonly marks: Uint8Array; readonly names: readonly ServiceName[] },
): Plan['waves'] {
  // Started alone, nobody waits for anybody.
  if (want.action === 'start' && want.scope === 'alone') return names.length === 0 ? [] : [names];
  const waves = wavesOf(graph, marks);
  return want.action === 'stop' ? waves.map((wave) => wave.toReversed()).toReversed() : waves;
}

function isUp(system: System, index: number): boolean {
  const service: Service = at(system, index);
  return isLive(service.phase) && desiredOf(service) === 'up';
}
