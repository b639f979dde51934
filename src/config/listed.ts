/** Commands of a definition against the list of those that may run at all, as they would be executed. */
import { type CommandRule, allowsCommand, nearestRule } from '../model/command-rules.ts';
import type { FoundProgram, Ground } from '../model/ground.ts';
import type { Command } from '../model/spec.ts';
import type { Fault } from './fault.ts';

/** The list, and what tells how a command would be executed. `directory`: the working folder of the service. */
export interface Listed {
  readonly rules: readonly CommandRule[] | null;
  readonly directory: string;
  /** Path of Nushell, or null for `nu` on the PATH. */
  readonly nuPath: string | null;
  readonly findProgram: Ground['findProgram'];
}

/**
 * Why a command may not run, with the words that would be executed and the entry that is most like them; null when it may.
 * A program that is not found is taken as it is written, so that only an entry with its path lets it through.
 */
export function unlisted(
  command: Pick<Command, 'argv' | 'via'>,
  { rules, directory, nuPath, findProgram }: Listed,
): Pick<Fault, 'code' | 'message' | 'hint'> | null {
  if (rules === null) return null;
  const [word = '', ...words] = command.argv;
  const found = (program: string): FoundProgram => findProgram(program, directory) ?? { path: program, real: program };
  const program = found(command.via === 'shell' ? '/bin/sh' : command.via === 'nushell' ? (nuPath ?? 'nu') : word);
  const given = command.via === 'shell' ? ['-c', word] : command.via === 'nushell' ? command.argv : words;
  const argv = [program.path, ...given];
  if (allowsCommand(rules, { argv, real: program.real })) return null;
  const near = nearestRule(rules, argv);
  return {
    code: 'RSE1121',
    message: `this command is not on the list of those that may run: ${textOf(argv)}`,
    hint:
      near === null
        ? 'use a command of the list, or add this one to security.commands.allow'
        : `nearest on the list: ${textOf(near)}`,
  };
}

const SHOWN = 400;

/** Words as they would be written, cut where they are long. */
function textOf(words: readonly string[]): string {
  const text = words.map((word) => (/^[\w@%+=:,./*-]+$/.test(word) ? word : JSON.stringify(word))).join(' ');
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
