/** The command line: reads it, loads the verb, runs it, and turns errors into words and exit codes. */
import { resolve } from 'node:path';
import type { SplitLine } from './command-line.ts';
import { type GlobalFlags, globalFlags } from './flags.ts';
import { optionsOf, usage } from './options.ts';
import { type Session, openSession, printLines } from './session.ts';
import type { Verb } from './verb.ts';
import { type MeantVerb, type VerbName, meantVerb, nearestVerb } from './verbs.ts';

/**
 * Runs a command line, without the program's own name; resolves with the exit code, and never rejects.
 * Shapes: prints to stdout and stderr of this process.
 */
export async function main(argv: readonly string[]): Promise<number> {
  ignoreClosedPipes();
  if (argv.length === 2 && argv[0] === 'daemon' && argv[1] === 'serve') {
    const { serve } = await import('./serve.ts');
    return serve();
  }
  if (argv.length === 1 && VERSION_WORDS.includes(argv[0] ?? '')) return printVersion();
  const reading: { session: Session | null } = { session: null };
  try {
    return await runLine(argv, reading);
  } catch (error) {
    const session =
      reading.session ?? (await sessionOf(argv.some((word) => /^--json(=|$)/.test(word)) ? JSON_FLAGS : NO_FLAGS));
    const { reportError } = await import('./report.ts');
    return reportError(session, error);
  }
}

const VERSION_WORDS = ['version', '--version', '-V'];
const NO_FLAGS = globalFlags([optionsOf({})], null, process.env);
const JSON_FLAGS: GlobalFlags = { ...NO_FLAGS, json: { fields: null } };

// The verb that is asked for most by scripts and least worth waiting for: it loads nothing else.
async function printVersion(): Promise<number> {
  const { rouseVersion } = await import('./version.ts');
  process.stdout.write(`${rouseVersion()}\n`);
  return 0;
}

/** Reads and runs. `reading.session` is set as soon as the flags are known, so that errors are shown as they say. */
async function runLine(argv: readonly string[], reading: { session: Session | null }): Promise<number> {
  const { parseAfter, parseBefore, splitLine } = await import('./command-line.ts');
  if (argv[0] === 'complete' && argv[1] === '--') return answerCompletion(argv.slice(2));
  const line = splitLine(argv);
  const before = parseBefore(line.before);
  const early = await sessionOf(globalFlags([before], line.json, process.env));
  reading.session = early;
  if (line.verb === null) return overviewOf(early, line);
  const meant = meantOf(line.verb);
  const topic = meant.name === 'help' ? meantVerb(line.after[0] ?? '') : null;
  const asked = topic ?? (line.help ? meant : null);
  const verb = await verbOf(asked?.name ?? meant.name);
  if (asked !== null) return showHelp(early, asked.name, verb);
  const input = parseAfter(meant.name, verb, [...meant.flags, ...line.after]);
  const session = await sessionOf(globalFlags([before, input.options], line.json, process.env));
  reading.session = session;
  return await verb.run(session, input);
}

async function answerCompletion(words: readonly string[]): Promise<number> {
  const { complete } = await import('./complete.ts');
  return complete(await sessionOf(NO_FLAGS), words, verbOf);
}

async function verbOf(name: VerbName): Promise<Verb> {
  const { loadVerb } = await import('./load.ts');
  return loadVerb(name);
}

function meantOf(word: string): MeantVerb {
  const meant = meantVerb(word);
  if (meant !== null) return meant;
  const near = nearestVerb(word);
  throw usage(
    `cannot do "${word}": there is no such verb`,
    near === null ? 'all verbs: rouse help' : `did you mean "rouse ${near}"? all verbs: rouse help`,
  );
}

async function showHelp(session: Session, name: VerbName, verb: Verb): Promise<number> {
  const { verbHelp } = await import('./render/help.ts');
  printLines(session, verbHelp(name, verb, session.out.style));
  return 0;
}

async function overviewOf(session: Session, line: SplitLine): Promise<number> {
  const { overview } = await import('./render/help.ts');
  const { hereLines } = await import('./here.ts');
  printLines(session, [...overview(session.out.style), ...(line.help ? [] : await hereLines(session))]);
  return 0;
}

async function sessionOf(flags: GlobalFlags): Promise<Session> {
  const { systemClock } = await import('../clock/system.ts');
  const { stdout, stderr, stdin, env } = process;
  const cwd = flags.directory === null ? process.cwd() : resolve(flags.directory);
  return openSession({ stdout, stderr, stdin, env, cwd, clock: systemClock({ keepAlive: 'yes' }) }, flags);
}

// Somebody who reads only the first lines (`rouse logs | head`) closes the pipe; what is left is not wanted.
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      process.exit(error.code === 'EPIPE' ? 0 : 1);
    });
}
