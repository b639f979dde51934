/** An error as people read it, and as programs do. */
import { DefinitionError, RouseError } from '../../model/errors.ts';
import type { Origin } from '../../model/spec.ts';
import { escapeLine, escapeText } from './escape.ts';
import { type Style, mark, paint } from './style.ts';

/** How files are named. `folder`: paths below it are shown relative to it. */
export interface ProblemLayout {
  readonly style: Style;
  readonly folder: string;
  /** The lines that show a definition's issues with their source; null when they are shown without. */
  readonly issueLines: readonly string[] | null;
}

/**
 * The lines of an error: `error[CODE]: message`, where, the last output, whom else it stops, what to do, where to read.
 * A definition with problems shows each of them. An error that is none of Rouse's is a bug and says so.
 */
export function problemScreen(error: unknown, layout: ProblemLayout): string[] {
  if (!(error instanceof RouseError)) return bugLines(error, layout.style);
  if (error instanceof DefinitionError && layout.issueLines !== null) return [...layout.issueLines];
  const { style } = layout;
  const message =
    'shortMessage' in error && typeof error.shortMessage === 'string' ? error.shortMessage : error.message;
  return [
    `${paint(style, 'error', 'error')}[${error.code}]: ${escapeLine(message)}`,
    ...(error.origin === null ? [] : [`  --> ${place(error.origin, layout.folder)}`]),
    ...(error.fields.lastLogs ?? []).map((text) => `  ${mark(style, 'bar')} ${escapeLine(text)}`),
    ...(error.fields.issues ?? []).map(
      (issue) =>
        `  ${issue.origin === null ? '' : `${place(issue.origin, layout.folder)}  `}${escapeLine(issue.message)}`,
    ),
    ...row('also', alsoText(error)),
    ...row('fix', error.hint),
  ];
}

/** `file:line:column`, the file relative to the folder where it lies below it. */
export function place(origin: Origin, folder: string): string {
  const prefix = folder.endsWith('/') ? folder : `${folder}/`;
  const file = origin.file.startsWith(prefix) ? origin.file.slice(prefix.length) : origin.file;
  return escapeLine(`${file}:${origin.line}:${origin.column}`);
}

const row = (key: string, text: string | null): readonly string[] =>
  text === null || text === '' ? [] : [`  ${key.padEnd(5)} ${escapeText(text).replaceAll('\n', '\n        ')}`];

function alsoText({ fields }: RouseError): string {
  const blocked = fields.blocked ?? [];
  return blocked.length === 0 ? '' : `${blocked.join(', ')} ${blocked.length === 1 ? 'was' : 'were'} not started`;
}

function bugLines(error: unknown, style: Style): string[] {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [
    `${paint(style, 'error', 'error')}[RSE9001]: this is a bug in Rouse`,
    ...stack.split('\n').map((text) => `  ${escapeLine(text)}`),
    '  fix   please report it with the lines above and `rouse version`',
  ];
}
