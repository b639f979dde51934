/**
 * After a daemon's death: from what the store kept and what the runs left to a system that knows what it does not know.
 *
 * | stored, and the machine has not been restarted | becomes                                                       |
 * |------------------------------------------------|---------------------------------------------------------------|
 * | starting, ready, stopping, unknown             | unknown, until the runtime has said what became of the run    |
 * | backoff                                        | backoff, with what was left of its delay                      |
 * | anything else                                  | as it was                                                     |
 *
 * After a restart of the machine nothing lives: what was wanted up waits for its turn anew, tasks that were done
 * included, and the rest is stopped. Where a folder tells of a run that the store does not know, or calls over although it
 * lives, the store is behind (it was lost, or could not be written): the folder is believed, and what runs is wanted up.
 *
 * The same `step` then carries on: nothing about a run is decided here.
 */
import { findGraphFaults } from '../core/graph-faults.ts';
import type { System } from '../core/system.ts';
import { rebuild } from '../core/system.ts';
import type { Effect } from '../model/effect.ts';
import type { Happening } from '../model/event.ts';
import type { Reason } from '../model/reason.ts';
import type { RecordBody } from '../model/record.ts';
import type { Service } from '../model/service.ts';
import { desiredOf, isLive, newService } from '../model/service.ts';
import type { ServiceName, Spec } from '../model/spec.ts';
import type { StoredService } from '../ports/event-store.ts';
import type { Runtime } from '../ports/runtime.ts';
import { recordsOf } from './records.ts';

/** A run that has left traces. `doubt`: it may be there; `over`: it has ended; `reboot`: the machine was restarted since. */
export interface Trace {
  readonly service: ServiceName;
  readonly run: number;
  /** The definition that it was started with; null when that cannot be read. */
  readonly spec: Spec | null;
  readonly state: 'live' | 'doubt' | 'over' | 'reboot';
}

/** What an earlier daemon left. `boot` is the machine's present one; empty where it does not say. */
export interface Remains {
  readonly stored: readonly StoredService[];
  readonly traces: readonly Trace[];
  readonly boot: string;
}

/** What recovery came to by itself: to be written down, told to the engine, and performed. */
export interface Recovery {
  readonly system: System;
  readonly bodies: readonly RecordBody[];
  /** Services that are not as the store has them. */
  readonly services: readonly Service[];
  readonly effects: readonly Effect[];
  /** Ends that are known already. */
  readonly reports: readonly Happening[];
  /** Services that were found although the store knew nothing of their run. */
  readonly rebuilt: readonly ServiceName[];
}

/** The system as it is remembered. Units: `at` monotonic ms. What the definition no longer has is let go and ends. */
export function recover(specs: readonly Spec[], remains: Remains, at: number): Recovery {
  const { known, rebuilt } = believed(remains);
  const traces = new Map(remains.traces.map((trace) => [`${trace.service} ${trace.run}`, trace]));
  const traceOf = ({ name, run }: StoredService): Trace | null => traces.get(`${name} ${run}`) ?? null;
  const from = (spec: Spec): Recovered => {
    const stored = known.get(spec.name);
    const fresh = newService(spec, at);
    if (stored === undefined) return { service: fresh, stored: null };
    return { service: recoverService(fresh, stored, { trace: traceOf(stored), at, boot: remains.boot }), stored };
  };
  const here = new Set(specs.map((spec) => spec.name));
  const left = [...known.values()].flatMap((stored) => (here.has(stored.name) ? [] : leftOut(stored, traceOf(stored))));
  const staying = specs.map(from);
  const leaving = soundly(specs, left).map(from).filter(isInDoubt).map(letGo);
  const all = [...staying, ...leaving];
  const names = new Set(leaving.map(({ service }) => service.spec.name));
  const system = rebuild(
    all.map(({ service }) => service),
    names,
  );
  for (const { name, run } of known.values()) if (!system.graph.indexOf.has(name)) system.lastRuns.set(name, run);
  const changed = all.filter(({ service, stored }) => stored !== null && service.phase !== asDoubted(stored.phase));
  return {
    system,
    bodies: changed.flatMap(({ service, stored }) => (stored === null ? [] : told(service, stored))),
    services: changed.map(({ service }) => service),
    effects: all.flatMap(({ service }) => backoffOf(service, at)),
    reports: all.flatMap(knownEnd),
    rebuilt,
  };
}

