/** From a definition to a folder that a shim can begin the run from. */
import { closeSync } from 'node:fs';
import { isRouseError } from '../model/errors.ts';
import type { StartFault } from '../model/reason.ts';
import type { Command, Spec } from '../model/spec.ts';
import type { ConfinePlan } from './confine.ts';
import { isFault } from './confine-account.ts';
import { type ScriptConfinement, confineScript } from './confine-launch.ts';
import { type Environment, childEnvironment } from './environment.ts';
import { FIXED_PATH, type Host } from './host.ts';
import { type Launch, launchOf } from './launch.ts';
import { OF_SHELLS, type Tools, launchScript } from './launch-script.ts';
import type { RuntimeParts } from './parts.ts';
import { findProgram } from './program.ts';
import { instanceTag } from './run-evidence.ts';
import { type RunFolder, bootId, codeOf, openToGroup } from './run-folder.ts';
import { foreseenFault, refusalOf } from './spawn-fault.ts';
import type { Spare } from './spares.ts';
import { INSTANCE_VARIABLE } from './tree-scan.ts';
import type { Tree } from './tree.ts';

/** What is to be begun. */
export interface RunOrder {
  readonly parts: RuntimeParts;
  readonly spec: Spec;
  readonly run: number;
  readonly command: Command;
  readonly folder: RunFolder;
  readonly tools: Tools;
  /** What has been made of it in advance; null = it is begun from nothing. */
  readonly spare: Spare | null;
}

/** A run whose folder is complete: whoever claims it begins it. */
export interface PreparedRun {
  readonly type: 'prepared';
  readonly launch: Launch;
  readonly tree: Tree;
}

/** Why there will be no run. */
export interface Unprepared {
  readonly type: 'fault';
  readonly fault: StartFault;
}

/** What the way from the shim to the program needs, where it is on this machine. */
export function findTools(host: Host): Tools {
  const find = (word: string): string | null => {
    const found = findProgram(word, { path: `${FIXED_PATH}:${host.path}`, directory: '/' });
    return found.type === 'found' ? found.path : null;
  };
  return { setsid: find('setsid'), env: find('env') ?? '/usr/bin/env' };
}

/** The launch of the run, looked at before anything is made: the common faults are found here. Never throws. */
export function launchOfRun({
  parts,
  spec,
  run,
  command,
}: Omit<RunOrder, 'folder' | 'tools' | 'spare'>): ReturnType<typeof launchOf> {
  const environment = childEnvironment(spec, run, parts.host);
  const { nuPath } = parts.settings();
  const { path, leftOut } = parts.host;
  const place = { path, leftOut, directory: spec.cwd, umask: null, nuPath, environment, guard: parts.guard(spec) };
  const launch = launchOf(command, place);
  if (launch.type === 'fault') return launch;
  const fault = foreseenFault(launch, environment, spec.cwd);
  return fault === null ? launch : { type: 'fault', fault };
}

/** Makes the folder, in which whoever hears the run may put files before it is complete. Never throws. */
export function makeFolder({ folder, spare }: Pick<RunOrder, 'folder' | 'spare'>): Unprepared | null {
  try {
    if (spare === null) folder.make();
    else folder.makeIn(spare.path);
    return null;
  } catch (cause) {
    return { type: 'fault', fault: withoutFolder(cause) };
  }
}

