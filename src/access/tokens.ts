/**
 * The tokens of a project. Every question is answered by what the file says at that moment: its stamp is looked at each
 * time, and it is read again when that has changed.
 *
 * The times of a file move in steps of some milliseconds, and numbers of files are given out again: two files that follow
 * each other within one step can have one stamp. So a stamp counts only when the file was read a while after it was
 * written; until then it is read each time.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { ConflictError, RouseError, isRouseError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import { type MadeToken, TOKEN_PREFIX, type Token, type TokenOrder } from '../model/token.ts';
import type { Clock } from '../ports/clock.ts';
import type { TokenStore } from '../ports/token-book.ts';
import { type KeptToken, type TokenPage, lockTokens, readTokens, stampOf, writeTokens } from './token-file.ts';

/** What the tokens are made of. */
export interface TokenParts {
  /** Where they are kept; its folder must be there to write. */
  readonly path: string;
  readonly clock: Clock;
  /** Chance that nobody can guess: so many bytes of it. */
  readonly secret: (bytes: number) => Uint8Array;
  /** Is told what keeps every token from being valid, and what could not be noted. */
  readonly say: (line: string) => void;
}

/** Tokens in a file. Disposing notes what was used last. */
export interface Tokens extends TokenStore, Disposable {
  /** Why no token is valid, in words; null while the file can be read. */
  readonly fault: string | null;
}

const SECRET_BYTES = 32;
const TOKEN_LIMIT = 1000;
const GLOB_LIMIT = 100;
// Well above the steps in which any file system counts (4 ms here, 2 s on FAT, where state does not belong).
const SETTLED_MS = 3000;
const NOTE_AFTER_MS = 20_000;
const KEPT_AFTER_END_MS = 7 * 24 * 3600 * 1000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/;
const GLOB = /^[a-z*][a-z0-9._@*-]{0,69}$/;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

interface Reading extends TokenPage {
  readonly state: 'settled' | 'fresh';
}

/** Opens the tokens of that file. Nothing is read before the first question. */
export function openTokens(parts: TokenParts): Tokens {
  return new FileTokens(parts);
}

class FileTokens implements Tokens {
  readonly #parts: TokenParts;
  readonly #uses = new Map<string, number>();
  #reading: Reading | null = null;
  #fault: string | null = null;
  #noting: Disposable | null = null;

  constructor(parts: TokenParts) {
    this.#parts = parts;
  }

  get fault(): string | null {
    this.#present();
    return this.#fault;
  }

  get count(): number {
    const now = this.#parts.clock.now();
    return this.#present().filter((token) => !hasEnded(token, now)).length;
  }

  find(credential: string): Token | 'unknown' | 'expired' {
    const asked = hashOf(credential);
    let found: KeptToken | null = null;
    // To the end, whoever it is.
    for (const token of this.#present()) if (timingSafeEqual(token.hash, asked)) found = token;
    if (found === null) return 'unknown';
    return hasEnded(found, this.#parts.clock.now()) ? 'expired' : plain(found);
  }

  used(id: string): void {
    const { clock } = this.#parts;
    this.#uses.set(id, clock.now());
    this.#noting ??= clock.after(NOTE_AFTER_MS, () => {
      this.#note();
    });
  }

  list(): readonly Token[] {
    return this.#withUses(this.#read().tokens).map(plain);
  }

