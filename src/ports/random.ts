/** Chance, as a port. */

/** Real or seeded chance. */
export interface Random {
  /** A number in 0..1, 1 excluded. */
  draw(): number;
  /** A fresh identifier: 26 characters of Crockford base 32 in time order where the source is real. */
  id(): string;
}
