/** A line of a service's output. */
import { z } from 'zod';
import type { LogLine } from '../model/log-line.ts';
import { time } from './envelope.ts';
import { timeOrNull } from './time.ts';

/** A line; (service, run, offset) is its place for ever. `cut`: it was too long and goes on in the next line. */
export const apiLogLine = z
  .object({
    service: z.string(),
    run: z.number().int(),
    offset: z.number().int(),
    at: time.nullable(),
    text: z.string(),
    cut: z.boolean(),
  })
  .meta({ id: 'LogLine' });

/** A line of output. */
export type ApiLogLine = Readonly<z.infer<typeof apiLogLine>>;

/** The model's line in the words of the API. */
export function toApiLogLine(line: LogLine): ApiLogLine {
  return {
    service: line.service,
    run: line.run,
    offset: line.offset,
    at: timeOrNull(line.at),
    text: line.text,
    cut: line.cut === 'yes',
  };
}
