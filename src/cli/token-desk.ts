/** Where tokens are made and revoked: the file of the project on this machine, or the daemon at an address. */
import { existsSync } from 'node:fs';
import { openTokens } from '../access/tokens.ts';
import type { TokensClient } from '../client/tokens.ts';
import { secretBytes } from '../clock/random.ts';
import { toApiMadeToken, toApiToken, toTokenOrder } from '../contract/api-token.ts';
import { ensureBase, ensurePrivate } from '../daemon/folders.ts';
import { RouseError } from '../model/errors.ts';
import { connect } from './connection.ts';
import { onRecord } from './on-record.ts';
import { type Project, projectOf } from './project.ts';
import { type Session, note } from './session.ts';

/** Tokens of a project, wherever it is. Errors: as of the client; RSE3008 of the file. */
export interface TokenDesk extends TokensClient, Disposable {}

/** Opens it. To read makes no folder. Errors: RSE0101 no such project; RSE3006; those of a connection with `--host`. */
export async function openTokenDesk(session: Session, use: 'read' | 'write'): Promise<TokenDesk> {
  if (session.flags.host !== null) {
    const connection = await connect(session);
    return { ...connection.client.tokens, [Symbol.dispose]: () => connection[Symbol.dispose]() };
  }
  const project = await projectOf(session);
  if (use === 'write') makeFolder(session, project);
  const { clock } = session;
  const tokens = openTokens({
    path: project.paths.tokens,
    clock,
    secret: secretBytes,
    say: (line) => note(session, [line]),
  });
  return {
    list: async () => tokens.list().map((token) => toApiToken(token, clock.now())),
    create: (order) => {
      const { name, role, services = [] } = order;
      const deed = { action: 'token.create', target: name, params: { role, services } };
      return onRecord(session, project, deed, () => toApiMadeToken(tokens.add(toTokenOrder(order))));
    },
    revoke: (idOrName) => {
      const deed = { action: 'token.revoke', target: idOrName, params: {} };
      return onRecord(session, project, deed, () => toApiToken(tokens.revoke(idOrName), clock.now()));
    },
    [Symbol.dispose]: () => tokens[Symbol.dispose](),
  };
}

// A name alone may be a slip of the hand: a folder is made for a project that has run here, or whose file is at hand.
function makeFolder({ flags }: Session, { name, folders, paths }: Project): void {
  if (flags.project !== null && flags.files.length === 0 && !existsSync(paths.state))
    throw new RouseError('RSE0101', `cannot change tokens of "${name}": no project of that name has run here`, {
      hint: 'name its file as well: -f FILE; or run it where the file is',
    });
  ensureBase(folders.state);
  ensurePrivate(paths.state);
}
