/**
 * Which lines are wanted, by what they say and when it was written.
 *
 * Patterns are RE2's: matched in linear time, since both they and the output may be hostile. A line's level is the member
 * `level`, `severity` or `lvl` of one that is a JSON object (a word, or a number as pino writes it), else the first word in
 * its first 256 characters that names a level.
 */
import { RE2JS } from 're2js';
import { RouseError } from '../model/errors.ts';
import type { LogLine } from '../model/log-line.ts';
import { LOG_LEVELS, type LogFilter, type LogLevel, type LogQuery } from '../ports/log-store.ts';
import { type Mask, NO_MASK } from './mask.ts';

/** Whether a line is wanted. Lines of Rouse's own always are. */
export type Wanted = (line: LogLine) => boolean;

const WORDS: Readonly<Record<string, LogLevel>> = {
  trace: 'trace',
  verbose: 'trace',
  debug: 'debug',
  info: 'info',
  information: 'info',
  notice: 'info',
  warn: 'warn',
  warning: 'warn',
  err: 'error',
  error: 'error',
  fatal: 'fatal',
  crit: 'fatal',
  critical: 'fatal',
  alert: 'fatal',
  emerg: 'fatal',
  emergency: 'fatal',
  panic: 'fatal',
};
const MEMBERS = ['level', 'severity', 'lvl'] as const;
const WORD = new RegExp(`(?<![\\w-])(?:${Object.keys(WORDS).join('|')})(?![\\w-])`, 'i');
const LOOKED_AT = 256;

/**
 * The test for a query; null when every line is wanted. What is hidden in a line is not there for the test either: else
 * one could be asked for, letter by letter. Errors: RSE4102 for a pattern that is none.
 */
export function wantedBy(
  { since, until, filter }: Pick<LogQuery, 'since' | 'until' | 'filter'>,
  mask: Mask = NO_MASK,
): Wanted | null {
  const tests: Wanted[] = [];
  if (since !== undefined) tests.push(({ at }) => at === null || at >= since);
  if (until !== undefined) tests.push(({ at }) => at === null || at <= until);
  if (filter !== undefined) tests.push(...testsOf(filter));
  if (tests.length === 0) return null;
  return (line) => {
    if (line.kind !== 'line') return true;
    const shown = mask.line(line);
    return tests.every((test) => test(shown));
  };
}

/** How severe the line says that it is; null when it does not say. */
export function levelOf(text: string): LogLevel | null {
  if (text.startsWith('{')) {
    const level = levelInJson(text);
    if (level !== null) return level;
  }
  const word = WORD.exec(text.slice(0, LOOKED_AT))?.[0];
  return word === undefined ? null : (WORDS[word.toLowerCase()] ?? null);
}

function testsOf({ pattern, letters, wanted, level }: LogFilter): readonly Wanted[] {
  const tests: Wanted[] = [];
  if (level !== null) {
    const least = LOG_LEVELS.indexOf(level);
    tests.push(({ text }) => {
      const found = levelOf(text);
      return found !== null && LOG_LEVELS.indexOf(found) >= least;
    });
  }
  if (pattern !== null) {
    const expression = compile(pattern, letters);
    tests.push(({ text }) => expression.test(text) === (wanted === 'with'));
  }
  return tests;
}

function compile(pattern: string, letters: LogFilter['letters']): RE2JS {
  try {
    return RE2JS.compile(pattern, letters === 'exact' ? 0 : RE2JS.CASE_INSENSITIVE);
  } catch (cause) {
    throw new RouseError(
      'RSE4102',
      `cannot read the pattern "${pattern}": ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: 'an expression of RE2, e.g. "error|warn"; it knows no look-around and no back-references',
        cause,
      },
    );
  }
}

function levelInJson(text: string): LogLevel | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // No JSON after all: a line of text that begins with a brace.
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  for (const member of MEMBERS) {
    const said: unknown = Reflect.get(value, member);
    if (typeof said === 'string') return WORDS[said.toLowerCase()] ?? null;
    if (typeof said === 'number') return LOG_LEVELS[Math.min(Math.max(Math.floor(said / 10) - 1, 0), 5)] ?? null;
  }
  return null;
}
