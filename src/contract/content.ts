/** Opening an envelope, without the schemas: what a short command loads must not load a schema library. */

/** The content of an envelope as it was received; undefined when it is none. Trusts the daemon for what is inside. */
export function contentOf<T>(body: unknown): T | undefined {
  const isEnvelope = typeof body === 'object' && body !== null && 'success' in body && body.success === true;
  return isEnvelope && 'data' in body ? (body.data as T) : undefined;
}
