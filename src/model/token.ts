/** A credential for listeners on addresses: what is known of it. The credential itself is shown once and kept nowhere. */
import type { Role } from './role.ts';
import type { ServiceName } from './spec.ts';

/** What every credential begins with; 32 random bytes in base64url follow. */
export const TOKEN_PREFIX = 'rse_';

/** A token as it is listed. Times are epoch ms. */
export interface Token {
  /** `tok_` and eight characters; never used again. */
  readonly id: string;
  /** Given by a person, unique among those that are valid. */
  readonly name: string;
  readonly role: Role;
  /** Globs of services that it reaches; empty = all. `*` stands for any characters but none of them for a slash. */
  readonly services: readonly string[];
  /** Whether a viewer reads the output of services; operators and admins always do. */
  readonly logs: 'read' | 'hidden';
  readonly createdAt: number;
  /** null = it does not end by itself. */
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
}

/** A token that is wished for. `expiresMs` from now on; null = it does not end by itself. */
export interface TokenOrder {
  readonly name: string;
  readonly role: Role;
  /** Globs; empty = all services. */
  readonly services: readonly string[];
  readonly logs: 'read' | 'hidden';
  readonly expiresMs: number | null;
}

/** A token that was made, with the credential: nobody can be told it a second time. */
export interface MadeToken {
  readonly token: Token;
  readonly credential: string;
}

/** Whether a token, or anybody else with such globs, reaches a service. No globs reach every service. */
export function reaches(globs: readonly string[], service: ServiceName): boolean {
  return globs.length === 0 || globs.some((glob) => matches(glob, service));
}

// Piece by piece and without a pattern engine: what a person wrote into a token never becomes a pattern.
function matches(glob: string, name: string): boolean {
  const [first = '', ...rest] = glob.split('*');
  if (!name.startsWith(first)) return false;
  if (rest.length === 0) return name === first;
  const last = rest.at(-1) ?? '';
  let at = first.length;
  for (const piece of rest.slice(0, -1)) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