/** Asks each runtime for the runs that are in doubt. The answers come as reports. */
export function adoptAll(system: System, runtime: Pick<Runtime, 'adopt'>): void {
  for (const service of system.services) {
    if (service.phase === 'unknown') runtime.adopt(service.runSpec ?? service.spec, service.run);
  }
}

interface Recovered {
  readonly service: Service;
  readonly stored: StoredService | null;
}

/** What is known of each service by the store, or by its newest folder where the store is behind. */
function believed({ stored, traces, boot }: Remains): {
  readonly known: ReadonlyMap<ServiceName, StoredService>;
  readonly rebuilt: readonly ServiceName[];
} {
  const known = new Map<ServiceName, StoredService>(stored.map((each) => [each.name, each]));
  const rebuilt: ServiceName[] = [];
  for (const trace of newest(traces)) {
    const kept = known.get(trace.service);
    const isBehind = kept === undefined || kept.run < trace.run;
    const isDenied = kept !== undefined && kept.run === trace.run && !isLive(kept.phase) && trace.state === 'live';
    if (!isBehind && !isDenied) continue;
    rebuilt.push(trace.service);
    known.set(trace.service, {
      ...kept,
      name: trace.service,
      demand: isBehind || kept === undefined ? 'asked' : kept.demand,
      phase: 'starting',
      step: 'none',
      reason: { code: 'asked' },
      run: trace.run,
      pid: null,
      exitCode: null,
      exitSignal: null,
      specHash: trace.spec?.hash ?? '',
      boot: trace.state === 'reboot' ? `not ${boot}` : boot,
    });
  }
  return { known, rebuilt };
}

function newest(traces: readonly Trace[]): Iterable<Trace> {
  const byService = new Map<ServiceName, Trace>();
  for (const trace of traces)
    if (trace.run > (byService.get(trace.service)?.run ?? 0)) byService.set(trace.service, trace);
  return byService.values();
}

interface Known {
  readonly trace: Trace | null;
  readonly at: number;
  readonly boot: string;
}

function recoverService(fresh: Service, stored: StoredService, { trace, at, boot }: Known): Service {
  const { name: _name, specHash, boot: ofBoot, ...state } = stored;
  const { spec } = fresh;
  const usual = specHash === spec.hash ? spec : { ...spec, hash: specHash };
  const runSpec = stored.run === 0 ? null : (trace?.spec ?? usual);
  // What is verified to live has not been through a restart of the machine, whatever the store says.
  const isSameBoot = ofBoot === undefined || ofBoot === boot || trace?.state === 'live';
  // Of an older version's row nothing but its columns is known; times of another boot mean nothing.
  const times = ofBoot === boot ? timesOf(stored, at) : NO_TIMES;
  const kept: Service = { ...fresh, ...state, ...times, since: times.since ?? at, spec, runSpec };
  if (!isSameBoot) return afterBoot(kept, at);
  switch (stored.phase) {
    case 'starting':
    case 'ready':
    case 'stopping':
    case 'unknown':
      return { ...kept, phase: 'unknown', step: stepOf(kept), stuck: null, limitAt: null, ...doubt(stored) };
    case 'waiting':
    case 'backoff':
      if (stored.phase === 'backoff' && kept.retryAt !== null) return kept;
      return { ...kept, phase: 'waiting', reason: waits(stored) };
    case 'completed':
    case 'failed':
      return { ...kept, reason: stored.reason ?? restReason(stored) };
    case 'stopped':
      return kept;
    default:
      return stored.phase satisfies never;
  }
}

type Times = Pick<Service, 'startedAt' | 'readyAt' | 'retryAt' | 'recentRestarts'> & { readonly since: number | null };

const NO_TIMES: Times = { since: null, startedAt: null, readyAt: null, retryAt: null, recentRestarts: [] };

/** Times as they were noted. None of the past lies in the future, whatever a file says. */
function timesOf({ since, startedAt, readyAt, retryAt, recentRestarts }: StoredService, at: number): Times {
  const past = (time: number | null | undefined): number | null =>
    typeof time === 'number' ? Math.min(time, at) : null;
  return {
    since: past(since),
    startedAt: past(startedAt),
    readyAt: past(readyAt),
    retryAt: retryAt ?? null,
    recentRestarts: (recentRestarts ?? []).map((time) => Math.min(time, at)),
  };
}

