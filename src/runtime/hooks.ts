/**
 * The commands that a definition runs at certain moments of a run, whatever kind of service it is.
 *
 * | hook          | sees besides `ROUSE_HOOK` and what its service sees | its last lines are quoted when it fails |
 * |---------------|-----------------------------------------------------|------------------------------------------|
 * | `beforeStart` | –                                                   | yes: nobody else writes                  |
 * | `afterReady`  | `ROUSE_PID`                                         | no: they could be the service's          |
 * | `beforeStop`  | `ROUSE_PID`                                         | no: they could be the service's          |
 * | `afterStop`   | `ROUSE_EXIT_CODE`, `ROUSE_EXIT_SIGNAL`              | yes: nobody else writes                  |
 *
 * A variable whose value nobody knows is not set. A hook prints to the output of its run.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { formatDuration } from '../model/duration.ts';
import type { HookName, ServiceName, Spec } from '../model/spec.ts';
import type { RuntimeReport } from '../ports/runtime.ts';
import { endLeftCommands } from './command-left.ts';
import type { Environment } from './environment.ts';
import { type CommandOutcome, type CommandParts, type RunningCommand, runCommand } from './run-command.ts';

/** The hooks of all runs. */
export interface Hooks {
  /** Runs a hook and reports `hook-ended` once. A spec without that hook is reported `ok`. */
  run(spec: Spec, run: number, hook: HookName): void;
  /** SIGKILL to the hooks of a run and to all that they started; their end is reported all the same. */
  kill(service: ServiceName, run: number): void;
}

/** What is known of a run when its hook runs; null = not known. */
export interface RunFacts {
  readonly pid: number | null;
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
}

/** Says what is known of a run now. */
export type FactsOf = (service: ServiceName, run: number) => RunFacts;

/** Names as people write them in definitions. */
const WORDS: Readonly<Record<HookName, string>> = {
  beforeStart: 'before_start',
  afterReady: 'after_ready',
  beforeStop: 'before_stop',
  afterStop: 'after_stop',
};
/** Of what a failed hook printed: lines and characters that are quoted, and how far back they are looked for. */
const QUOTED = { lines: 3, characters: 300, bytes: 4096 };

/**
 * Hooks that run as their service would: its folder, its environment, its output. Commands that were on their way when
 * an earlier daemon was killed are ended first, with all that they had started; no hook begins before that.
 */
export function createHooks(parts: CommandParts, factsOf: FactsOf): Hooks {
  const running = new Map<string, Set<RunningCommand>>();
  const key = (service: ServiceName, run: number): string => `${service} ${run}`;
  const others = endLeftCommands(parts);
  const perform = async (spec: Spec, run: number, hook: HookName): Promise<void> => {
    await others;
    const rule = spec.hooks[hook];
    if (rule === null) return parts.report(reportOf(spec, run, hook, { result: 'ok', message: '' }));
    const { command, timeoutMs } = rule;
    const environment = environmentOf(hook, factsOf(spec.name, run));
    const began = outputOf(parts, spec, run);
    const order = { command, spec, run, timeoutMs, output: 'log', environment, purpose: 'hook' } as const;
    const one = runCommand(parts, order);
    const place = key(spec.name, run);
    const set = running.get(place) ?? new Set();
    running.set(place, set.add(one));
    const outcome = await one.outcome;
    set.delete(one);
    if (set.size === 0) running.delete(place);
    const isOk = outcome.type === 'ended' && outcome.exitCode === 0;
    const quote = isOk || hook === 'afterReady' || hook === 'beforeStop' ? '' : lastLines(began);
    // The run of a start that failed here never was, and of an ended one this was the last word.
    if (hook === 'afterStop' || (hook === 'beforeStart' && !isOk)) parts.logs.end(spec.name, run);
    const message = `${wordsOf(outcome, timeoutMs)}${quote === '' ? '' : `: ${quote}`}`;
    parts.report(reportOf(spec, run, hook, { result: isOk ? 'ok' : 'failed', message }));
  };
  return {
    run: (spec, run, hook) => void perform(spec, run, hook),
    kill(service, run) {
      for (const one of running.get(key(service, run)) ?? []) one.kill();
    },
  };
}

function reportOf(
  spec: Spec,
  run: number,
  hook: HookName,
  end: { readonly result: 'ok' | 'failed'; readonly message: string },
): RuntimeReport {
  return { type: 'hook-ended', service: spec.name, run, hook, ...end };
}

function environmentOf(hook: HookName, { pid, exitCode, exitSignal }: RunFacts): Environment {
  const named = { ROUSE_HOOK: WORDS[hook] };
  switch (hook) {
    case 'beforeStart':
      return named;
    case 'afterReady':
    case 'beforeStop':
      return pid === null ? named : { ...named, ROUSE_PID: String(pid) };
    case 'afterStop':
      return {
        ...named,
        ...(exitCode === null ? {} : { ROUSE_EXIT_CODE: String(exitCode) }),
        ...(exitSignal === null ? {} : { ROUSE_EXIT_SIGNAL: exitSignal }),
      };
    default:
      return hook satisfies never;
  }
}

interface Output {
  readonly path: string;
  readonly sizeBytes: number;
}

/** Where the output of the run ends now; null when it cannot be opened, which the command will say better. */
function outputOf(parts: CommandParts, spec: Spec, run: number): Output | null {
  try {
    const { fd, path } = parts.logs.open(spec.name, run);
    try {
      return { path, sizeBytes: fstatSync(fd).size };
    } finally {
      closeSync(fd);
    }
  } catch {
    // The command opens it again, and its outcome carries the fault.
    return null;
  }
}

/** The last lines that were printed since then, on one line; empty when there were none. */
function lastLines(began: Output | null): string {
  if (began === null) return '';
  let fd: number | null = null;
  try {
    fd = openSync(began.path, 'r');
    const end = fstatSync(fd).size;
    const bytes = Buffer.alloc(Math.min(QUOTED.bytes, Math.max(0, end - began.sizeBytes)));
    readSync(fd, bytes, 0, bytes.length, end - bytes.length);
    const lines = bytes.toString().split('\n');
    const said = lines.map((line) => line.trim()).filter((line) => line !== '');
    return said.slice(-QUOTED.lines).join(' | ').slice(0, QUOTED.characters);
  } catch {
    // The output was removed; there is nothing to quote.
    return '';
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

function wordsOf(outcome: CommandOutcome, timeoutMs: number): string {
  switch (outcome.type) {
    case 'ended':
      return outcome.signal === null ? `exit ${outcome.exitCode ?? 'unknown'}` : `killed by ${outcome.signal}`;
    case 'timeout':
      return `it took longer than ${formatDuration(timeoutMs)}${outcome.left === null ? '' : `, and of it is still there: ${outcome.left}`}`;
    case 'fault':
      return outcome.fault.message;
    default:
      return outcome satisfies never;
  }
}
