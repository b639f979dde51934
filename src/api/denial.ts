/** Being turned away before anything is done: an error with the headers that its answer needs. */
import { type ErrorCode, type ErrorFields, RouseError } from '../model/errors.ts';

/** A refusal of access. `headers` in lower case. */
export class Denial extends RouseError {
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ErrorCode,
    message: string,
    fields: ErrorFields & { readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    const { headers = {}, ...rest } = fields;
    super(code, message, rest);
    this.name = 'Denial';
    this.headers = headers;
  }
}

/** Come back later: 429 and its kin. `afterMs` is rounded up to whole seconds, at least one. */
export function tooMany(code: ErrorCode, message: string, afterMs: number): Denial {
  const seconds = Math.max(1, Math.ceil(afterMs / 1000));
  return new Denial(code, message, { hint: `wait ${seconds} s`, headers: { 'retry-after': String(seconds) } });
}

/** Statuses that say somebody was turned away: each is put on record as such. */
export const DENIED: ReadonlySet<number> = new Set([401, 403, 415, 421, 429]);
