/** Who the holder of a credential is, and who makes and revokes credentials. */
import type { MadeToken, Token, TokenOrder } from '../model/token.ts';

/** The credentials that are valid. Revoked and added ones count at once, also those of another process. */
export interface TokenBook {
  /** The token of a credential, or why there is none. Takes the same time for every credential of the same length. */
  find(credential: string): Token | 'unknown' | 'expired';
  /** Notes that it was used; written now and then. */
  used(id: string): void;
  /** How many are valid. */
  readonly count: number;
}

/** A book that can be written. Errors of all: RSE3008 when the file cannot be read as tokens, or not be written. */
export interface TokenStore extends TokenBook {
  /** Every token that was not revoked, those that have ended by themselves too, in the order in which they were made. */
  list(): readonly Token[];
  /** Errors: RSE4102 for a name or glob that cannot be one, or too many tokens; RSE4121 the name is taken. */
  add(order: TokenOrder): MadeToken;
  /** Revokes the token of that id, or else of that name. Errors: RSE4120. */
  revoke(idOrName: string): Token;
}
