/** Tokens: listing them, making one, revoking one. Whoever makes a token may give every right, so all of it is for admins. */
import { z } from 'zod';
import { apiMadeToken, apiToken, toApiMadeToken, toApiToken, toTokenOrder, tokenOrder } from '../contract/api-token.ts';
import { envelope } from '../contract/envelope.ts';
import { answer, refusals } from './answers.ts';
import { idParams } from './parameters.ts';
import { json, ok } from './reply.ts';
import { type Route, route } from './route.ts';

const TAG = 'access';

/** The routes of tokens. */
export const tokenRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/tokens',
    role: 'admin',
    tag: TAG,
    summary: 'The tokens of the project; no credential is shown',
    answers: { 200: answer('Every token that was not revoked', envelope(z.array(apiToken).readonly())) },
    run: ({ parts }) => ok(parts.tokens.list().map((token) => toApiToken(token, parts.clock.now()))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/tokens',
    role: 'admin',
    action: 'token.create',
    tag: TAG,
    summary: 'Make a token; its credential is in this answer and nowhere else',
    body: { schema: tokenOrder, need: 'required' },
    answers: { 201: answer('The credential', envelope(apiMadeToken)), ...refusals(409, 422, 503) },
    // An answer that is kept for a repeated request would be a credential that is kept.
    repeat: 'never',
    run: ({ parts, body }) => {
      const content = toApiMadeToken(parts.tokens.add(toTokenOrder(body)));
      return json({ success: true, data: content }, { status: 201, headers: {} });
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/tokens/{id}',
    role: 'admin',
    action: 'token.revoke',
    tag: TAG,
    summary: 'Revoke a token by its id or name: it is refused from now on',
    params: idParams,
    answers: { 200: answer('The token that was', envelope(apiToken)), ...refusals(404, 503) },
    run: ({ parts, params }) => ok(toApiToken(parts.tokens.revoke(params.id), parts.clock.now())),
  }),
];