/** Completes the folder. `more` is added to the environment. Never throws; what was made is taken back at a fault. */
export function prepareRun(order: RunOrder, launch: Launch, more: Environment): PreparedRun | Unprepared {
  const { parts, spec, run, folder, spare } = order;
  const plan = parts.confining.plan(spec);
  if (isFault(plan)) return { type: 'fault', fault: plan };
  const output = outputPath(parts, spec, run, plan.as);
  if (typeof output !== 'string') return { type: 'fault', fault: output };
  const secrets = parts.credentials.deliver(spec, run);
  if (secrets.type === 'fault') return secrets;
  const instance = `${instanceTag(parts.runDirectory)}.${parts.random.id()}`;
  const tree = parts.trees.plant({ service: spec.name, run, instance, limits: spec.limits }, spare?.group);
  try {
    const readyFd = readyFdOf(spec);
    const ready = readyFd === null ? null : { fd: readyFd, path: folder.makeReady(plan.as) };
    const own = {
      [INSTANCE_VARIABLE]: instance,
      ...(readyFd === null ? {} : { ROUSE_READY_FD: String(readyFd) }),
      ...secrets.environment,
      ...more,
    };
    const environment = childEnvironment(spec, run, parts.host, own);
    const confined = confineRun(spare === null ? plan : { ...plan, drop: plan.dropGainless }, {
      order,
      launch,
      environment,
    });
    if (isFault(confined)) {
      tree.remove();
      return { type: 'fault', fault: confined };
    }
    const script = launchScript(
      {
        which: folder.which,
        launch,
        confined,
        directory: spec.cwd,
        umask: spec.umask,
        environment,
        output,
        ready,
        place: spare === null ? tree.place : [],
        secrets: secrets.script,
      },
      spare === null ? order.tools : { ...order.tools, setsid: null },
    );
    folder.write({ instance, boot: bootId() ?? '', place: tree.place, spec, confined: plan.held }, script);
    parts.confining.note(spec.name, run, plan.held);
    if (spare !== null) folder.put();
    return { type: 'prepared', launch, tree };
  } catch (cause) {
    tree.remove();
    return { type: 'fault', fault: withoutFolder(cause) };
  }
}

interface Confined {
  readonly order: RunOrder;
  readonly launch: Launch;
  readonly environment: Environment;
}

/** What the script puts around the program; what the program is told by way of a folder must be seen behind a wall. */
function confineRun(plan: ConfinePlan, { order, launch, environment }: Confined): ScriptConfinement | StartFault {
  const { spec, folder } = order;
  const credentials = environment['CREDENTIALS_DIRECTORY'];
  return confineScript(plan, {
    spec,
    launch,
    readyFd: readyFdOf(spec),
    folders: [
      ...(credentials === undefined ? [] : [credentials]),
      ...(environment['NOTIFY_SOCKET'] === undefined ? [] : [folder.path]),
    ],
    unset: OF_SHELLS.filter((name) => environment[name] === undefined),
    watched: environment['WATCHDOG_USEC'] === undefined ? 'no' : 'yes',
  });
}

/**
 * Makes the file of the run's output, so that it is the log store's own; the shim opens it by its path. The group of another
 * user may write it, because programs open `/dev/stderr` anew; nobody but who got it open comes to it.
 */
function outputPath(parts: RuntimeParts, spec: Spec, run: number, as: ConfinePlan['as']): string | StartFault {
  try {
    const { fd, path } = parts.logs.open(spec.name, run);
    if (as !== null) openToGroup(fd, as.gid);
    closeSync(fd);
    return path;
  } catch (cause) {
    if (!isRouseError(cause)) throw cause;
    return { code: 'refused', message: cause.message, program: null, hint: cause.hint };
  }
}

function readyFdOf({ readiness }: Spec): number | null {
  const target = readiness.type === 'probe' ? readiness.probe.target : null;
  return target?.type === 'fd' ? target.fd : null;
}

/** The fault of a run whose files cannot be made, and what to do. */
export function withoutFolder(cause: unknown): StartFault {
  const words = cause instanceof Error ? cause.message : String(cause);
  const refusal = refusalOf(codeOf(cause) ?? '');
  const hint = 'set ROUSE_RUNTIME_DIR to a folder that can be written to';
  return {
    code: 'refused',
    message: `cannot make the folder of the run: ${refusal === null ? words : refusal.words}`,
    program: null,
    hint: refusal?.hint ?? hint,
  };
}
