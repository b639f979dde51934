/** What every answer under `/api/v1` is wrapped in, and the words that several documents share. */
import { z } from 'zod';

/** A moment, RFC 3339 in UTC with milliseconds. */
export const time = z.string().meta({ format: 'date-time', description: 'RFC 3339, UTC, milliseconds' });

/** A count of milliseconds, not negative. */
export const milliseconds = z.number().min(0);

/** Names of services; may be empty. */
export const names = z.array(z.string()).readonly();

/** A place in a definition; lines and columns count from 1. */
export const apiOrigin = z.object({ file: z.string(), line: z.number().int(), column: z.number().int() });

/** Beside the content: `next_cursor` asks for the next page, null at the end; `total` is null where nobody counts. */
const pageMeta = z.object({ next_cursor: z.string().nullable(), total: z.number().int().nullable() });

/** The envelope of one document. */
export function envelope<S extends z.ZodType>(content: S) {
  return z.object({ success: z.literal(true), data: content });
}

/** The envelope of a page. */
export function pageEnvelope<S extends z.ZodType>(content: S) {
  return z.object({ success: z.literal(true), data: z.array(content).readonly(), meta: pageMeta });
}
