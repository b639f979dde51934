/** `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `$$`: what a text with holes is made of. */

/** A part of a text. Units: offsets into the text, `end` excluded. */
export type Segment =
  | { readonly type: 'text'; readonly text: string; readonly start: number; readonly end: number }
  | {
      readonly type: 'variable';
      readonly name: string;
      readonly otherwise: 'error' | 'default' | 'message';
      /** The default or the message, as written; may hold variables itself. */
      readonly argument: string;
      /** Where the argument begins in the text. */
      readonly argumentStart: number;
      readonly start: number;
      readonly end: number;
    };

/** A hole that cannot be read. */
export interface Malformed {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_-]+)*$/;

/**
 * The segments of a text, in order and without gaps but for the escape `$$`, which becomes one dollar sign.
 * A dollar sign that is followed by neither `{` nor `$` stands for itself. Source: the Compose specification, 12.
 */
export function segmentsOf(text: string): {
  readonly segments: readonly Segment[];
  readonly malformed: Malformed | null;
} {
  const segments: Segment[] = [];
  let from = 0;
  const plain = (end: number): void => {
    if (end > from) segments.push({ type: 'text', text: text.slice(from, end), start: from, end });
  };
  for (let at = text.indexOf('$'); at >= 0; at = text.indexOf('$', at)) {
    const next = text[at + 1];
    if (next === '$') {
      plain(at);
      segments.push({ type: 'text', text: '$', start: at, end: at + 2 });
      at += 2;
      from = at;
    } else if (next === '{') {
      plain(at);
      const end = closingBrace(text, at + 2);
      if (end < 0) return { segments, malformed: { message: '"${" is not closed', start: at, end: text.length } };
      const variable = variableOf(text, at, end);
      if ('message' in variable) return { segments, malformed: variable };
      segments.push(variable);
      at = end + 1;
      from = at;
    } else at += 1;
  }
  plain(text.length);
  return { segments, malformed: null };
}

function variableOf(text: string, start: number, close: number): Segment | Malformed {
  const inner = text.slice(start + 2, close);
  const port = /^replica\.port:(\d{1,5})$/.exec(inner)?.[1];
  if (port !== undefined)
    return {
      type: 'variable',
      name: 'replica.port',
      otherwise: 'default',
      argument: port,
      argumentStart: close - port.length,
      start,
      end: close + 1,
    };
  const match = /^([^:?]*?)(?:(:-|:\?)([\s\S]*))?$/.exec(inner);
  const [, name = '', operator, argument = ''] = match ?? [];
  const end = close + 1;
  if (name === 'port' || name === 'port:auto' || inner.startsWith('port:'))
    return { message: '"${port:…}" is not yet supported in this version', start, end };
  if (match === null || !NAME.test(name))
    return { message: `"\${${inner.slice(0, 40)}}" is not the name of a variable`, start, end };
  const otherwise = operator === ':-' ? 'default' : operator === ':?' ? 'message' : 'error';
  return { type: 'variable', name, otherwise, argument, argumentStart: close - argument.length, start, end };
}

function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '$' && text[at + 1] === '{') depth += 1;
    else if (text[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}
