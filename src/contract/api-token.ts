/** Tokens: what is known of them, and making one. The credential itself is in one answer alone. */
import { z } from 'zod';
import { ROLES } from '../model/role.ts';
import type { MadeToken, Token, TokenOrder } from '../model/token.ts';
import { names, time } from './envelope.ts';
import { timeOf, timeOrNull } from './time.ts';

/** Ten years: whoever wants longer wants a token without an end. */
const LIFE_LIMIT_MS = 10 * 366 * 24 * 3600 * 1000;

/** A token. `services`: globs, empty = all; `logs`: whether a viewer reads the output of services. */
export const apiToken = z
  .object({
    id: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    services: names,
    logs: z.boolean(),
    created_at: time,
    expires_at: time.nullable(),
    last_used_at: time.nullable(),
    expired: z.boolean(),
  })
  .meta({ id: 'Token' });

/** A token that was just made. `token` is the credential: it is told here and never again. */
export const apiMadeToken = z.object({ id: z.string(), token: z.string() }).meta({ id: 'MadeToken' });

/** The body of `POST /tokens`. */
export const tokenOrder = z
  .strictObject({
    name: z.string().max(63),
    role: z.enum(ROLES),
    services: z.array(z.string().max(70)).max(100).readonly().optional(),
    logs: z.boolean().optional(),
    expires_in_ms: z.number().int().min(1).max(LIFE_LIMIT_MS).optional(),
  })
  .meta({ id: 'TokenOrder' });

/** A token. */
export type ApiToken = Readonly<z.infer<typeof apiToken>>;

/** A token that was just made. */
export type ApiMadeToken = Readonly<z.infer<typeof apiMadeToken>>;

/** Which token to make. */
export type ApiTokenOrder = Readonly<z.infer<typeof tokenOrder>>;

/** The model's token in the words of the API. Units: `now` epoch ms. */
export function toApiToken(token: Token, now: number): ApiToken {
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    services: token.services,
    logs: token.role !== 'viewer' || token.logs === 'read',
    created_at: timeOf(token.createdAt),
    expires_at: timeOrNull(token.expiresAt),
    last_used_at: timeOrNull(token.lastUsedAt),
    expired: token.expiresAt !== null && token.expiresAt <= now,
  };
}

/** The token that was made, in the words of the API. */
export function toApiMadeToken({ token, credential }: MadeToken): ApiMadeToken {
  return { id: token.id, token: credential };
}

/** The order in the model's words. */
export function toTokenOrder({ name, role, services = [], logs, expires_in_ms }: ApiTokenOrder): TokenOrder {
  return { name, role, services, logs: logs === true ? 'read' : 'hidden', expiresMs: expires_in_ms ?? null };
}
