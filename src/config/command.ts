/**
 * A command text to its words, without a shell.
 *
 * Two parsers must agree on the words, and neither may see an operator, so that no text means more than it says. A
 * variable is taken out before the split and put back into its word after it: its value never adds words or syntax.
 * A text that needs a shell is refused with the sign that needs it and the ways out. Source: POSIX.1-2024, XCU 2.3.
 */
import { parse } from 'shell-quote';
import { split } from 'shlex';
import type { Command } from '../model/spec.ts';
import type { ErrorCode } from '../model/errors.ts';
import { type Segment, segmentsOf } from './interpolate.ts';
import { type Listed, unlisted } from './listed.ts';
import { originOf, partOf } from './source.ts';
import { type List, type Path, type Tree } from './tree.ts';
import { type Place, type Variables, expand, valueOf } from './variables.ts';

/** Whose command it is. `shell` is what the service says; `shells` whether that is granted to this definition. */
export interface CommandPlace {
  readonly variables: Variables;
  readonly service: string;
  readonly path: Path;
  readonly shell: 'yes' | 'no';
  /** Which commands may run at all. */
  readonly listed: Listed;
}

const MAX_LENGTH = 4096;
const OPEN = '\uE000';
const CLOSE = '\uE001';
// C0 controls, DEL, the line separators, and the two signs that mark variables in here.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const FORBIDDEN = /[\u0000-\u001f\u007f\u2028\u2029\uE000\uE001]/;

/**
 * The command, or null after its faults were reported (RSE1107 needs a shell, RSE1108 malformed). RSE1121 is reported for
 * one that may not run; it is answered all the same, so that nothing is told twice.
 */
export function commandOf(tree: Tree, place: CommandPlace): Command | null {
  const command = readCommand(tree, place);
  const fault = command === null ? null : unlisted(command, place.listed);
  if (fault !== null)
    place.variables.report({ ...fault, span: tree.span, path: place.path, services: [place.service] });
  return command;
}

function readCommand(tree: Tree, place: CommandPlace): Command | null {
  if (tree.type === 'list') return fromWords(tree, place);
  if (tree.type !== 'scalar' || typeof tree.value !== 'string') return null;
  const text = tree.value.trimEnd();
  const at: Place = { variables: place.variables, service: place.service, text, span: tree.span, path: place.path };
  const origin = originOf(tree.span);
  if (place.shell === 'yes') {
    const line = expand(at);
    if (line.trim() === '') return refused(at, { code: 'RSE1108', message: 'this command is empty' });
    return { argv: [line], via: 'shell', source: text, origin };
  }
  const argv = wordsOf(at);
  return argv === null ? null : { argv, via: runnerOf(argv), source: text, origin };
}

function fromWords(list: List, place: CommandPlace): Command | null {
  const words = list.elements.map((element, index) => {
    const text = element.type === 'scalar' ? String(element.value) : '';
    const path = [...place.path, index];
    return expand({ variables: place.variables, service: place.service, text, span: element.span, path });
  });
  const at: Place = { variables: place.variables, service: place.service, text: '', span: list.span, path: place.path };
  if ((words[0] ?? '') === '') return refused(at, { code: 'RSE1108', message: 'this command has no program' });
  if (words.some((word) => word.includes('\0')))
    return refused(at, { code: 'RSE1108', message: 'a word of this command holds a NUL' });
  const written = list.elements.map((element) => (element.type === 'scalar' ? String(element.value) : ''));
  return { argv: words, via: runnerOf(words), source: written.map(shown).join(' '), origin: originOf(list.span) };
}

const shown = (word: string): string => (/^[\w@%+=:,./$-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

const runnerOf = (argv: readonly string[]): 'exec' | 'nushell' =>
  argv[0]?.endsWith('.nu') === true ? 'nushell' : 'exec';

interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  /** The stretch of the text that shows it; the whole text when left out. */
  readonly start?: number;
  readonly length?: number;
  readonly hint?: string;
}

function refused(at: Place, refusal: Refusal): null {
  const { start = 0, length = at.text.length } = refusal;
  at.variables.report({
    code: refusal.code,
    message: refusal.message,
    span: at.text === '' ? at.span : partOf(at.span, at.text, start, length),
    path: at.path,
    ...(refusal.hint === undefined ? {} : { hint: refusal.hint }),
    services: at.service === null ? [] : [at.service],
  });
  return null;
}

function wordsOf(at: Place): readonly string[] | null {
  const { text } = at;
  if (text.trim() === '') return refused(at, { code: 'RSE1108', message: 'this command is empty' });
  if (text.length > MAX_LENGTH)
    return refused(at, { code: 'RSE1108', message: `this command is longer than ${MAX_LENGTH} characters` });
  const control = FORBIDDEN.exec(text);
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).padStart(4, '0');
    const message = `a command text cannot hold the control character U+${code.toUpperCase()}`;
    const hint = 'write the command in one line, or as an array of words';
    return refused(at, { code: 'RSE1108', message, hint, start: control.index, length: 1 });
  }
  const { segments, malformed } = segmentsOf(text);
  if (malformed !== null) {
    expand(at);
    return null;
  }
  const masked = segments.map(maskOf).join('');
  const words = agreedWords(masked, { at, segments });
  return words === null ? null : words.map((word) => filled(word, segments, at));
}

