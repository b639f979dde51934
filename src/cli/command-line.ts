/**
 * Reads a command line: which verb, what stands before and after it, and which flags that makes.
 *
 * The verb is found first, so that only its own file is loaded, and so that the one clash of letters is settled by
 * place: `-f` before the verb names a file, after `logs`, `events`, `ps` and `checks` it follows.
 */
import { Command, CommanderError, Option } from 'commander';
import { type Flag, GLOBAL_FLAGS, type JsonWish } from './flags.ts';
import { type Options, optionsOf, usage } from './options.ts';
import type { Input, Verb } from './verb.ts';

/** A command line taken apart. `verb` is as typed, null when there is none. */
export interface SplitLine {
  readonly before: readonly string[];
  readonly verb: string | null;
  readonly after: readonly string[];
  readonly json: JsonWish;
  readonly help: boolean;
}

// Flags whose value is optional: it counts only with `=`, since `rouse ps --json web` names a service.
const BARE_VALUES: Readonly<Record<string, string>> = { '--logs': '--logs=*' };

/** Finds the verb, takes `--json` and `--help` out. What follows `--` is left alone. */
export function splitLine(argv: readonly string[]): SplitLine {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  const rest = end < 0 ? [] : argv.slice(end);
  const json = words.reduce<JsonWish>((wish, word) => jsonOf(word) ?? wish, null);
  const help = words.some((word) => word === '-h' || word === '--help');
  const plain = words.filter((word) => jsonOf(word) === null && word !== '-h' && word !== '--help');
  const at = verbIndex(plain);
  // A place of a word stays what it is: each stands for one.
  const kept = at !== null && plain[at] === 'token' ? plain : plain.map((word) => BARE_VALUES[word] ?? word);
  if (at === null) return { before: kept, verb: null, after: rest, json, help };
  return { before: kept.slice(0, at), verb: kept[at] ?? null, after: [...kept.slice(at + 1), ...rest], json, help };
}

function jsonOf(word: string): JsonWish {
  if (word === '--json') return { fields: null };
  if (!word.startsWith('--json=')) return null;
  const fields = word
    .slice('--json='.length)
    .split(',')
    .filter((field) => field !== '');
  return { fields: fields.length === 0 ? null : fields };
}

function verbIndex(words: readonly string[]): number | null {
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (!word.startsWith('-') || word === '-') return index;
    if (takesNext(word)) index += 1;
  }
  return null;
}

/** Whether a global flag's value is the next word: `-f x` and `--file x`, not `--file=x` and `-fx`. */
function takesNext(word: string): boolean {
  return GLOBAL_FLAGS.some(({ spelling }) => spelling.includes('<') && spelling.split(/[ ,]+/).includes(word));
}

/** The global flags that stood before the verb. Errors: RSE0107. */
export function parseBefore(words: readonly string[]): Options {
  return parse(commandOf('rouse', '', GLOBAL_FLAGS), words).options;
}

/** The verb's own arguments and flags, with global ones among them. Errors: RSE0107. */
export function parseAfter(name: string, verb: Pick<Verb, 'usage' | 'flags'>, words: readonly string[]): Input {
  const own = verb.flags.flatMap(({ spelling }) => spelling.split(/[ ,]+/).filter((word) => word.startsWith('-')));
  const globals = GLOBAL_FLAGS.filter(({ spelling }) => !own.includes(longName(spelling))).map((flag) =>
    own.includes(flag.spelling.slice(0, 2)) ? { ...flag, spelling: flag.spelling.replace(/^-\w, /, '') } : flag,
  );
  return parse(commandOf(`rouse ${name}`, verb.usage, [...verb.flags, ...globals]), words);
}

const longName = (spelling: string): string => /--[a-z-]+/.exec(spelling)?.[0] ?? spelling;

function commandOf(name: string, usageText: string, flags: readonly Flag[]): Command {
  const command = new Command(name)
    .exitOverride()
    .helpOption(false)
    .configureOutput({ writeErr: () => undefined });
  if (usageText !== '') command.arguments(usageText);
  for (const flag of flags) command.addOption(optionOf(flag));
  return command.allowExcessArguments(false).action(() => undefined);
}

function optionOf(flag: Flag): Option {
  const option = new Option(flag.spelling, flag.text);
  if (flag.choices !== undefined) option.choices([...flag.choices]);
  if (flag.many === 'list')
    option.argParser((value: string, earlier: unknown) => [...(Array.isArray(earlier) ? earlier : []), value]);
  return option;
}

function parse(command: Command, words: readonly string[]): Input {
  try {
    command.parse([...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) throw wrongLine(command.name(), error.message);
    throw error;
  }
  return { args: command.args, options: optionsOf(givenValues(command)) };
}

// Commander gives every `--no-x` a value of true from the start; only what was typed counts here.
function givenValues(command: Command): Record<string, unknown> {
  const values: Record<string, unknown> = command.opts();
  return Object.fromEntries(Object.entries(values).filter(([key]) => command.getOptionValueSource(key) === 'cli'));
}

/** Commander's sentence in Rouse's form: `unknown option '--foo' (Did you mean --file?)`. */
function wrongLine(name: string, message: string): Error {
  const [first = '', second] = message.replace(/^error: /, '').split('\n');
  const near = /Did you mean (?:one of )?(.*)\?/.exec(second ?? '')?.[1];
  const cause = first.replaceAll("'", '"').replace(/\.$/, '');
  const help = name === 'rouse' ? 'rouse help' : `${name} --help`;
  return usage(
    `cannot read the command line: ${cause}`,
    near === undefined ? `see: ${help}` : `did you mean ${near}? see: ${help}`,
  );
}
