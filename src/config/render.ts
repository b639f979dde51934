/** Faults of a definition as people read them: the line, a mark under the place, and what to do. */
import type { Issue } from '../model/errors.ts';
import type { Origin } from '../model/spec.ts';

/** How parts of a block may be set off. */
export type IssueRole = 'error' | 'strong' | 'faint';

/** How issues are shown. All but `textOf` may be left out. */
export interface IssueView {
  /** The text of a file, for the line that is shown; null when it cannot be had. */
  readonly textOf: (file: string) => string | null;
  /** A file's name as it is shown, e.g. relative to the working folder. */
  readonly nameOf?: (file: string) => string;
  readonly paint?: (role: IssueRole, text: string) => string;
  /** The most blocks that are shown; the others are counted. 10. */
  readonly limit?: number;
}

const LIMIT = 10;
/** Columns of a source line around the mark. */
const WIDTH = 160;

/**
 * The blocks of the issues, in the order given, parted by empty lines, without a line break at the end.
 * Characters that steer a terminal are shown as `\uXXXX`, in names, messages and source lines alike.
 */
export function renderIssues(issues: readonly Issue[], view: IssueView): string {
  const shown = issues.slice(0, view.limit ?? LIMIT);
  const blocks = shown.map((issue) => blockOf(issue, view).join('\n'));
  const rest = issues.length - shown.length;
  return [...blocks, ...(rest > 0 ? [`and ${rest} more (rouse validate)`] : [])].join('\n\n');
}

function blockOf(issue: Issue, view: IssueView): string[] {
  const head = `${paint(view, 'error', `error[${issue.code}]`)}: ${paint(view, 'strong', escaped(issue.message))}`;
  const all = issue.also.some(({ origin }) => sameOrigin(origin, issue.origin));
  const places = issue.also.map(({ origin, message }) => alsoLine(origin, message, view));
  const place = all || issue.origin === null ? [] : sourceLines(issue, issue.origin, view);
  const path = issue.origin === null && issue.path.length > 0 ? [`  at    ${escaped(issue.path.join('.'))}`] : [];
  const said = issue.suggestion !== null && issue.hint?.startsWith('did you mean') === true;
  const hint = issue.hint === null || said ? [] : [`  fix   ${escaped(issue.hint)}`];
  return [head, ...place, ...path, ...places, ...hint];
}

function sourceLines(issue: Issue, origin: Origin, view: IssueView): string[] {
  const arrow = `  ${paint(view, 'faint', '-->')} ${placeOf(origin, view)}`;
  const line = view.textOf(origin.file)?.split('\n')[origin.line - 1]?.replace(/\r$/, '');
  if (line === undefined || line.trim() === '') return [arrow];
  const from = line.length > WIDTH ? Math.max(0, origin.column - 1 - WIDTH / 2) : 0;
  const before = escaped(line.slice(from, origin.column - 1));
  const marked = escaped(line.slice(origin.column - 1, origin.column - 1 + issue.length));
  const after = escaped(line.slice(origin.column - 1 + issue.length, from + WIDTH));
  const number = String(origin.line);
  const gap = ' '.repeat(number.length);
  const carets = '^'.repeat(Math.max(1, Math.min(marked.length, WIDTH)));
  const guess = issue.suggestion === null ? '' : ` did you mean ${quoted(issue.suggestion)}?`;
  return [
    arrow,
    paint(view, 'faint', `${gap} |`),
    `${paint(view, 'faint', `${number} |`)} ${before}${marked}${after}`,
    `${paint(view, 'faint', `${gap} |`)} ${' '.repeat(before.length)}${paint(view, 'error', carets)}${escaped(guess)}`,
  ];
}

const quoted = (text: string): string => (text.startsWith('"') ? text : `"${text}"`);

function alsoLine(origin: Origin, message: string, view: IssueView): string {
  const line = view.textOf(origin.file)?.split('\n')[origin.line - 1]?.trim() ?? '';
  const source = line === '' ? '' : `   ${escaped(line.slice(0, WIDTH / 2))}`;
  return `  ${paint(view, 'faint', '-->')} ${placeOf(origin, view)}${source}   ${escaped(message)}`;
}

function placeOf(origin: Origin, view: IssueView): string {
  const name = view.nameOf?.(origin.file) ?? origin.file;
  return `${escaped(name)}:${origin.line}:${origin.column}`;
}

const sameOrigin = (left: Origin, right: Origin | null): boolean =>
  right !== null && left.file === right.file && left.line === right.line && left.column === right.column;

function paint(view: IssueView, role: IssueRole, text: string): string {
  return view.paint?.(role, text) ?? text;
}

// A tab is one column wide, so that the mark stands under its place.
function escaped(text: string): string {
  return text
    .replaceAll('\t', ' ')
    .replace(/\p{C}/gu, (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}
