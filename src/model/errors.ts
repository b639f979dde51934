/**
 * Every error that Rouse reports: one closed table of codes, and the class that carries them.
 *
 * Codes are API. 0xxx finding and reading · 1xxx definition · 2xxx starting and health · 3xxx daemon and network ·
 * 4xxx conflicts and permissions · 9xxx a bug in Rouse. `exit` is the command line's exit code, `status` the API's.
 */
// breaks file-length: the table of codes is one thing, and is read by searching, not from the top.
import type { Origin, ServiceName } from './spec.ts';

interface ErrorRow {
  readonly title: string;
  readonly exit: number;
  readonly status: number;
}

/** The table: code to title, exit code and HTTP status. */
export const ERRORS = {
  RSE0101: { title: 'No definition file', exit: 2, status: 404 },
  RSE0102: { title: 'Two definition files in one folder', exit: 2, status: 409 },
  RSE0103: { title: 'File cannot be read', exit: 2, status: 400 },
  RSE0104: { title: 'File is too large', exit: 2, status: 413 },
  RSE0105: { title: 'Syntax error in a definition', exit: 2, status: 400 },
  RSE0106: { title: 'File is not trusted', exit: 2, status: 403 },
  RSE0107: { title: 'Wrong command line', exit: 2, status: 400 },
  RSE1101: { title: 'Wrong type of value', exit: 2, status: 422 },
  RSE1102: { title: 'Value out of range', exit: 2, status: 422 },
  RSE1103: { title: 'Missing key', exit: 2, status: 422 },
  RSE1104: { title: 'Unknown key', exit: 2, status: 422 },
  RSE1105: { title: 'Key not yet supported in this version', exit: 2, status: 422 },
  RSE1106: { title: 'Keys exclude each other', exit: 2, status: 422 },
  RSE1107: { title: 'Command needs a shell', exit: 2, status: 422 },
  RSE1108: { title: 'Malformed command', exit: 2, status: 422 },
  RSE1109: { title: 'Malformed service name', exit: 2, status: 422 },
  RSE1110: { title: 'Reserved service name', exit: 2, status: 422 },
  RSE1111: { title: 'Malformed duration or size', exit: 2, status: 422 },
  RSE1112: { title: 'Forbidden environment variable', exit: 2, status: 422 },
  RSE1113: { title: 'Malformed address', exit: 2, status: 422 },
  RSE1114: { title: 'Malformed pattern', exit: 2, status: 422 },
  RSE1115: { title: 'Duplicate service', exit: 2, status: 422 },
  RSE1116: { title: 'Too many services or files', exit: 2, status: 422 },
  RSE1117: { title: 'Duplicate key', exit: 2, status: 422 },
  RSE1118: { title: 'Secret in plain text', exit: 0, status: 200 },
  RSE1119: { title: 'Malformed schedule', exit: 2, status: 422 },
  RSE1120: { title: 'Key belongs in a file', exit: 2, status: 422 },
  RSE1121: { title: 'Command is not on the list', exit: 2, status: 422 },
  RSE1122: { title: 'Service needs a user', exit: 2, status: 422 },
  RSE1123: { title: 'User or group cannot be taken', exit: 2, status: 422 },
  RSE1124: { title: 'Definition of the API asks for too much', exit: 2, status: 422 },
  RSE1201: { title: 'Circular dependency', exit: 2, status: 422 },
  RSE1202: { title: 'Service depends on itself', exit: 2, status: 422 },
  RSE1203: { title: 'Unknown dependency', exit: 2, status: 422 },
  RSE1204: { title: 'Condition cannot be met', exit: 2, status: 422 },
  RSE1205: { title: 'Unknown template', exit: 2, status: 422 },
  RSE1206: { title: 'Conflict that cannot be kept', exit: 2, status: 422 },
  RSE1301: { title: 'Malformed interpolation', exit: 2, status: 422 },
  RSE1302: { title: 'Variable is not set', exit: 2, status: 422 },
  RSE1400: { title: 'Definition has problems', exit: 2, status: 422 },
  RSE2101: { title: 'Program not found', exit: 1, status: 409 },
  RSE2102: { title: 'Service ended before it was ready', exit: 1, status: 409 },
  RSE2103: { title: 'Service never became ready', exit: 1, status: 409 },
  RSE2104: { title: 'Start command failed', exit: 1, status: 409 },
  RSE2105: { title: 'Service is blocked by a dependency', exit: 1, status: 409 },
  RSE2106: { title: 'Restart limit reached', exit: 1, status: 409 },
  RSE2107: { title: 'Service would not stop', exit: 1, status: 409 },
  RSE2108: { title: 'Nushell not found', exit: 1, status: 409 },
  RSE2109: { title: 'Service cannot be started', exit: 1, status: 409 },
  RSE2110: { title: 'Several services failed', exit: 1, status: 409 },
  RSE2111: { title: 'Request was superseded', exit: 1, status: 409 },
  RSE2112: { title: 'Service became unhealthy', exit: 1, status: 409 },
  RSE2113: { title: 'Program cannot be executed', exit: 1, status: 409 },
  RSE2114: { title: 'Program is not trusted', exit: 1, status: 409 },
  RSE2115: { title: 'Secret cannot be handed over', exit: 1, status: 409 },
  RSE2116: { title: 'Isolation cannot be had', exit: 1, status: 409 },
  RSE2201: { title: 'Timed out waiting', exit: 124, status: 408 },
  RSE3001: { title: 'No daemon is running', exit: 5, status: 503 },
  RSE3002: { title: 'Daemon cannot be reached', exit: 5, status: 503 },
  RSE3003: { title: 'Daemon did not start', exit: 5, status: 503 },
  RSE3004: { title: 'Daemon speaks another version', exit: 5, status: 503 },
  RSE3005: { title: 'Socket path is too long', exit: 2, status: 400 },
  RSE3006: { title: 'Folder is not private', exit: 5, status: 503 },
  RSE3007: { title: 'Daemon is stopping', exit: 5, status: 503 },
  RSE3008: { title: 'State cannot be written', exit: 5, status: 503 },
  RSE3009: { title: 'Listener is not safe', exit: 2, status: 422 },
  RSE3010: { title: 'Listener differs', exit: 6, status: 409 },
  RSE4001: { title: 'Unknown service', exit: 4, status: 404 },
  RSE4002: { title: 'Unknown change', exit: 4, status: 404 },
  RSE4003: { title: 'Unknown path', exit: 4, status: 404 },
  RSE4004: { title: 'Method not allowed', exit: 2, status: 405 },
  RSE4005: { title: 'Services depend on it', exit: 6, status: 409 },
  RSE4006: { title: 'Orchestration is disabled', exit: 6, status: 409 },
  RSE4007: { title: 'Dependency is not running', exit: 6, status: 409 },
  RSE4008: { title: 'Live services would be lost', exit: 6, status: 409 },
  RSE4009: { title: 'Another change holds these services', exit: 6, status: 409 },
  RSE4010: { title: 'Project belongs to another file', exit: 6, status: 409 },
  RSE4011: { title: 'Confirmation needed', exit: 6, status: 409 },
  RSE4012: { title: 'Definition changed meanwhile', exit: 6, status: 412 },
  RSE4013: { title: 'If-Match is missing', exit: 2, status: 428 },
  RSE4014: { title: 'External service is only watched', exit: 6, status: 409 },
  RSE4015: { title: 'Another daemon holds the project', exit: 6, status: 409 },
  RSE4016: { title: 'Services are never up together', exit: 6, status: 409 },
  RSE4017: { title: 'Service is pinned', exit: 6, status: 409 },
  RSE4018: { title: 'Earlier run could not be ended', exit: 6, status: 409 },
  RSE4019: { title: 'Service is not running', exit: 6, status: 409 },
  RSE4020: { title: 'Service has no command of its own', exit: 6, status: 409 },
  RSE4101: { title: 'Malformed request', exit: 2, status: 400 },
  RSE4102: { title: 'Request does not fit the schema', exit: 2, status: 422 },
  RSE4103: { title: 'Body is too large', exit: 2, status: 413 },
  RSE4104: { title: 'Wrong content type', exit: 2, status: 415 },
  RSE4105: { title: 'Wrong host', exit: 5, status: 421 },
  RSE4106: { title: 'Foreign origin', exit: 5, status: 403 },
  RSE4107: { title: 'Idempotency key was used with another body', exit: 2, status: 422 },
  RSE4108: { title: 'Address is too long', exit: 2, status: 414 },
  RSE4109: { title: 'Headers are too large', exit: 2, status: 431 },
  RSE4110: { title: 'Idempotency key is in use', exit: 6, status: 409 },
  RSE4111: { title: 'Too many reloads', exit: 6, status: 429 },
  RSE4112: { title: 'Credential is missing or unknown', exit: 5, status: 401 },
  RSE4113: { title: 'Role does not allow it', exit: 5, status: 403 },
  RSE4114: { title: 'Service is out of reach', exit: 5, status: 403 },
  RSE4115: { title: 'Too many requests', exit: 5, status: 429 },
  RSE4116: { title: 'Too many failed credentials', exit: 5, status: 429 },
  RSE4117: { title: 'Too many streams', exit: 5, status: 429 },
  RSE4118: { title: 'Definitions are not taken here', exit: 5, status: 403 },
  RSE4119: { title: 'Cannot be put on record', exit: 5, status: 503 },
  RSE4120: { title: 'Unknown token', exit: 4, status: 404 },
  RSE4121: { title: 'Token name is taken', exit: 6, status: 409 },
  RSE4122: { title: 'Audit trail is not whole', exit: 1, status: 409 },
  RSE9001: { title: 'Bug in Rouse', exit: 70, status: 500 },
} as const satisfies Record<string, ErrorRow>;