// The escape `$$` is a hole too: its dollar sign must not be read as syntax.
function maskOf(segment: Segment, index: number): string {
  return segment.type === 'text' && segment.text.length === segment.end - segment.start
    ? segment.text
    : `${OPEN}${index}${CLOSE}`;
}

function filled(word: string, segments: readonly Segment[], at: Place): string {
  return word.replace(/\uE000(\d+)\uE001/g, (_, index: string) => {
    const segment = segments[Number(index)];
    return segment === undefined ? '' : valueOf(segment, at);
  });
}

interface Masked {
  readonly at: Place;
  readonly segments: readonly Segment[];
}

function agreedWords(masked: string, context: Masked): readonly string[] | null {
  const sign = shellSign(masked);
  if (sign !== null) return needsShell(sign, masked, context);
  let words: readonly string[];
  try {
    words = split(masked);
  } catch {
    return refused(context.at, {
      code: 'RSE1108',
      message: 'a quote or a backslash in this command is not closed',
      hint: 'close it, or write the command as an array of words',
    });
  }
  const others = parse(masked, (name) => ({ op: `$${name}` }));
  const operator = others.find((token) => typeof token !== 'string');
  if (operator !== undefined) {
    const found = 'comment' in operator ? '#' : 'pattern' in operator ? operator.pattern : operator.op;
    return needsShell({ sign: found, index: Math.max(0, masked.indexOf(found)) }, masked, context);
  }
  if (words.length !== others.length || words.some((word, index) => word !== others[index]))
    return refused(context.at, {
      code: 'RSE1108',
      message: 'the quotes and backslashes of this command can be read in more than one way',
      hint: 'write the command as an array of words',
    });
  const assignment = /^[A-Za-z_]\w*=/.exec(words[0] ?? '')?.[0];
  if (assignment !== undefined)
    return needsShell({ sign: assignment, index: masked.indexOf(assignment) }, masked, context);
  if ((words[0] ?? '') === '') return refused(context.at, { code: 'RSE1108', message: 'this command has no program' });
  return words;
}

function needsShell(found: Sign, masked: string, { at, segments }: Masked): null {
  const start = writtenOffset(found.index, segments);
  const variable = /^\$([A-Za-z_]\w*)/.exec(found.sign)?.[1];
  const assigned = /^(\w+)=$/.exec(found.sign)?.[1];
  const first = variable === undefined ? '' : `write \${${variable}} to insert the variable; or `;
  const env = assigned === undefined ? '' : `set ${assigned} under "env"; or `;
  return refused(at, {
    code: 'RSE1107',
    message: `"${found.sign}" is shell syntax, and this command runs without a shell`,
    start,
    length: Math.min(found.sign.length, masked.length),
    hint: `${first}${env}quote it, write the command as an array of words, or set shell = true`,
  });
}

/** An offset into the masked text as an offset into the written one. */
function writtenOffset(offset: number, segments: readonly Segment[]): number {
  let masked = 0;
  for (const [index, segment] of segments.entries()) {
    const mask = maskOf(segment, index);
    const inner = mask.startsWith(OPEN) ? 0 : offset - masked;
    if (offset < masked + mask.length) return segment.start + inner;
    masked += mask.length;
  }
  return 0;
}

interface Sign {
  readonly sign: string;
  readonly index: number;
}

const SIGNS = /^(?:&&|\|\||\|&|;;|>>|<<<?|>&|<&|&>|<>|>\||[;&|<>()`*?#]|\$'|\$\(|\$[A-Za-z_]\w*|\$[0-9@*#?$!-]|\$)/;
const WORD_SIGNS = /^(?:~|\{[^{}\s]*(?:,|\.\.)[^{}\s]*\})/;

/** The first shell sign outside quotes, or null. Inside double quotes `$` and the backquote still are signs. */
function shellSign(text: string): Sign | null {
  let quote: '"' | "'" | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if (sign === '\\' && quote !== "'") at += 1;
    else if (quote === null && (sign === '"' || sign === "'")) quote = sign;
    else if (sign === quote) quote = null;
    else if (quote !== "'") {
      const found = signAt(text, at, quote);
      if (found !== null) return { sign: found, index: at };
    }
  }
  return null;
}

function signAt(text: string, at: number, quote: '"' | null): string | null {
  const rest = text.slice(at, at + 300);
  const found = SIGNS.exec(rest)?.[0];
  if (quote !== null) return found !== undefined && /^[$`]/.test(found) ? found : null;
  const startsWord = at === 0 || /\s/.test(text[at - 1] ?? '');
  if (found === '#' && !startsWord) return null;
  if (found !== undefined) return found;
  const inWord = WORD_SIGNS.exec(rest)?.[0];
  return inWord === undefined || (inWord === '~' && !startsWord) ? null : inWord;
}
