/** A request on its way through the checks, and what of it the checks look at. */
import type { Context } from 'hono';
import type { Caller } from '../model/caller.ts';
import type { Asked } from './audit-entries.ts';
import type { Door, Peer } from './door.ts';
import type { ApiParts } from './parts.ts';
import { UNKNOWN_PEER, peerOf } from './peer.ts';
import type { Instance } from './reply.ts';
import type { BodySource } from './request.ts';

/** A request that came in at a door. */
export interface Visit extends Instance {
  readonly parts: ApiParts;
  readonly context: Context;
  readonly door: Door;
  readonly peer: Peer;
  /** Who asks, once that is known. */
  caller: Caller | null;
  /** What is on record as about to be done, since when (monotonic ms); null when its end need not be told. */
  asked: { readonly asked: Asked; readonly at: number } | null;
  readonly header: (name: string) => string | null;
}

/** What the server hands on beside the request. */
interface Wire {
  readonly door?: Door;
  readonly incoming?: {
    readonly rawHeaders?: readonly string[];
    readonly socket?: { readonly remoteAddress?: string; readonly remotePort?: number };
  };
}

/** The visit of a request; `home` is the door where the server names none. */
export function visitOf(parts: ApiParts, context: Context, entry: { home: Door; requestId: string }): Visit {
  const { url } = context.req;
  // Everything after the authority; the address was made absolute by the server.
  const path = url.slice(url.indexOf('/', url.indexOf('//') + 2));
  const header = (name: string): string | null => context.req.header(name) ?? null;
  const { door = entry.home, incoming } = wireOf(context);
  const socket = incoming?.socket;
  const connection = { address: socket?.remoteAddress, port: socket?.remotePort };
  const peer =
    door.via === 'unix' ? UNKNOWN_PEER : peerOf({ ...connection, forwarded: header('x-forwarded-for') }, door);
  return { parts, context, door, peer, caller: null, asked: null, path, requestId: entry.requestId, header };
}

/** All Host headers. The server hands the parsed headers on, in which a second one is lost; the raw ones still have it. */
export function hostsOf({ context }: Pick<Visit, 'context'>): readonly string[] {
  const raw = wireOf(context).incoming?.rawHeaders ?? [];
  return raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === 'host');
}

/** Where the body of a visit is read from. */
export function bodyOf({ context, header }: Pick<Visit, 'context' | 'header'>): BodySource {
  return {
    contentType: header('content-type'),
    contentLength: header('content-length'),
    transferEncoding: header('transfer-encoding'),
    stream: () => context.req.raw.body,
  };
}

function wireOf(context: Context): Wire {
  return (context.env as Wire | undefined) ?? {};
}
