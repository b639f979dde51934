/** Tokens: who may speak to the daemon from elsewhere. For admins alone. */
import type { ApiMadeToken, ApiToken, ApiTokenOrder } from '../contract/api-token.ts';
import { type Session, pathOf } from './session.ts';

/** The tokens of the project. */
export interface TokensClient {
  /** Every token that was not revoked, in the order in which they were made. */
  list(): Promise<readonly ApiToken[]>;
  /** Makes one; the credential is in this answer alone. Errors: RSE4121 the name is taken; RSE4102. */
  create(order: ApiTokenOrder): Promise<ApiMadeToken>;
  /** Revokes the one of that id or name: it is refused from now on. Errors: RSE4120. */
  revoke(idOrName: string): Promise<ApiToken>;
}

/** Tokens over a session. */
export function tokensClient(session: Session): TokensClient {
  return {
    list: () => session.call('GET', pathOf('tokens')),
    create: (order) => session.call('POST', pathOf('tokens'), { body: order }),
    revoke: (idOrName) => session.call('DELETE', pathOf('tokens', idOrName)),
  };
}
