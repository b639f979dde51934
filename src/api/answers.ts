/** How answers are described in the document of the API. */
import type { z } from 'zod';
import { apiProblem } from '../contract/api-problem.ts';
import type { Answer } from './route.ts';

const WHY: Readonly<Record<number, string>> = {
  404: 'There is no such service, change or path',
  409: 'The order contradicts what is so; nothing was done',
  412: 'The definition has changed meanwhile',
  422: 'The request does not fit the schema, or the definition has problems',
  428: 'If-Match is missing',
  503: 'The daemon is stopping, or cannot write its state',
};

/** A good answer in JSON. */
export function answer(description: string, schema: z.ZodType): Answer {
  return { description, content: { 'application/json': schema } };
}

/** The refusals a route has of its own, beside those that every route has. */
export function refusals(...statuses: readonly number[]): Readonly<Record<number, Answer>> {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: WHY[status] ?? 'Refused', content: { 'application/problem+json': apiProblem } },
    ]),
  );
}
