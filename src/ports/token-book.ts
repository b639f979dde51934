/** Who the holder of a credential is. */
import type { Token } from '../model/token.ts';

/** The credentials that are valid. Revoked and added ones count at once, also those of another process. */
export interface TokenBook {
  /** The token of a credential, or why there is none. Takes the same time for every credential of the same length. */
  find(credential: string): Token | 'unknown' | 'expired';
  /** Notes that it was used; written now and then. */
  used(id: string): void;
  /** How many are valid. */
  readonly count: number;
}
