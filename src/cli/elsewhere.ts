/** A daemon on another machine, or at an address of this one: what `--host` means. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Client, createClient } from '../client/client.ts';
import { ConflictError, RouseError } from '../model/errors.ts';
import { usage } from './options.ts';
import type { Session } from './session.ts';

const TOKEN_FILE_LIMIT_BYTES = 4096;

/** A client of the daemon at that address. Errors: RSE0103 a file that cannot be read; RSE0107 one that is open to others. */
export function clientOf({ flags, env, cwd, clock }: Session, host: string): Client {
  const token = flags.tokenFile === null ? env['ROUSE_TOKEN'] : readToken(resolve(cwd, flags.tokenFile));
  const ca = flags.ca === null ? undefined : readText(resolve(cwd, flags.ca), '--ca');
  return createClient({
    baseUrl: host,
    ...(token === undefined || token === '' ? {} : { token }),
    ...(ca === undefined ? {} : { ca }),
    plainHttp: flags.plainHttp,
    clock,
    via: 'cli',
  });
}

/**
 * The project of the daemon there. Errors: those of the connection; RSE4010 when `-p` names another: an address that still
 * stands in the environment must not make `rouse down -p staging` end something else.
 */
export async function projectThere({ flags }: Session, client: Client): Promise<string> {
  const { project } = await client.daemon.status();
  if (flags.project === null || flags.project === project) return project;
  throw new ConflictError(
    'RSE4010',
    `cannot use "${flags.host ?? ''}" for project "${flags.project}": it holds "${project}"`,
    {
      hint: 'leave -p out, or give the address of the other daemon: --host, ROUSE_HOST',
    },
  );
}

/** The credential in the file. Whoever else could read it would have it, so it must be closed to others. */
function readToken(path: string): string {
  const text = readText(path, '--token-file', 'private').trim();
  if (text !== '' && !/\s/.test(text)) return text;
  throw new RouseError('RSE0103', `cannot use "${path}": it does not hold one token`, {
    hint: 'write into it what rouse token new prints',
  });
}

function readText(path: string, flag: string, kind: 'private' | 'public' = 'public'): string {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw unread(path, flag, cause);
  }
  try {
    const { mode, size } = fstatSync(fd);
    const isOpen = kind === 'private' && (mode & 0o077) !== 0;
    if (isOpen) throw usage(`cannot use "${path}": it is open to others`, `close it: chmod 600 ${path}`);
    if (kind === 'private' && size > TOKEN_FILE_LIMIT_BYTES)
      throw usage(`cannot use "${path}": it is larger than a token`, 'write into it what rouse token new prints');
    return readFileSync(fd, 'utf8');
  } catch (cause) {
    throw cause instanceof RouseError ? cause : unread(path, flag, cause);
  } finally {
    closeSync(fd);
  }
}

function unread(path: string, flag: string, cause: unknown): RouseError {
  const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return new RouseError('RSE0103', `cannot read "${path}": ${why}`, { cause, hint: `see ${flag}` });
}
