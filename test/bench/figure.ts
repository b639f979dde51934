/** A measured figure beside its floor, and the median it comes from. */

/** One line of the table. `floor` null where the figure stands alone; `goal` in words. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly floor: number | null;
  readonly goal: string;
}

/** A group of figures that is measured together. Errors: throws when a result is wrong; a slow figure is no error. */
export type Bench = () => Promise<readonly Figure[]> | readonly Figure[];

/** The middle of the numbers; of an even count the lower of the two. NaN for none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((left, right) => left - right);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** Milliseconds that the work takes, median of `times` runs in a row. */
export function timed(times: number, work: () => void): number {
  const taken: number[] = [];
  for (let run = 0; run < times; run += 1) {
    const from = performance.now();
    work();
    taken.push(performance.now() - from);
  }
  return median(taken);
}

/** A line for people. */
export function figureLine({ name, value, unit, floor, goal }: Figure): string {
  const ratio = floor === null ? '' : `  floor ${rounded(floor)} ${unit}  ratio ${(value / floor).toFixed(2)}`;
  return `${name.padEnd(52)} ${`${rounded(value)} ${unit}`.padStart(14)}${ratio.padEnd(38)}  goal: ${goal}`;
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3);
}
