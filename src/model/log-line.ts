/** A line of a service's output. */
import type { ServiceName } from './spec.ts';

/**
 * One line, without its newline.
 * Shapes: `run` is the run that wrote it; `offset` is the byte at which the line begins in that run's file, so
 * (service, run, offset) is a cursor; `at` is epoch ms as observed by the reader, null where it is not known.
 * `cut` is `yes` when the line was longer than the limit (64 KiB) and the rest follows as the next line.
 */
export interface LogLine {
  readonly service: ServiceName;
  readonly run: number;
  readonly offset: number;
  readonly at: number | null;
  readonly text: string;
  readonly cut: 'no' | 'yes';
}
