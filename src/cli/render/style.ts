/** Colour and glyphs: what a state looks like, and whether colour and Unicode may be used at all. */
import type { StateWord } from '../../model/view.ts';

/** What a colour stands for. Only the 16 ANSI colours, so that the user's theme rules; red is for failure alone. */
export type Role = 'progress' | 'ok' | 'warn' | 'error' | 'faint' | 'strong' | 'plain';

/** How text may be dressed on one stream. */
export interface Style {
  readonly color: 'on' | 'off';
  readonly glyphs: 'unicode' | 'ascii';
}

/** The user's wish of `--color`. */
export type ColorChoice = 'auto' | 'always' | 'never';

const CODES: Readonly<Record<Role, readonly [number, number] | null>> = {
  progress: [36, 39],
  ok: [32, 39],
  warn: [33, 39],
  error: [31, 39],
  faint: [2, 22],
  strong: [1, 22],
  plain: null,
};

const STATES: Readonly<Record<StateWord, { readonly unicode: string; readonly ascii: string; readonly role: Role }>> = {
  waiting: { unicode: '◌', ascii: '.', role: 'progress' },
  starting: { unicode: '◐', ascii: '~', role: 'progress' },
  ready: { unicode: '●', ascii: '*', role: 'ok' },
  done: { unicode: '✓', ascii: '+', role: 'ok' },
  unhealthy: { unicode: '▲', ascii: '!', role: 'warn' },
  retry: { unicode: '↻', ascii: 'r', role: 'warn' },
  failed: { unicode: '✖', ascii: 'x', role: 'error' },
  blocked: { unicode: '⊘', ascii: '#', role: 'faint' },
  stopping: { unicode: '◑', ascii: 'v', role: 'progress' },
  stopped: { unicode: '○', ascii: '-', role: 'plain' },
  off: { unicode: '·', ascii: ':', role: 'faint' },
  unknown: { unicode: '?', ascii: '?', role: 'warn' },
};

// Everything else that is not a letter: what it is called, in Unicode and in ASCII.
const MARKS = {
  dot: ['·', '-'],
  chain: ['›', '>'],
  bar: ['│', '|'],
  branch: ['├─', '|-'],
  corner: ['└─', '`-'],
  pipe: ['│ ', '| '],
  arrow: ['→', '->'],
  back: ['←', '<-'],
  more: ['…', '...'],
  full: ['━', '='],
  half: ['╸', '>'],
  empty: ['─', '.'],
} as const satisfies Record<string, readonly [string, string]>;

/** The name of a mark. */
export type Mark = keyof typeof MARKS;

/** No colour, no Unicode: for tests and the plainest of terminals. */
export const PLAIN_STYLE: Style = { color: 'off', glyphs: 'ascii' };

/** The text in the colour of its role, or as it is. An empty text stays empty. */
export function paint(style: Style, role: Role, text: string): string {
  const codes = CODES[role];
  if (style.color === 'off' || codes === null || text === '') return text;
  return `\u001B[${codes[0]}m${text}\u001B[${codes[1]}m`;
}

/** The glyph of a state, painted. */
export function glyph(style: Style, word: StateWord): string {
  const state = STATES[word];
  return paint(style, state.role, state[style.glyphs]);
}

/** The glyphs of every state with the word and the colour's role, in the order of the table (for `help states`). */
export function stateGlyphs(): readonly {
  readonly word: StateWord;
  readonly unicode: string;
  readonly ascii: string;
}[] {
  return stateWords.map((word) => ({ word, unicode: STATES[word].unicode, ascii: STATES[word].ascii }));
}

/** Every word of a state, in the order of a service's life. */
export const stateWords = [
  'waiting',
  'starting',
  'ready',
  'done',
  'unhealthy',
  'retry',
  'failed',
  'blocked',
  'stopping',
  'stopped',
  'off',
  'unknown',
] as const satisfies readonly StateWord[];

/** The role of a state's colour. */
export function stateRole(word: StateWord): Role {
  return STATES[word].role;
}

/** A mark in the glyphs of the style. */
export function mark(style: Style, name: Mark): string {
  return MARKS[name][style.glyphs === 'unicode' ? 0 : 1];
}

const SERVICE_HUES = [36, 35, 34, 33, 32, 96] as const;

/** A service's name in one of six hues, always the same for the same name. */
export function paintName(style: Style, name: string, shown: string = name): string {
  if (style.color === 'off') return shown;
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return `\u001B[${SERVICE_HUES[hash % SERVICE_HUES.length] ?? 36}m${shown}\u001B[39m`;
}

/** What decides on colour, besides the stream itself. */
export interface StyleWishes {
  readonly color: ColorChoice;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stream: 'terminal' | 'pipe';
}

/**
 * The style of a stream. In this order: `--color`, `NO_COLOR` (any value but empty), `FORCE_COLOR` or `CLICOLOR_FORCE`,
 * `ROUSE_COLOR`, `TERM=dumb`, and whether the stream is a terminal. `ROUSE_ASCII` and a locale that is not UTF-8 give
 * ASCII glyphs.
 * Source: no-color.org, bixense.com/clicolors.
 */
export function styleOf(wishes: StyleWishes): Style {
  return { color: colorOf(wishes), glyphs: glyphsOf(wishes.env) };
}

function colorOf({ color, env, stream }: StyleWishes): Style['color'] {
  if (color !== 'auto') return color === 'always' ? 'on' : 'off';
  if (isSet(env['NO_COLOR'])) return 'off';
  const forced = env['FORCE_COLOR'] ?? env['CLICOLOR_FORCE'];
  if (isSet(forced)) return forced === '0' || forced === 'false' ? 'off' : 'on';
  if (env['ROUSE_COLOR'] === 'always') return 'on';
  if (env['ROUSE_COLOR'] === 'never' || env['TERM'] === 'dumb') return 'off';
  return stream === 'terminal' ? 'on' : 'off';
}

function glyphsOf(env: StyleWishes['env']): Style['glyphs'] {
  const ascii = env['ROUSE_ASCII'];
  if (isSet(ascii)) return ascii === '0' ? 'unicode' : 'ascii';
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(isSet);
  // Without any locale a terminal of today still shows UTF-8; C and POSIX say expressly that it is not wanted.
  if (locale === undefined) return 'unicode';
  return /utf-?8/i.test(locale) ? 'unicode' : 'ascii';
}

const isSet = (value: string | undefined): value is string => value !== undefined && value !== '';