/** A code of the table. */
export type ErrorCode = keyof typeof ERRORS;

/** A further place that belongs to the same fault, e.g. another edge of a cycle. */
export interface RelatedPlace {
  readonly origin: Origin;
  readonly message: string;
}

/** One fault of a definition, with its place. `length` is the number of characters to underline, at least 1. */
export interface Issue {
  readonly code: ErrorCode;
  readonly message: string;
  readonly origin: Origin | null;
  readonly length: number;
  /** The key path inside the definition, e.g. `["services", "web", "depends_on", 1]`. */
  readonly path: readonly (string | number)[];
  /** What it should probably say, or null. */
  readonly suggestion: string | null;
  /** What to do, or null. */
  readonly hint: string | null;
  readonly also: readonly RelatedPlace[];
  /** Services involved, in a meaningful order (a cycle's path, both ends of an edge); may be empty. */
  readonly services: readonly ServiceName[];
}

/** What an error may carry beside its message. All optional; never a definition's secret value. */
export interface ErrorFields {
  readonly hint?: string;
  readonly service?: ServiceName;
  /** Every service involved: dependents, a cycle's path, both ends of an edge. */
  readonly services?: readonly ServiceName[];
  readonly origin?: Origin | null;
  readonly issues?: readonly Issue[];
  readonly exitCode?: number | null;
  readonly signal?: string | null;
  readonly lastLogs?: readonly string[];
  /** Services that were not started because of it. */
  readonly blocked?: readonly ServiceName[];
  readonly pids?: readonly number[];
  readonly attempts?: number;
  readonly lastResult?: string | null;
  readonly cause?: unknown;
}

