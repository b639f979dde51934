/** The commands that a definition runs at certain moments of a run, whatever kind of service it is. */
import type { HookName, ServiceName, Spec } from '../model/spec.ts';
import type { RuntimeParts } from './parts.ts';
import { type CommandOutcome, type RunningCommand, runCommand } from './run-command.ts';

/** The hooks of all runs. */
export interface Hooks {
  /** Runs a hook and reports `hook-ended` once. A spec without that hook is reported `ok`. */
  run(spec: Spec, run: number, hook: HookName): void;
  /** SIGKILL to the hooks of a run; their end is reported all the same. */
  kill(service: ServiceName, run: number): void;
}

/** Hooks that run as their service would: its folder, its environment, its output. */
export function createHooks(parts: RuntimeParts): Hooks {
  const running = new Map<string, Set<RunningCommand>>();
  const key = (service: ServiceName, run: number): string => `${service} ${run}`;
  const say = (spec: Spec, run: number, hook: HookName, outcome: CommandOutcome): void => {
    const result = outcome.type === 'ended' && outcome.exitCode === 0 ? 'ok' : 'failed';
    parts.report({ type: 'hook-ended', service: spec.name, run, hook, result, message: wordsOf(outcome) });
  };
  return {
    run(spec, run, hook) {
      const rule = spec.hooks[hook];
      if (rule === null) {
        queueMicrotask(() => say(spec, run, hook, { type: 'ended', exitCode: 0, signal: null }));
        return;
      }
      const { command, timeoutMs } = rule;
      const one = runCommand(parts, { command, spec, run, timeoutMs, output: 'log', environment: {} });
      const place = key(spec.name, run);
      const set = running.get(place) ?? new Set();
      running.set(place, set.add(one));
      void one.outcome.then((outcome) => {
        set.delete(one);
        if (set.size === 0) running.delete(place);
        say(spec, run, hook, outcome);
      });
    },
    kill(service, run) {
      for (const one of running.get(key(service, run)) ?? []) one.kill();
    },
  };
}

function wordsOf(outcome: CommandOutcome): string {
  switch (outcome.type) {
    case 'ended':
      return outcome.signal === null ? `exit ${outcome.exitCode ?? 'unknown'}` : `killed by ${outcome.signal}`;
    case 'timeout':
      return 'it took too long';
    case 'fault':
      return outcome.fault.message;
    default:
      return outcome satisfies never;
  }
}
