// A trail and a book of tokens made of literals.
import type { AuditEntry } from '../../src/model/audit.ts';
import { RouseError } from '../../src/model/errors.ts';
import type { Role } from '../../src/model/role.ts';
import type { Token } from '../../src/model/token.ts';
import type { AuditLog } from '../../src/ports/audit-log.ts';
import type { TokenStore } from '../../src/ports/token-book.ts';

/** A trail that keeps what it is given. `refuse`: what `before` rejects with. */
export interface FakeAudit extends AuditLog {
  readonly entries: AuditEntry[];
  refuse: Error | null;
}

export function fakeAudit(): FakeAudit {
  const entries: AuditEntry[] = [];
  const fake: FakeAudit = {
    entries,
    refuse: null,
    fault: null,
    before: (entry) => {
      if (fake.refuse !== null) return Promise.reject(fake.refuse);
      entries.push(entry);
      return Promise.resolve();
    },
    after: (entry) => {
      entries.push(entry);
    },
    head: () => ({ seq: entries.length - 1, hash: '0'.repeat(64) }),
  };
  return fake;
}

/** A token of a role; its credential is `rse_` and its name. */
export const token = (role: Role, fields: Partial<Token> = {}): Token => ({
  id: `tok_${role}`,
  name: role,
  role,
  services: [],
  logs: 'hidden',
  createdAt: 0,
  expiresAt: null,
  lastUsedAt: null,
  ...fields,
});

/** A book that knows what it is told. */
export interface FakeTokens extends TokenStore {
  known: Token[];
  readonly uses: string[];
}

export function fakeTokens(): FakeTokens {
  const uses: string[] = [];
  const fake: FakeTokens = {
    known: [token('viewer'), token('operator'), token('admin')],
    uses,
    find: (credential) => fake.known.find(({ name }) => credential === `rse_${name}`) ?? 'unknown',
    used: (id) => {
      uses.push(id);
    },
    get count() {
      return fake.known.length;
    },
    list: () => fake.known,
    add: ({ expiresMs: _, ...order }) => {
      const made = token(order.role, { ...order, id: `tok_${order.name}` });
      fake.known.push(made);
      return { token: made, credential: `rse_${order.name}` };
    },
    revoke: (idOrName) => {
      const gone = fake.known.find(({ id, name }) => id === idOrName || name === idOrName);
      if (gone === undefined) throw new RouseError('RSE4120', `cannot revoke "${idOrName}"`);
      fake.known = fake.known.filter((each) => each !== gone);
      return gone;
    },
  };
  return fake;
}
