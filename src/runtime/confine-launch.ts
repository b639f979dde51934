/** The words around a program: of a run, for the script that begins it, and of a command that helps with one. */
import type { StartFault } from '../model/reason.ts';
import type { Spec } from '../model/spec.ts';
import { type ConfinePlan, isUnsafe } from './confine.ts';
import { isFault } from './confine-account.ts';
import { type InsideFds, insideFds, insideScript, wallWords } from './confine-wall.ts';
import type { Confining } from './confining.ts';
import type { Environment } from './environment.ts';
import type { Launch } from './launch.ts';

/** What a launch script puts around its program. Everything is empty for a run that is not confined. */
export interface ScriptConfinement {
  /** Lines that set limits. */
  readonly limits: readonly string[];
  /** Words that give rights up. */
  readonly drop: readonly string[];
  /** Words of the wall, the shell inside included. */
  readonly wall: readonly string[];
  /** The descriptor on which the shell inside finds its file; null without a wall. */
  readonly note: number | null;
}

/** No confinement at all. */
export const UNCONFINED: ScriptConfinement = { limits: [], drop: [], wall: [], note: null };

/** A run that is to be begun. `folders` must be readable behind a wall. */
export interface ConfinedRun {
  readonly spec: Pick<Spec, 'confinement' | 'cwd'>;
  readonly launch: Launch;
  readonly readyFd: number | null;
  readonly folders: readonly string[];
  /** Variables of shells that the program is not to see. */
  readonly unset: readonly string[];
  readonly watched: 'yes' | 'no';
}

/** The words for the script of a run. Never throws. */
export function confineScript(plan: ConfinePlan, run: ConfinedRun): ScriptConfinement | StartFault {
  const bare = { limits: plan.limits.shell, drop: plan.drop };
  if (plan.bwrap === null) return { ...bare, wall: [], note: null };
  const { spec, launch, folders } = run;
  const needs = { directory: spec.cwd, files: [launch.file], folders, what: 'run' } as const;
  const words = wallWords(plan.bwrap, spec.confinement, needs);
  if ('code' in words) return words;
  const fds: InsideFds = insideFds(run.readyFd);
  const shell = ['/bin/sh', '-c', insideScript(fds, run.unset, run.watched), 'rouse'];
  return { ...bare, wall: [...words, ...shell], note: fds.note };
}

/** A command as it would be executed if nothing confined it. */
export interface Command {
  readonly launch: Launch;
  readonly environment: Environment;
}

/**
 * A command that runs as the service does: its user, its rights, its limits, and behind a wall like its own, but with the
 * processes of the machine in sight. One of a service that asks for nothing is as it was. Never throws.
 */
export function confineCommand(
  confining: Confining,
  spec: Pick<Spec, 'name' | 'confinement' | 'cwd'>,
  { launch, environment }: Command,
): (Command & { readonly type: 'command' }) | { readonly type: 'fault'; readonly fault: StartFault } {
  const plan = confining.plan(spec);
  if (isFault(plan)) return { type: 'fault', fault: plan };
  const isPlain = plan.as === null && plan.bwrap === null && !Object.values(plan.limits.held).includes('enforced');
  if (isPlain) return { type: 'command', launch, environment };
  const wall =
    plan.bwrap === null
      ? []
      : wallWords(plan.bwrap, spec.confinement, {
          directory: spec.cwd,
          files: [launch.file],
          folders: [environment['CREDENTIALS_DIRECTORY'] ?? []].flat(),
          what: 'helper',
        });
  if ('code' in wall) return { type: 'fault', fault: wall };
  const words = [...limitWords(confining, plan), ...plan.drop];
  const unsafe =
    words.length === 0
      ? []
      : Object.entries(environment).filter(([name, value]) => isUnsafe(name) && value !== undefined);
  const late =
    unsafe.length === 0 ? [] : ['/usr/bin/env', '--', ...unsafe.map(([name, value]) => `${name}=${value ?? ''}`)];
  const [file, ...args] = [...words, ...late, ...wall, launch.file, ...launch.args];
  const kept = Object.fromEntries(
    Object.entries(environment).filter(([name]) => !unsafe.some(([one]) => one === name)),
  );
  return {
    type: 'command',
    launch: { type: 'launch', file: file ?? launch.file, args },
    environment: kept,
  };
}

/** Limits that were asked for; that no core is to be dumped goes without saying for what ends in a moment. */
function limitWords({ world }: Confining, { limits }: ConfinePlan): readonly string[] {
  const isAsked = Object.values(limits.held).includes('enforced');
  const prlimit = isAsked && limits.options.length > 0 ? world.find('prlimit') : null;
  return prlimit === null ? [] : [prlimit, ...limits.options, '--'];
}