/** A fault of the world, with what to do about it. A bug is an `assert`, not one of these. */
export class RouseError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | null;
  readonly fields: ErrorFields;

  constructor(code: ErrorCode, message: string, fields: ErrorFields = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = 'RouseError';
    this.code = code;
    this.hint = fields.hint ?? null;
    this.fields = fields;
  }

  /** The service it is about, or null. */
  get service(): ServiceName | null {
    return this.fields.service ?? null;
  }

  /** Where it was caused in a definition, or null. */
  get origin(): Origin | null {
    return this.fields.origin ?? null;
  }

  /** The page that explains the code: what `rouse explain CODE` prints. */
  get docs(): string {
    return `/docs/errors/${this.code}`;
  }

  /** The problem document of the API (RFC 9457 with Rouse's members), without `instance` and `request_id`. */
  toJSON(): ProblemDocument {
    const row = ERRORS[this.code];
    return {
      type: this.docs,
      title: row.title,
      status: row.status,
      detail: this.message,
      success: false,
      code: this.code,
      ...(this.service === null ? {} : { service: this.service }),
      ...(this.hint === null ? {} : { hint: this.hint }),
      ...(this.fields.services === undefined ? {} : { services: this.fields.services }),
      errors: (this.fields.issues ?? []).map(problemOf),
    };
  }
}

