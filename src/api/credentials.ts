/**
 * From a credential to who holds it. It is read from the one header alone: an address stands in logs, histories and
 * referrers. A source of many wrong ones is told to wait; who holds a valid one is let in all the same, since on one
 * machine everybody shares the source, and guessing 256 bits is hopeless at any speed (ADR 0043).
 */
import type { RouseError } from '../model/errors.ts';
import { TOKEN_PREFIX, type Token } from '../model/token.ts';
import type { TokenBook } from '../ports/token-book.ts';
import { Denial, tooMany } from './denial.ts';
import type { Failures } from './rates.ts';

/** What is looked at: the header, the address, and where it comes from. */
export interface Presented {
  readonly authorization: string | null;
  readonly target: string;
  readonly source: string;
}

const ASK = { 'www-authenticate': 'Bearer' };
const HINT = 'send one of "rouse token new" in the header authorization: Bearer';

/**
 * The token of a request; null when none was shown.
 * Errors: RSE4112 it is unknown, over, malformed, or stands in the address; RSE4116 too many wrong ones came from there.
 */
export function tokenOf(presented: Presented, tokens: TokenBook, failures: Failures): Token | null {
  const { authorization, target, source } = presented;
  if (standsInAddress(target))
    throw new Denial('RSE4112', 'cannot answer: a credential in an address is not taken', {
      hint: `${HINT}, and revoke this one: addresses are written down in many places`,
      headers: ASK,
    });
  if (authorization === null) return null;
  const credential = /^Bearer ([\x21-\x7e]{1,256})$/i.exec(authorization)?.[1];
  const found = credential === undefined ? 'unknown' : tokens.find(credential);
  if (typeof found !== 'string') {
    tokens.used(found.id);
    return found;
  }
  const waitMs = failures.count(source);
  if (waitMs > 0) throw tooMany('RSE4116', 'cannot answer: too many wrong credentials came from there', waitMs);
  const why = found === 'expired' ? 'the credential is over' : 'the credential is unknown';
  throw new Denial('RSE4112', `cannot answer: ${why}`, { hint: HINT, headers: ASK });
}

/** What is answered to who shows no credential where one is needed. */
export function missing(): RouseError {
  return new Denial('RSE4112', 'cannot answer: there is no credential', { hint: HINT, headers: ASK });
}

function standsInAddress(target: string): boolean {
  const at = target.indexOf('?');
  if (at < 0) return false;
  const isOne = ([key, value]: readonly [string, string]): boolean =>
    key === 'token' || key === 'access_token' || (value.startsWith(TOKEN_PREFIX) && value.length > 40);
  return [...new URLSearchParams(target.slice(at))].some(isOne);
}
