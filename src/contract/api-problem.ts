/** The body of a refused request: RFC 9457 with `success: false`, so that readers of envelopes keep working. */
import { z } from 'zod';
import { apiOrigin, names } from './envelope.ts';

/** One fault of a definition or of a request. `length` is the number of characters to underline. */
const apiIssue = z
  .object({
    code: z.string(),
    pointer: z.string(),
    file: z.string().nullable(),
    line: z.number().int().nullable(),
    column: z.number().int().nullable(),
    length: z.number().int(),
    message: z.string(),
    suggestion: z.string().nullable(),
    hint: z.string().nullable(),
    services: names,
    also: z.array(z.object({ ...apiOrigin.shape, message: z.string() })).readonly(),
  })
  .meta({ id: 'Issue' });

/** A problem document. `dependents` comes with RSE4005 alone, `current` with RSE4012 alone. */
export const apiProblem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string(),
    success: z.literal(false),
    code: z.string(),
    service: z.string().optional(),
    services: names.optional(),
    dependents: names.optional(),
    hint: z.string().optional(),
    request_id: z.string(),
    errors: z.array(apiIssue).readonly(),
    current: z.unknown().optional(),
  })
  .meta({ id: 'Problem' });