/** The definition as a whole was refused. `issues` is not empty and in file order. */
export class DefinitionError extends RouseError {
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    const [first] = issues;
    const sole = issues.length === 1 ? first : undefined;
    super(sole?.code ?? 'RSE1400', sole?.message ?? `cannot use the definition: it has ${issues.length} problems`, {
      issues,
      services: sole?.services ?? [],
      ...(first === undefined ? {} : { origin: first.origin }),
      ...(typeof sole?.hint === 'string' ? { hint: sole.hint } : {}),
    });
    this.name = 'DefinitionError';
    this.issues = issues;
  }
}

/** A service did not come up. `message` ends with the last log lines; `shortMessage` does not. */
export class StartError extends RouseError {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly lastLogs: readonly string[];
  readonly blocked: readonly ServiceName[];
  readonly shortMessage: string;

  constructor(code: ErrorCode, shortMessage: string, fields: ErrorFields = {}) {
    const tail = (fields.lastLogs ?? []).map((line) => `\n  | ${line}`).join('');
    super(code, `${shortMessage}${tail}`, fields);
    this.name = 'StartError';
    this.shortMessage = shortMessage;
    this.exitCode = fields.exitCode ?? null;
    this.signal = fields.signal ?? null;
    this.lastLogs = fields.lastLogs ?? [];
    this.blocked = fields.blocked ?? [];
  }
}

/** A service ran but its check never passed in time. */
export class HealthTimeoutError extends StartError {
  readonly attempts: number;
  readonly lastResult: string | null;

  constructor(shortMessage: string, fields: ErrorFields = {}) {
    super('RSE2103', shortMessage, fields);
    this.name = 'HealthTimeoutError';
    this.attempts = fields.attempts ?? 0;
    this.lastResult = fields.lastResult ?? null;
  }
}

/** Something survived SIGKILL. */
export class StopTimeoutError extends RouseError {
  readonly pids: readonly number[];

  constructor(message: string, fields: ErrorFields = {}) {
    super('RSE2107', message, fields);
    this.name = 'StopTimeoutError';
    this.pids = fields.pids ?? [];
  }
}

/** The request contradicts what is so; `services` names whom. */
export class ConflictError extends RouseError {
  readonly services: readonly ServiceName[];

  constructor(code: ErrorCode, message: string, fields: ErrorFields = {}) {
    super(code, message, fields);
    this.name = 'ConflictError';
    this.services = fields.services ?? [];
  }
}

/** The named service, change or path does not exist. */
export class NotFoundError extends RouseError {
  constructor(code: 'RSE4001' | 'RSE4002' | 'RSE4003', message: string, fields: ErrorFields = {}) {
    super(code, message, fields);
    this.name = 'NotFoundError';
  }
}

/** The daemon cannot be reached. */
export class ConnectionError extends RouseError {
  constructor(code: ErrorCode, message: string, fields: ErrorFields = {}) {
    super(code, message, fields);
    this.name = 'ConnectionError';
  }
}

/** Whether a caught value is one of Rouse's errors. */
export function isRouseError(error: unknown): error is RouseError {
  return error instanceof RouseError;
}

/** One entry of `errors` in a problem document; null where a definition gave no place. */
export interface ProblemIssue {
  readonly code: ErrorCode;
  /** JSON pointer into the definition. */
  readonly pointer: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  readonly suggestion: string | null;
}

/** The body of a refused request. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly success: false;
  readonly code: ErrorCode;
  readonly service?: ServiceName;
  readonly hint?: string;
  readonly services?: readonly ServiceName[];
  readonly errors: readonly ProblemIssue[];
}

function problemOf(issue: Issue): ProblemIssue {
  return {
    code: issue.code,
    pointer: issue.path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    file: issue.origin?.file ?? null,
    line: issue.origin?.line ?? null,
    column: issue.origin?.column ?? null,
    message: issue.message,
    suggestion: issue.suggestion,
  };
}
