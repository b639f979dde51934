/** What is known about the root of a state: its run, its checks, its restarts, its last words. */
import type { Check } from '../model/check.ts';
import { formatDuration } from '../model/duration.ts';
import type { StartFault } from '../model/reason.ts';
import type { Service } from '../model/service.ts';
import { isLive } from '../model/service.ts';
import { count, describeEnding, describeReason, describeWhy } from './describe-reason.ts';
import { isMet } from './edge.ts';
import type { Cause, Evidence } from './explain-cause.ts';
import { rootOf, subjectOf } from './explain-cause.ts';
import { lastEnding, memoryFacts } from './explain-memory.ts';
import { needsOf } from './graph.ts';
import { at } from './system.ts';

/** Log lines shown; enough for a stack's head, few enough to read. */
const LINES = 12;

/** Sentences: first what the service needs, then the root's run, checks, restarts and last lines. */
export function findFacts(cause: Cause, evidence: Evidence): readonly string[] {
  const root = rootOf(cause);
  return [
    ...needFacts(cause),
    ...pinFacts(root, evidence),
    ...runFacts(root, evidence.monotonic),
    ...checkFacts(root, evidence.checks(root.spec.name)),
    ...restartFacts(root),
    ...wishFacts(subjectOf(cause)),
    ...logFacts(root, evidence),
  ];
}

/** Each dependency of a waiting service: what is needed of it, and whether that is so. */
function needFacts({ system, index }: Cause): string[] {
  const service = at(system, index);
  if (service.phase !== 'waiting') return [];
  if (service.demand === 'alone') return [`${service.spec.name} was asked for without its dependencies`];
  const needs = needsOf(system.graph, index);
  return service.spec.dependencies.map((edge, place) => {
    const dependency = at(system, needs[place] ?? 0);
    const state = isMet(edge, dependency) ? 'it is so' : `it is ${dependency.phase} (${describeWhy(dependency)})`;
    const when = edge.when === 'ready' && dependency.spec.kind === 'task' ? 'completed' : edge.when;
    if (edge.need === 'order') return `${service.spec.name} starts after ${edge.name}: ${state}`;
    return `${service.spec.name} needs ${edge.name} ${when}: ${state}`;
  });
}

function pinFacts({ spec, pin }: Service, evidence: Evidence): string[] {
  if (pin === 'none') return [];
  const by = evidence.pinnedBy?.(spec.name) ?? null;
  return [`${spec.name} is pinned ${pin}${by === null ? '' : ` by ${by}`}`];
}

function runFacts(root: Service, now: number): string[] {
  const { name } = root.spec;
  if (isLive(root.phase)) {
    const pid = root.pid === null ? '' : `, pid ${root.pid}`;
    const since = root.startedAt === null ? '' : `, for ${formatDuration(now - root.startedAt)}`;
    const outdated = root.runSpec !== null && root.runSpec.hash !== root.spec.hash;
    const facts = root.run === 0 ? [] : [`${name} is in run ${root.run}${pid}${since}`];
    return outdated ? [...facts, `${name} runs by an older definition`] : facts;
  }
  if (root.run === 0) return [];
  const known = root.exitCode !== null || root.exitSignal !== null;
  const ended = `run ${root.run} of ${name} ended: ${describeEnding(lastEnding(root))}`;
  const facts = known ? [ended, ...memoryFacts(root)] : [];
  const { reason } = root;
  if (reason.code === 'restart-limit') return [...facts, `its last run ended so: ${describeReason(reason.last)}`];
  if (reason.code === 'start-failed')
    return [
      ...facts,
      `run ${root.run} of ${name} never began: ${reason.fault.message}`,
      ...stageFacts(root, reason.fault),
    ];
  return facts;
}

/** At which stage of a start it failed, and what is missing there; of faults that trying again at once does not mend. */
function stageFacts(root: Service, fault: StartFault): string[] {
  const { name, cwd, restart } = root.spec;
  const program = fault.program === null ? 'its program' : `its program "${fault.program}"`;
  const stages: Readonly<Partial<Record<StartFault['code'], string>>> = {
    'not-found': `the start stopped where ${program} is executed: it is not there`,
    'not-executable': `the start stopped where ${program} is executed: it may not be`,
    'bad-directory': `the start stopped where the folder "${cwd}" is entered`,
    'hook-failed': 'the start stopped at its before_start hook',
  };
  const stage = stages[fault.code];
  if (stage === undefined) return [];
  const kept = root.phase === 'backoff' && fault.code !== 'hook-failed';
  const again = `${name} was ready with this definition before, so it is tried every ${formatDuration(restart.maxDelayMs)}`;
  return kept ? [stage, again] : [stage];
}

function checkFacts(root: Service, checks: readonly Check[]): string[] {
  return checks
    .filter((check) => check.run === root.run)
    .map((check) => {
      // While it came up, refusals were to be expected: once it is ready, what counts is what came after its first pass.
      const first = root.phase === 'ready' ? check.results.findIndex((result) => result.answer === 'pass') : 0;
      const counted = check.results.slice(Math.max(0, first));
      const failed = counted.filter((result) => result.answer === 'fail').length;
      const last = check.results.at(-1);
      if (last === undefined) return `check ${check.target}: not answered yet`;
      const sum = `${failed} of the last ${counted.length} failed, every ${formatDuration(check.intervalMs)}`;
      return `check ${check.target}: ${sum}; last: ${last.message} (${formatDuration(last.latencyMs)})`;
    });
}

function restartFacts(root: Service): string[] {
  const { limit, withinMs, policy } = root.spec.restart;
  const { name } = root.spec;
  const facts: string[] = [];
  if (root.restarts > 0) {
    const within = `${root.recentRestarts.length} of at most ${limit} in ${formatDuration(withinMs)}`;
    facts.push(`${name} was restarted ${count(root.restarts, 'time')} by its policy (${within})`);
  }
  if (root.failedStarts > 1) facts.push(`${name} ended ${root.failedStarts} times in a row before it was ready`);
  if (root.phase === 'failed' && policy === 'no') facts.push(`${name} is not restarted: its policy is "no"`);
  return facts;
}

/** Whether somebody still wants a service that does not run. */
function wishFacts(service: Service): string[] {
  const { name } = service.spec;
  if (service.demand === 'needed' && service.phase !== 'waiting') return [`${name} is up because a dependent needs it`];
  const again = service.phase === 'failed' && service.demand !== 'none' && service.demand !== 'released';
  return again ? [`${name} is still wanted up, but is not tried again by itself`] : [];
}

function logFacts(root: Service, evidence: Evidence): string[] {
  const telling = root.phase === 'ready' ? root.health.verdict === 'unhealthy' : TELLING.includes(root.phase);
  if (!telling || root.run === 0) return [];
  const lines = evidence.lastLogs(root.spec.name, LINES).filter((line) => line.trim() !== '');
  return lines.map((line) => `log: ${line}`);
}

const TELLING: readonly Service['phase'][] = ['starting', 'stopping', 'backoff', 'failed', 'unknown'];