/** A stop whose command or signal was given goes on from there: what comes before it is not done twice. */
function stepOf({ phase, step }: Service): Service['step'] {
  const asked = step === 'ending' || step === 'killing' || step === 'stuck';
  return (phase === 'stopping' || phase === 'unknown') && asked ? 'ending' : 'none';
}

function doubt({ phase, reason }: StoredService): Pick<Service, 'reason'> {
  if (reason?.code === 'unverified') return { reason };
  const was = phase === 'starting' || phase === 'stopping' ? phase : 'ready';
  return { reason: { code: 'unverified', was, ...(reason === undefined ? {} : { because: reason }) } };
}

const waits = ({ demand, reason }: StoredService): Reason =>
  reason ?? { code: demand === 'needed' ? 'needed' : 'asked' };

function restReason({ phase, exitCode }: StoredService): Reason {
  const ending = { exitCode, signal: null };
  return phase === 'completed' ? { code: 'completed', ending } : { code: 'exited', ending };
}

/** The machine was restarted: nothing of it lives, and everything that is wanted begins anew. */
function afterBoot(service: Service, at: number): Service {
  const { demand, pin, intent, run, exitCode, exitSignal, lastStartMs, proven } = service;
  const kept = { demand, pin, intent, run, exitCode, exitSignal, lastStartMs, proven, runSpec: service.runSpec };
  const rested: Service = { ...newService(service.spec, at), ...kept };
  if (isLive(service.phase)) return begunAnew({ ...rested, exitCode: null, exitSignal: null });
  return begunAnew(rested);
}

function begunAnew(service: Service): Service {
  if (desiredOf(service) === 'down')
    return { ...service, reason: { code: service.demand === 'released' ? 'unneeded' : 'asked' } };
  return { ...service, phase: 'waiting', reason: { code: service.demand === 'needed' ? 'needed' : 'asked' } };
}

/** The definition of a run that may live although its service has left the file: its own, by which it is ended. */
function leftOut({ phase }: StoredService, trace: Trace | null): readonly Spec[] {
  return isLive(phase) && trace !== null && trace.spec !== null ? [trace.spec] : [];
}

/** Each stops before what it needed, as far as that is there and makes no circle with what others need. */
function soundly(specs: readonly Spec[], left: readonly Spec[]): readonly Spec[] {
  const present = new Set([...specs, ...left].map((spec) => spec.name));
  const within = left.map((spec) => ({
    ...spec,
    dependencies: spec.dependencies.filter((edge) => present.has(edge.name)),
  }));
  if (findGraphFaults([...specs, ...within]).length === 0) return within;
  return left.map((spec) => ({ ...spec, dependencies: [] }));
}

const isInDoubt = ({ service }: Recovered): boolean => service.phase === 'unknown';

const letGo = ({ service, stored }: Recovered): Recovered => ({
  service: { ...service, demand: 'none', pin: 'none' },
  stored,
});

const asDoubted = (phase: StoredService['phase']): StoredService['phase'] => (isLive(phase) ? 'unknown' : phase);

/** What a restart of the machine did to a service, in the words of any other step. */
function told(service: Service, { phase, spawned = 'no' }: StoredService): readonly RecordBody[] {
  return recordsOf({ before: { ...service, phase, spawned }, after: service });
}

function backoffOf(service: Service, at: number): readonly Effect[] {
  const { phase, retryAt, restarts: _restarts, spec, run } = service;
  if (phase !== 'backoff' || retryAt === null) return [];
  // Never longer than the policy allows: a file may say anything.
  const delayMs = Math.min(Math.max(0, retryAt - at), spec.restart.maxDelayMs * (1 + spec.restart.jitter));
  return [{ type: 'set-timer', timer: 'backoff', service: spec.name, run, delayMs }];
}

/** The end of a run that was known before its last hook was over. */
function knownEnd({ service, stored }: Recovered): readonly Happening[] {
  const ending = stored?.ending ?? null;
  if (ending === null || service.phase !== 'unknown') return [];
  return [{ type: 'exited', service: service.spec.name, run: service.run, ...ending }];
}
