/** The ports of access where there is nothing behind them: a program that holds its services itself keeps no trail. */
import type { AuditLog } from '../ports/audit-log.ts';
import type { TokenBook } from '../ports/token-book.ts';

/** A trail that is not kept. */
export const UNRECORDED: AuditLog = {
  before: () => Promise.resolve(),
  after: () => undefined,
  head: () => ({ seq: -1, hash: '0'.repeat(64) }),
  fault: null,
};

/** No token at all: every credential is unknown. */
export const NO_TOKENS: TokenBook = { find: () => 'unknown', used: () => undefined, count: 0 };
