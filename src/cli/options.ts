/** Parsed flags of a command line, read by name and kind. */
import { parseDuration } from '../model/duration.ts';
import { RouseError } from '../model/errors.ts';

/**
 * What was given. Names are camelCase: `--wait-timeout` is `waitTimeout`.
 * Errors: the readers throw RSE0107 when a value is not of its kind.
 */
export interface Options {
  isOn(name: string): boolean;
  /** Whether a `--no-NAME` flag was given. */
  isOff(name: string): boolean;
  text(name: string): string | null;
  texts(name: string): readonly string[];
  /** A whole number from 0 on. */
  count(name: string): number | null;
  /** Units: ms out of `30s`, `1m30s`. */
  durationMs(name: string): number | null;
  /** One of the words; the first of them when it was not given. */
  choice<const Word extends string>(name: string, words: readonly [Word, ...Word[]]): Word;
}

/** Reads the values that commander found. */
export function optionsOf(values: Readonly<Record<string, unknown>>): Options {
  const text = (name: string): string | null => {
    const value = values[name];
    return typeof value === 'string' ? value : null;
  };
  return {
    isOn: (name) => values[name] === true || typeof values[name] === 'string',
    isOff: (name) => values[name] === false,
    text,
    texts: (name) => {
      const value = values[name];
      if (Array.isArray(value)) return value.filter((entry) => typeof entry === 'string');
      return typeof value === 'string' ? [value] : [];
    },
    count: (name) => countOf(name, text(name)),
    durationMs: (name) => durationOf(name, text(name)),
    choice: (name, words) => {
      const value = text(name);
      const found = words.find((word) => word === value);
      if (value === null || found !== undefined) return found ?? words[0];
      throw usage(`cannot read ${flagName(name)}: "${value}" is none of its words`, `one of: ${words.join(', ')}`);
    },
  };
}

/** A wrong command line (RSE0107), with what to write instead. */
export function usage(message: string, hint: string): RouseError {
  return new RouseError('RSE0107', message, { hint });
}

function countOf(name: string, value: string | null): number | null {
  if (value === null || /^\d{1,15}$/.test(value)) return value === null ? null : Number(value);
  throw usage(`cannot read ${flagName(name)}: "${value}" is not a whole number`, `for example: ${flagName(name)} 20`);
}

function durationOf(name: string, value: string | null): number | null {
  const ms = value === null ? null : parseDuration(value);
  if (value === null || ms !== null) return ms;
  throw usage(
    `cannot read ${flagName(name)}: "${value}" is not a duration`,
    `write the unit with the number: ${flagName(name)} 30s, 500ms or 1m30s`,
  );
}

const flagName = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
