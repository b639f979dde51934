/** The ports of access where there is nothing behind them: a program that holds its services itself keeps no trail. */
import { NO_RECORD } from '../model/audit.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import { NotFoundError } from '../model/errors.ts';
import type { TokenStore } from '../ports/token-book.ts';

/** A trail that is not kept. */
export const UNRECORDED: AuditLog = {
  before: () => Promise.resolve(),
  after: () => undefined,
  head: () => NO_RECORD,
  fault: null,
};

/** No token at all: every credential is unknown, and none can be made. */
export const NO_TOKENS: TokenStore = {
  find: () => 'unknown',
  used: () => undefined,
  count: 0,
  list: () => [],
  add: () => none('make a token'),
  revoke: () => none('revoke a token'),
};

function none(what: string): never {
  throw new NotFoundError('RSE4003', `cannot ${what}: this program keeps none`);
}
