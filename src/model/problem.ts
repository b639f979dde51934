/** An error on its way over a wire and back: the problem document of RFC 9457, and the class rebuilt from one. */
import {
  ConflictError,
  ConnectionError,
  DefinitionError,
  ERRORS,
  type ErrorCode,
  type ErrorFields,
  HealthTimeoutError,
  type Issue,
  NotFoundError,
  RouseError,
  StartError,
  StopTimeoutError,
} from './errors.ts';

/** One entry of `errors`: the issue with nothing left out, so that the reader can draw it as the loader would. */
export interface FullIssue {
  readonly code: ErrorCode;
  readonly pointer: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly length: number;
  readonly message: string;
  readonly suggestion: string | null;
  readonly hint: string | null;
  readonly services: readonly string[];
  readonly also: readonly {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly message: string;
  }[];
}

/** A problem document with every issue in full. */
export interface FullProblem extends Omit<ReturnType<RouseError['toJSON']>, 'errors'> {
  readonly errors: readonly FullIssue[];
  /** Beside RSE4005: who depends on it and lives. */
  readonly dependents?: readonly string[];
}

/** The problem document of an error. Shapes: `errors` in the order of `issues`, empty for anything but a definition. */
export function problemOf(error: RouseError): FullProblem {
  return {
    ...error.toJSON(),
    ...(error.code === 'RSE4005' ? { dependents: error.fields.services ?? [] } : {}),
    errors: (error.fields.issues ?? []).map(fullIssueOf),
  };
}

/**
 * The error that a problem document tells of, in the class that was thrown where it arose; null when the value is no
 * problem document of Rouse. Members that are missing or have another type are left out, never guessed.
 */
export function errorOf(problem: unknown): RouseError | null {
  if (!isRecord(problem)) return null;
  const { code, detail } = problem;
  if (!isCode(code) || typeof detail !== 'string') return null;
  const issues = Array.isArray(problem['errors'])
    ? problem['errors'].map(issueOf).filter((issue) => issue !== null)
    : [];
  const services = stringsOf(problem['services']);
  const { hint, service } = problem;
  const fields: ErrorFields = {
    ...(typeof hint === 'string' ? { hint } : {}),
    ...(typeof service === 'string' ? { service } : {}),
    ...(services === null ? {} : { services }),
  };
  return rebuild(code, detail, { fields, issues });
}

function rebuild(
  code: ErrorCode,
  detail: string,
  { fields, issues }: { readonly fields: ErrorFields; readonly issues: readonly Issue[] },
): RouseError {
  if (issues.length > 0 && /^RSE[01]/.test(code)) return new DefinitionError(issues);
  if (code === 'RSE4001' || code === 'RSE4002' || code === 'RSE4003') return new NotFoundError(code, detail, fields);
  if (code === 'RSE2103') return new HealthTimeoutError(detail, fields);
  if (code === 'RSE2107') return new StopTimeoutError(detail, fields);
  if (code.startsWith('RSE21')) return new StartError(code, detail, fields);
  if (code.startsWith('RSE30')) return new ConnectionError(code, detail, fields);
  if (ERRORS[code].exit === 6) return new ConflictError(code, detail, fields);
  return new RouseError(code, detail, issues.length === 0 ? fields : { ...fields, issues });
}

function fullIssueOf(issue: Issue): FullIssue {
  return {
    code: issue.code,
    pointer: issue.path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    file: issue.origin?.file ?? null,
    line: issue.origin?.line ?? null,
    column: issue.origin?.column ?? null,
    length: issue.length,
    message: issue.message,
    suggestion: issue.suggestion,
    hint: issue.hint,
    services: issue.services,
    also: issue.also.map(({ origin, message }) => ({ ...origin, message })),
  };
}

function issueOf(value: unknown): Issue | null {
  if (!isRecord(value) || !isCode(value['code']) || typeof value['message'] !== 'string') return null;
  const { pointer, length, suggestion, hint, also } = value;
  return {
    code: value['code'],
    message: value['message'],
    origin: originOf(value),
    length: typeof length === 'number' ? length : 1,
    path: typeof pointer === 'string' ? pathOf(pointer) : [],
    suggestion: typeof suggestion === 'string' ? suggestion : null,
    hint: typeof hint === 'string' ? hint : null,
    also: (Array.isArray(also) ? also : []).flatMap((place: unknown) => {
      const origin = isRecord(place) ? originOf(place) : null;
      return isRecord(place) && origin !== null && typeof place['message'] === 'string'
        ? [{ origin, message: place['message'] }]
        : [];
    }),
    services: stringsOf(value['services']) ?? [],
  };
}

function originOf(value: Readonly<Record<string, unknown>>): Issue['origin'] {
  const { file, line, column } = value;
  const isPlace = typeof file === 'string' && typeof line === 'number' && typeof column === 'number';
  return isPlace ? { file, line, column } : null;
}

// A pointer does not say whether a part is an index; a part of digits is taken for one, as in `/depends_on/1`.
function pathOf(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^(0|[1-9]\d*)$/.test(part) ? Number(part) : part));
}

function stringsOf(value: unknown): readonly string[] | null {
  return Array.isArray(value) && value.every((part) => typeof part === 'string') ? value : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value);
}
