/** One request and its answer, as the client needs them: whoever can carry these two can carry the client. */

/** A request. `path` begins with `/` and holds the query; `body` is JSON text or null. */
export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal: AbortSignal;
}

/** An answer: its head, and its body as it arrives. Leaving the loop over `body` early closes the connection. */
export interface WireReply {
  readonly status: number;
  /** A header by its lower-case name, null when it is not there. */
  header(name: string): string | null;
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Carries a request; resolves when the head of the answer is there.
 * Errors: ConnectionError RSE3001 (nobody listens) or RSE3002 (refused, broken, not to be trusted); the signal's reason.
 */
export type Transport = (request: WireRequest) => Promise<WireReply>;
