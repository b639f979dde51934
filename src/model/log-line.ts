/** A line of a service's output, and a place in it. */
import type { ServiceName } from './spec.ts';

/** A place in the output of a service: the byte of a run's file that is to be read next. */
export interface LogPlace {
  readonly service: ServiceName;
  readonly run: number;
  readonly offset: number;
}

/**
 * One line, without its newline.
 * Shapes: `run` is the run that wrote it; `offset` is the byte at which the line begins in that run's file, `next` the
 * byte behind it, so (service, run, next) is the place to go on from. `cut` is `yes` when the line was longer than the
 * limit (64 KiB) and the rest follows as the next line. `kind` is `line`, or `gap` for words of Rouse itself about
 * output that is not there (the file was cut or deleted by hand, or given back while it was read), or `here`, which has
 * no text: everything up to that place has been given.
 * Units: `at` is epoch ms by which the line had been written at the latest; null where nothing is known.
 */
export interface LogLine {
  readonly service: ServiceName;
  readonly run: number;
  readonly offset: number;
  readonly next: number;
  readonly at: number | null;
  readonly text: string;
  readonly cut: 'no' | 'yes';
  readonly kind: 'line' | 'gap' | 'here';
}

/** How a cursor is written: `web:3:1024`. A name may hold `@`, never a colon. */
export function placeText({ service, run, offset }: LogPlace): string {
  return `${service}:${run}:${offset}`;
}

/** The place that a text names; null when it names none. */
export function parsePlace(text: string): LogPlace | null {
  const match = /^([a-z][a-z0-9._@-]{0,69}):(\d{1,15}):(\d{1,15})$/.exec(text);
  if (match === null) return null;
  const [, service = '', run, offset] = match;
  return { service, run: Number(run), offset: Number(offset) };
}
