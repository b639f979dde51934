/** Parameters that several routes take. In a path and in a query everything is text, and is read as strictly as a body. */
import { z } from 'zod';
import { EVENT_NAMES } from '../contract/api-event.ts';
import { RouseError } from '../model/errors.ts';
import { parseDuration } from '../model/duration.ts';
import { nearest } from '../model/nearest.ts';

/** The most that one answer waits for; ms. */
export const WAIT_LIMIT_MS = 600_000;
/** The most that one page holds. */
export const PAGE_LIMIT = 1000;

const list = z
  .string()
  .max(8192)
  .transform((text) => text.split(',').filter((part) => part !== ''));

/** The name of a service in a path. */
export const serviceParams = z.strictObject({ name: z.string().min(1).max(70) });

/** The id of a change or a lease in a path. */
export const idParams = z.strictObject({ id: z.string().min(1).max(64) });

/** Names of services, separated by commas. */
export const namesQuery = list.meta({ description: 'names, separated by commas; empty means all' });

/** A whole number, not negative. */
export const countQuery = z
  .string()
  .regex(/^\d{1,15}$/, 'a whole number is needed')
  .transform(Number);

/** The size of a page. */
export const limitQuery = countQuery.refine(
  (count) => count >= 1 && count <= PAGE_LIMIT,
  `1 to ${PAGE_LIMIT} are allowed`,
);

/** Yes or no, in words. */
export const flagQuery = z.enum(['true', 'false']);

/** A duration such as `30s`, at most 10 minutes; ms. */
export const waitQuery = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== null && ms <= WAIT_LIMIT_MS) return ms;
  context.addIssue({ code: 'custom', message: 'a duration such as "30s", at most 10m, is needed' });
  return z.NEVER;
});

/** Event types, separated by commas; `change.*` stands for every type that begins so. Expanded here. */
export const typesQuery = list.transform((parts, context) =>
  parts.flatMap((part) => {
    const found = EVENT_NAMES.filter((name) =>
      part.endsWith('.*') ? name.startsWith(part.slice(0, -1)) : name === part,
    );
    if (found.length > 0) return found;
    const known = nearest(part, EVENT_NAMES) ?? EVENT_NAMES.join(', ');
    context.addIssue({ code: 'custom', message: `there is no event "${part}"; did you mean ${known}` });
    return z.NEVER;
  }),
);

/**
 * How long the caller wants the answer held: `?wait=30s`, else `Prefer: wait=30` (RFC 7240, seconds), else 0; ms.
 * Errors: RSE4102 when the header's number is above 10 minutes. A Prefer header of another kind is ignored, as it asks.
 */
export function waitOf(query: number | undefined, prefer: string | null): number {
  if (query !== undefined) return query;
  const seconds = /(?:^|[,;\s])wait=(\d{1,6})(?:$|[,;\s])/.exec(prefer ?? '')?.[1];
  const ms = Number(seconds ?? '0') * 1000;
  if (ms > WAIT_LIMIT_MS) throw new RouseError('RSE4102', 'cannot wait so long: Prefer allows wait=600 at most');
  return ms;
}