  add(order: TokenOrder): MadeToken {
    checkOrder(order);
    const { clock, secret } = this.#parts;
    const now = clock.now();
    const credential = TOKEN_PREFIX + Buffer.from(secret(SECRET_BYTES)).toString('base64url');
    const token = this.#change((present) => {
      const kept = present.filter((each) => isWorthKeeping(each, order.name, now));
      if (kept.some(({ name }) => name === order.name)) throw taken(order.name);
      if (kept.length >= TOKEN_LIMIT) throw wrong(`there are ${TOKEN_LIMIT} already`, 'revoke some: rouse token ls');
      const made: KeptToken = {
        id: this.#newId(kept),
        name: order.name,
        role: order.role,
        services: order.services,
        logs: order.logs,
        createdAt: now,
        expiresAt: order.expiresMs === null ? null : now + order.expiresMs,
        lastUsedAt: null,
        hash: hashOf(credential),
      };
      return { tokens: [...kept, made], about: made };
    });
    return { token: plain(token), credential };
  }

  revoke(idOrName: string): Token {
    return plain(
      this.#change((present) => {
        const about = present.find(({ id }) => id === idOrName) ?? present.find(({ name }) => name === idOrName);
        if (about === undefined) throw unknown(idOrName, present);
        return { tokens: present.filter(({ id }) => id !== about.id), about };
      }),
    );
  }

  [Symbol.dispose](): void {
    this.#noting?.[Symbol.dispose]();
    if (this.#uses.size > 0) this.#note();
  }

  /** The tokens as the file says now; none while it cannot be read, which is said once. */
  #present(): readonly KeptToken[] {
    const { path } = this.#parts;
    if (this.#reading?.state === 'settled' && this.#reading.stamp === stampOf(path)) return this.#reading.tokens;
    try {
      return this.#read().tokens;
    } catch (error) {
      this.#tell(isRouseError(error) ? error.message : String(error));
      return [];
    }
  }

  #read(): TokenPage {
    const { path, clock } = this.#parts;
    this.#reading = null;
    const page = readTokens(path);
    const age = clock.now() - page.writtenAt;
    this.#reading = { ...page, state: page.stamp !== null && age > SETTLED_MS ? 'settled' : 'fresh' };
    this.#fault = null;
    return page;
  }

  #tell(fault: string): void {
    if (this.#fault === fault) return;
    this.#fault = fault;
    this.#parts.say(`no token is valid: ${fault}`);
  }

  #change<T>(how: (present: readonly KeptToken[]) => { readonly tokens: readonly KeptToken[]; readonly about: T }): T {
    const { path } = this.#parts;
    using _lock = lockTokens(path);
    const { tokens, about } = how(this.#read().tokens);
    writeTokens(path, this.#withUses(tokens));
    this.#reading = null;
    this.#uses.clear();
    return about;
  }

  // What was used is worth a note, and no more than that: a request never fails for it.
  #note(): void {
    this.#noting = null;
    try {
      this.#change((present) => ({ tokens: present, about: null }));
    } catch (error) {
      this.#parts.say(`cannot note which tokens were used: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #withUses(tokens: readonly KeptToken[]): readonly KeptToken[] {
    return tokens.map((token) => ({ ...token, lastUsedAt: this.#uses.get(token.id) ?? token.lastUsedAt }));
  }

  #newId(present: readonly KeptToken[]): string {
    for (;;) {
      const bytes = this.#parts.secret(8);
      const id = `tok_${Array.from(bytes, (byte) => ALPHABET[byte & 31]).join('')}`;
      if (present.every((token) => token.id !== id)) return id;
    }
  }
}

// 256 bits of chance need no slow hash: there is nothing to be guessed.
function hashOf(credential: string): Buffer {
  return createHash('sha256').update(credential).digest();
}

function plain({ hash: _, ...token }: KeptToken): Token {
  return token;
}

function hasEnded({ expiresAt }: Token, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

/** One that has ended is listed for a week, or until its name is wanted. */
function isWorthKeeping(token: Token, wanted: string, now: number): boolean {
  if (!hasEnded(token, now)) return true;
  return token.name !== wanted && now - (token.expiresAt ?? now) < KEPT_AFTER_END_MS;
}

function checkOrder({ name, services, expiresMs }: TokenOrder): void {
  if (!NAME.test(name) || name.startsWith('tok_'))
    throw wrong(`"${name}" cannot be its name`, '1 to 63 letters, digits and . _ @ -, beginning with neither of these');
  if (services.length > GLOB_LIMIT) throw wrong(`it has more than ${GLOB_LIMIT} globs`, 'a glob holds many: web-*');
  const glob = services.find((text) => !GLOB.test(text));
  if (glob !== undefined)
    throw wrong(`"${glob}" is no glob of services`, 'the letters of a service name, and * for any of them');
  if (expiresMs !== null && expiresMs <= 0) throw wrong('it would have ended already', 'for example: --expires 12h');
}

function wrong(why: string, hint: string): RouseError {
  return new RouseError('RSE4102', `cannot make the token: ${why}`, { hint });
}

function taken(name: string): ConflictError {
  return new ConflictError('RSE4121', `cannot make the token: "${name}" is the name of another one`, {
    hint: `choose another name, or end that one: rouse token revoke ${name}`,
  });
}

function unknown(idOrName: string, present: readonly Token[]): RouseError {
  const near = nearest(
    idOrName,
    present.map(({ name }) => name),
  );
  return new RouseError('RSE4120', `cannot revoke "${idOrName}": there is no token of that name or id`, {
    hint: near === null ? 'see which there are: rouse token ls' : `did you mean "${near}"?`,
  });
}
