/** From a definition to a folder that a shim can begin the run from. */
import { closeSync } from 'node:fs';
import { isRouseError } from '../model/errors.ts';
import type { StartFault } from '../model/reason.ts';
import type { Command, Spec } from '../model/spec.ts';
import { type Environment, childEnvironment } from './environment.ts';
import { FIXED_PATH, type Host } from './host.ts';
import { type Launch, launchOf } from './launch.ts';
import { type Tools, launchScript } from './launch-script.ts';
import type { RuntimeParts } from './parts.ts';
import { findProgram } from './program.ts';
import { instanceTag } from './run-evidence.ts';
import { type RunFolder, bootId, codeOf } from './run-folder.ts';
import { foreseenFault, refusalOf } from './spawn-fault.ts';
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
}: Omit<RunOrder, 'folder' | 'tools'>): ReturnType<typeof launchOf> {
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
export function makeFolder(folder: RunFolder): Unprepared | null {
  try {
    folder.make();
    return null;
  } catch (cause) {
    return { type: 'fault', fault: withoutFolder(cause) };
  }
}

/** Completes the folder. `more` is added to the environment. Never throws; what was made is taken back at a fault. */
export function prepareRun(order: RunOrder, launch: Launch, more: Environment): PreparedRun | Unprepared {
  const { parts, spec, run, folder } = order;
  const output = outputPath(parts, spec, run);
  if (typeof output !== 'string') return { type: 'fault', fault: output };
  const instance = `${instanceTag(parts.runDirectory)}.${parts.random.id()}`;
  const tree = parts.trees.plant({ service: spec.name, run, instance, limits: spec.limits });
  try {
    const readyFd = readyFdOf(spec);
    const ready = readyFd === null ? null : { fd: readyFd, path: folder.makeReady() };
    const own = {
      [INSTANCE_VARIABLE]: instance,
      ...(readyFd === null ? {} : { ROUSE_READY_FD: String(readyFd) }),
      ...more,
    };
    const script = launchScript(
      {
        which: folder.which,
        launch,
        directory: spec.cwd,
        umask: spec.umask,
        environment: childEnvironment(spec, run, parts.host, own),
        output,
        ready,
        place: tree.place,
      },
      order.tools,
    );
    folder.write({ instance, boot: bootId() ?? '', place: tree.place, spec }, script);
    return { type: 'prepared', launch, tree };
  } catch (cause) {
    tree.remove();
    return { type: 'fault', fault: withoutFolder(cause) };
  }
}

/** Makes the file of the run's output, so that it is the log store's own; the shim opens it by its path. */
function outputPath(parts: RuntimeParts, spec: Spec, run: number): string | StartFault {
  try {
    const { fd, path } = parts.logs.open(spec.name, run);
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
