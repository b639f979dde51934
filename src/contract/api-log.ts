/** A line of a service's output. */
import { z } from 'zod';
import { type LogLine, placeText } from '../model/log-line.ts';
import { time } from './envelope.ts';
import { timeOrNull } from './time.ts';

/**
 * A line; (service, run, offset) is its place for ever, and `cursor` the place behind it, to go on from. `cut`: it was too
 * long and goes on in the next line. `at`: by then it had been written. A `gap` is not the service's: it says that
 * output is not there, because its file was cut or deleted by hand, or given back while it was read.
 */
export const apiLogLine = z
  .object({
    type: z.enum(['line', 'gap']),
    service: z.string(),
    run: z.number().int(),
    offset: z.number().int(),
    at: time.nullable(),
    text: z.string(),
    cut: z.boolean(),
    cursor: z.string(),
  })
  .meta({ id: 'LogLine' });

/** A line of output. */
export type ApiLogLine = Readonly<z.infer<typeof apiLogLine>>;

/** The model's line in the words of the API. */
export function toApiLogLine(line: LogLine): ApiLogLine {
  return {
    type: line.kind === 'gap' ? 'gap' : 'line',
    service: line.service,
    run: line.run,
    offset: line.offset,
    at: timeOrNull(line.at),
    text: line.text,
    cut: line.cut === 'yes',
    cursor: placeText({ service: line.service, run: line.run, offset: line.next }),
  };
}
