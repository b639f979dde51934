/** A command of a definition to what is really executed: one absolute path and its arguments. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { StartFault } from '../model/reason.ts';
import type { Command } from '../model/spec.ts';
import type { Environment } from './environment.ts';
import type { Guard } from './guard.ts';
import { interpreterFileOf } from './interpreter.ts';
import { type Found, type Search, directoryFault, findProgram, missingFile } from './program.ts';

/** What is handed to the operating system. `file` is absolute and was executable when it was looked at. */
export interface Launch {
  readonly type: 'launch';
  readonly file: string;
  readonly args: readonly string[];
}

/** Where and how a command runs. `path` is the PATH that programs are looked for on; `directory` is absolute. */
export interface LaunchPlace {
  readonly path: string;
  readonly directory: string;
  /** File mode mask of the child; null keeps the daemon's. */
  readonly umask: number | null;
  readonly nuPath: string | null;
  readonly environment: Environment;
  /** Folders that are not searched, see `Search`. */
  readonly leftOut?: NonNullable<Search['leftOut']>;
  /** Has the last word on what was found. */
  readonly guard: Guard;
}

const SHELL = '/bin/sh';
/** What a shell puts into the environment of what it executes. */
const SHELL_VARIABLES = ['PWD', 'OLDPWD', 'SHLVL', '_'];

/**
 * The launch, or why there can be none: `bad-directory`, `not-found`, `not-executable`, each with what was looked for and
 * where, and `not-trusted` or `refused` of the guard. Never throws. A file mode mask is set by a shell that becomes the program, because a mask set here would for a
 * moment also be that of files which the daemon makes.
 */
export function launchOf(
  command: Command,
  place: LaunchPlace,
): Launch | { readonly type: 'fault'; readonly fault: StartFault } {
  const fault = directoryFault(place.directory);
  if (fault !== null) return { type: 'fault', fault };
  const found = runnerOf(command, place);
  if (found.type === 'fault') return found;
  const [word = '', ...words] = command.argv;
  const launch: Launch = {
    type: 'launch',
    file: found.path,
    args: command.via === 'exec' ? words : command.via === 'shell' ? ['-c', word] : command.argv,
  };
  const refused = place.guard({
    files: filesOf(launch, command, place),
    argv: [found.path, ...launch.args],
    via: command.via,
  });
  if (refused !== null) return { type: 'fault', fault: refused };
  return place.umask === null ? launch : masked(launch, place.umask, place.environment);
}

/** What is executed and who reads it: the program, the interpreter that it names, and the script of Nushell. */
function filesOf({ file }: Launch, { argv, via }: Command, { directory }: LaunchPlace): readonly string[] {
  const interpreter = interpreterFileOf(file);
  const [script = '-'] = via === 'nushell' ? argv : [];
  return [
    file,
    ...(interpreter?.startsWith('/') === true ? [interpreter] : []),
    ...(script.startsWith('-') ? [] : [resolve(directory, script)]),
  ];
}

function runnerOf(command: Command, place: LaunchPlace): Found {
  const [word = ''] = command.argv;
  switch (command.via) {
    case 'exec':
      return findProgram(word, place);
    case 'shell':
      return findProgram(SHELL, place);
    case 'nushell':
      return findNushell(word, place);
    default:
      return command.via satisfies never;
  }
}

function findNushell(script: string, place: LaunchPlace): Found {
  const found = findProgram(place.nuPath ?? 'nu', place);
  if (found.type === 'fault') return { type: 'fault', fault: nushellFault(script, place, found.fault) };
  if (script.startsWith('-') || existsSync(resolve(place.directory, script))) return found;
  return { type: 'fault', fault: missingFile(script, place.directory) };
}

/** `program` is always `nu`, whatever was configured: it is how the fault is known from that of any other program (RSE2108). */
function nushellFault(script: string, place: LaunchPlace, fault: StartFault): StartFault {
  const how = 'set nu_path in [orchestrator.services] to its absolute path';
  return {
    code: fault.code,
    message: `Nushell is needed to run "${script}": ${fault.message}`,
    program: 'nu',
    hint: place.nuPath === null ? `install Nushell so that \`nu\` is on the PATH, or ${how}` : how,
  };
}

function masked(launch: Launch, umask: number, environment: Environment): Launch {
  const unset = SHELL_VARIABLES.filter((name) => environment[name] === undefined);
  const script = `umask ${umask.toString(8).padStart(4, '0')}; unset ${unset.join(' ')}; exec "$@"`;
  return { type: 'launch', file: SHELL, args: ['-c', script, 'rouse', launch.file, ...launch.args] };
}
