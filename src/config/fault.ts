/** Faults as they are found: collected, put in order and made into issues. */
import type { ErrorCode, Issue, RelatedPlace } from '../model/errors.ts';
import type { ServiceName } from '../model/spec.ts';
import { type Span, lengthOf, originOf } from './source.ts';
import type { Path } from './tree.ts';

/** A fault with the stretch of text that shows it. */
export interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly span: Span | null;
  readonly path: Path;
  readonly suggestion?: string | null;
  readonly hint?: string;
  readonly also?: readonly RelatedPlace[];
  readonly services?: readonly ServiceName[];
}

/** Takes a fault; reading goes on so that all are found at once. */
export type Report = (fault: Fault) => void;

/** The fault as an issue of the model. */
export function issueOf(fault: Fault): Issue {
  return {
    code: fault.code,
    message: fault.message,
    origin: originOf(fault.span),
    length: lengthOf(fault.span),
    path: fault.path,
    suggestion: fault.suggestion ?? null,
    hint: fault.hint ?? null,
    also: fault.also ?? [],
    services: fault.services ?? [],
  };
}

/**
 * Issues in the order of files and lines, those without a place last, each place and code once: a fault in a template
 * is one fault, however many services use it.
 */
export function inOrder(issues: readonly Issue[], files: readonly string[]): readonly Issue[] {
  const seen = new Set<string>();
  const unique = issues.filter((issue) => {
    const place = issue.origin === null ? issue.path : [issue.origin.file, issue.origin.line, issue.origin.column];
    const mark = JSON.stringify([issue.code, place, issue.path.at(-1)]);
    return seen.has(mark) ? false : seen.add(mark) !== undefined;
  });
  const rank = (issue: Issue): number => {
    const at = issue.origin === null ? -1 : files.indexOf(issue.origin.file);
    return at < 0 ? files.length : at;
  };
  return unique.toSorted(
    (left, right) =>
      rank(left) - rank(right) ||
      (left.origin?.line ?? 0) - (right.origin?.line ?? 0) ||
      (left.origin?.column ?? 0) - (right.origin?.column ?? 0),
  );
}
