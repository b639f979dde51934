/**
 * Which commands may run at all: words of a command against rules, element by element.
 *
 * A rule is a list of words. `*` as a word stands for exactly one word of the command; one that begins with `-` only where
 * `--` stands before it, so that nothing that was meant as a name becomes an option. Every other word stands for itself. A
 * program that runs whatever it is told to (a shell, `env`, `find`, `sudo`) is let through only by a rule that begins with
 * such a program by name: `*` never lets it through, nor does a rule for a link that leads to it under another name.
 */
import { nearest } from './nearest.ts';

/** A rule: an absolute path or `*`, then words. Never empty. */
export type CommandRule = readonly string[];

/**
 * What is to be executed. Shapes: `argv` begins with the absolute path that was found, links not resolved; `real` is that
 * path with its links resolved. A command of a shell is `['/bin/sh', '-c', TEXT]`.
 */
export interface RuledCommand {
  readonly argv: readonly string[];
  readonly real: string;
}

const INTERPRETERS =
  /^(?:(?:r?ba|da|z|k|mk|pdk|c|tc|fi|a|ya|rk|o|p|power|el)?sh|nu|elvish|xonsh|pwsh|busybox|toybox|env|python|pypy|perl|ruby|i?rb|node|nodejs|deno|bun|npx|npm|php|lua|luajit|tclsh|expect|[gmn]?awk|sed|ed|vim?|emacs|find|xargs|parallel|make|gmake|sudo|sudoedit|doas|su|runuser|pkexec|ssh|nohup|nice|ionice|chrt|taskset|time|timeout|stdbuf|setsid|script|watch|strace|ltrace|gdb|systemd-run|setpriv|setarch|linux(?:32|64)|chroot|unshare|nsenter|bwrap|firejail|prlimit|capsh|flock|start-stop-daemon|runcon|newgrp|sg|ld(?:-linux.*)?\.so.*)(?:[-.]?\d+(?:\.\d+)*[a-z]?)?$/;

/** Whether a program runs what its words say, so that its name says nothing of what it does. By its file name. */
export function isInterpreter(path: string): boolean {
  return INTERPRETERS.test(path.slice(path.lastIndexOf('/') + 1));
}

/** Whether the rules let it through; `null` rules let everything through, an empty list nothing. */
export function allowsCommand(rules: readonly CommandRule[] | null, command: RuledCommand): boolean {
  return rules === null || rules.some((rule) => lets(rule, command));
}

/** The rule that is most like the command, for whoever mistyped one of the two; null when none is near. */
export function nearestRule(rules: readonly CommandRule[], argv: readonly string[]): CommandRule | null {
  const [program = ''] = argv;
  const sameProgram = rules.filter(([first]) => first === program);
  const among =
    sameProgram.length > 0 ? sameProgram : rules.filter(([first = '']) => baseOf(first) === baseOf(program));
  const ranked = among.toSorted((left, right) => likeness(right, argv) - likeness(left, argv));
  if (ranked[0] !== undefined) return ranked[0];
  const near = nearest(program, new Set(rules.map(([first = '']) => first)));
  return rules.find(([first]) => first === near) ?? null;
}

function lets(rule: CommandRule, { argv, real }: RuledCommand): boolean {
  const [program = '', ...words] = rule;
  const [path = '', ...given] = argv;
  if (program !== '*' && program !== path) return false;
  if ((isInterpreter(path) || isInterpreter(real)) && !isInterpreter(program)) return false;
  return words.length === given.length && words.every((word, at) => letsWord(word, at, given));
}

function letsWord(word: string, at: number, given: readonly string[]): boolean {
  const one = given[at] ?? '';
  return word === '*' ? !one.startsWith('-') || given.slice(0, at).includes('--') : word === one;
}

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const likeness = (rule: CommandRule, argv: readonly string[]): number =>
  rule.filter((word, at) => word === '*' || word === argv[at]).length - Math.abs(rule.length - argv.length);
