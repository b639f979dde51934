/**
 * Bugs planted in a copy of the production code, each of which the simulator must catch.
 *
 * A simulator that passes may be blind; this list is its eye test. Each entry replaces one text in one file. A text that
 * is no longer there fails the test, so that the list cannot rot.
 */

/** A planted bug: in `file` (below `src/`), `from` becomes `to`. `name` says what is then wrong. */
export interface PlantedBug {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The list. Never shorter than 15. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'reports of an earlier run are believed',
    file: 'core/step.ts',
    from: 'if (service.run !== event.run) return undefined;',
    to: '',
  },
  {
    name: 'a late exit of an ended run is taken for a new one',
    file: 'core/transition.ts',
    from: 'if (!isLive(service.phase)) return stay(service);',
    to: '',
  },
  {
    name: 'a service starts before its dependencies are ready',
    file: 'core/schedule.ts',
    from: 'if (broken || (!free && (system.counts.unmet[index] ?? 0) > 0)) return;',
    to: 'if (broken) return;',
  },
  {
    name: 'a service stops while its dependents live',
    file: 'core/schedule.ts',
    from: 'if ((holders[index] ?? 0) > 0) return;',
    to: '',
  },
  {
    name: 'the limit of starts at once is one too high',
    file: 'core/schedule.ts',
    from: 'if (system.spawning >= limits.startsAtOnce) {',
    // With no place at all there is none more, or a start that cannot be recorded would be tried without end.
    to: 'if (limits.startsAtOnce === 0 || system.spawning > limits.startsAtOnce) {',
  },
  {
    name: 'whoever queues for a start is forgotten',
    file: 'core/schedule.ts',
    from: 'system.queue.add(index);',
    to: '',
  },
  {
    name: 'entering a phase leaves the old timers',
    file: 'core/move.ts',
    from: "if (hadRun || left === 'backoff') effects.push({ ...order, type: 'clear-timers' });",
    to: '',
  },
  {
    name: 'probes go on after the run has ended',
    file: 'core/move.ts',
    from: "if (hadRun) effects.push({ ...order, type: 'stop-probes' }, { ...order, type: 'release' });",
    to: '',
  },
  {
    name: 'a stubborn run is never killed',
    file: 'core/stop.ts',
    from: "{ ...order, type: 'set-timer', timer: 'kill', delayMs: spec.stop.timeoutMs },",
    to: '',
  },
  {
    name: 'the kill is sent once only',
    file: 'core/stop.ts',
    from: "effects: [killOrder(service), { ...order, type: 'set-timer', timer: 'kill', delayMs: KILL_AGAIN_MS }],",
    to: 'effects: [killOrder(service)],',
  },
  {
    name: 'a stop does not wait for its drain',
    file: 'core/stop.ts',
    from: "if (before.phase !== 'ready' || spec.stop.drainMs === 0) return beforeStop(service, at);",
    to: "if (before.phase !== 'starting' || spec.stop.drainMs === 0) return beforeStop(service, at);",
  },
  {
    name: 'a stop leaves its before_stop hook out',
    file: 'core/stop.ts',
    from: "if (spec.hooks.beforeStop === null || service.spawned === 'no') return askToEnd(service, at);",
    to: "if (spec.hooks.beforeStop === null || service.spawned === 'yes') return askToEnd(service, at);",
  },
  {
    name: 'only what was asked to end has its after_stop hook',
    file: 'core/ending.ts',
    from: 'if ((service.runSpec ?? service.spec).hooks.afterStop === null || !hasBegun(reason))',
    to: "if ((service.runSpec ?? service.spec).hooks.afterStop === null || service.phase !== 'stopping')",
  },
  {
    name: 'an end that is reported twice ends the after_stop hook',
    file: 'core/transition.ts',
    from: "if (service.step === 'after-stop' || (service.step === 'before-start' && !unbegun)) return stay(service);",
    to: '',
  },
  {
    name: 'a start goes on after its hook although its needs are lost',
    file: 'core/step.ts',
    from: 'withdrawn(draft.system, index, event) ?? onHookEnded(service, event)',
    to: 'onHookEnded(service, event)',
  },
  {
    name: 'a reload may last for ever',
    file: 'core/notice.ts',
    from: "return { next: { ...service, step: 'reloading', limitAt: at + delayMs }, effects: [{ ...order, delayMs }] };",
    to: "return { next: { ...service, step: 'reloading', limitAt: at + delayMs }, effects: [] };",
  },
  {
    name: 'a restart that is held back is forgotten',
    file: 'core/move.ts',
    from: 'effects: [{ ...order, delayMs: retryAt - now }],',
    to: 'effects: [],',
  },
  {
    name: 'the restart limit is one too high',
    file: 'core/restart.ts',
    from: 'if (recent.length < policy.limit) {',
    to: 'if (recent.length <= policy.limit) {',
  },
  {
    name: 'a service that ended while wanted down is restarted',
    file: 'core/ending.ts',
    from: "if (desiredOf(service) === 'down') return enterQuiet(",
    to: "if (desiredOf(service) === 'down' && service.phase === 'stopping') return enterQuiet(",
  },
  {
    name: 'nobody lets go of what only they needed',
    file: 'core/draft.ts',
    from: "} else if (!wanted && dependency.demand === 'needed' && counts.demanders[to] === 0) {",
    to: '} else if (false) {',
  },
  {
    name: 'dependents are not told when a dependency changes',
    file: 'core/draft.ts',
    from: 'if (looksDifferent(before, after)) this.#tellDependents(index, before, after);',
    to: '',
  },
  {
    name: 'a blocked dependent stays blocked when the cause is gone',
    file: 'core/schedule.ts',
    from: "if (broken !== (service.reason.code === 'dependency')) {",
    to: "if (broken && service.reason.code !== 'dependency') {",
  },
  {
    name: 'a task that is done lets its dependency stop before its dependents',
    file: 'core/system.ts',
    from: "return service.demand !== 'alone' && (isLive(service.phase) || leavers > 0);",
    to: "return service.demand !== 'alone' && isLive(service.phase);",
  },
  {
    name: 'backoff never ends',
    file: 'core/move.ts',
    from: "effects: [...effects, { ...order, type: 'set-timer', timer: 'backoff', delayMs }],",
    to: 'effects,',
  },
  {
    name: 'what is not recorded is started all the same',
    file: 'engine/engine.ts',
    from: 'const refused = this.storeFault === null ? null : unbegun(effect);',
    to: 'const refused = this.storeFault === null || effect.run % 2 === 0 ? null : unbegun(effect);',
  },
  {
    name: 'recovery forgets what was running',
    file: 'engine/recover.ts',
    from: "return { ...kept, phase: 'unknown', step: stepOf(kept), stuck: null, limitAt: null, ...doubt(stored) };",
    to: "return { ...kept, phase: 'stopped' };",
  },
  {
    name: 'a waiter gets no result when its task is superseded',
    file: 'core/verdict.ts',
    from: "if (desiredOf(service) === 'down') return { state: 'canceled' };",
    to: "if (desiredOf(service) === 'down') return { state: 'waiting' };",
  },
  {
    name: 'removed services keep running',
    file: 'core/redefine.ts',
    from: "if (draft.system.leaving.has(after.spec.name)) draft.apply(index, onRelease(after, 'none', event.at));",
    to: 'if (draft.system.leaving.has(after.spec.name)) continue;',
  },
  {
    name: 'a service starts beside one that it conflicts with',
    file: 'core/schedule.ts',
    from: 'if (standsOff(draft, index) || (system.counts.liveConflicts[index] ?? 0) > 0) return;',
    to: 'if (standsOff(draft, index)) return;',
  },
  {
    name: 'what is pinned down is woken',
    file: 'core/transition.ts',
    from: "if (service.pin === 'down') return stay(woken);",
    to: '',
  },
  {
    name: 'a start does not wait for whom it comes after',
    file: 'core/edge.ts',
    from: "if (edge.need === 'order') return !isUnderWay(dependency);",
    to: "if (edge.need === 'order') return true;",
  },
  {
    name: 'a start does not let a stop go first',
    file: 'core/schedule.ts',
    from: 'if (!free && (system.counts.stoppingDependents[index] ?? 0) > 0) return;',
    to: '',
  },
  {
    name: 'starting a service does not make its rivals go',
    file: 'core/draft.ts',
    from: 'if (!isUpwards(before) && isUpwards(after)) this.#risen.push(index);',
    to: '',
  },
  {
    name: 'nobody is told when a rival has ended',
    file: 'core/draft.ts',
    from: 'if (counts.liveConflicts[other] === 0) this.consider(other);',
    to: '',
  },
  {
    name: 'a change that was open when the daemon died never ends',
    file: 'engine/changes.ts',
    from: 'if (change.endedAt !== null || this.#entries.has(change.id)) continue;',
    to: 'if (Number(change.id) > 0) continue;',
  },
  {
    name: 'what is pinned up is left where it rests',
    file: 'core/pin.ts',
    from: "return desiredOf(pinned) === 'up' ? rise(pinned, at) : fall(pinned, at);",
    to: "return desiredOf(pinned) === 'up' ? stay(pinned) : fall(pinned, at);",
  },
  {
    name: 'there is a token for every restart',
    file: 'core/damper.ts',
    from: 'system.damperAt = spent(system.damperAt, now, budget);',
    to: '',
  },
  {
    name: 'restarts that were held do not pass the damper',
    file: 'core/schedule.ts',
    from: "const isRestart = service.reason.code === 'dependency-lost';",
    to: "const isRestart = service.reason.code === 'conflict';",
  },
];
