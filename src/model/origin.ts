/** A place in a definition. */

/** Where a value was written. Lines and columns count from 1; `file` is absolute, or `<stdin>`, `<api>`, `<library>`. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
