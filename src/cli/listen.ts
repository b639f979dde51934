/** `--listen`: where a daemon is to answer besides its sockets, and whether one that runs does so. */
import { resolve } from 'node:path';
import type { ApiSystem } from '../contract/api-system.ts';
import { ConflictError, ConnectionError } from '../model/errors.ts';
import { isLoopbackHost, listenText, parseListen } from '../model/listen.ts';
import type { ListenRule } from '../model/policy.ts';
import type { Flag } from './flags.ts';
import { type Options, usage } from './options.ts';
import { list } from './render/outcome.ts';
import type { Session } from './session.ts';

/** The flags of verbs that start a daemon. */
export const LISTEN_FLAGS: readonly Flag[] = [
  {
    spelling: '--listen <address>',
    text: 'answer at ADDRESS:PORT as well, to who has a token; none: nowhere',
    many: 'list',
  },
  { spelling: '--tls-cert <file>', text: 'with --listen: the certificate, and those that lead to it' },
  { spelling: '--tls-key <file>', text: 'with --listen: its key' },
];

/** The listeners that are asked for; null when nothing is said of them. Errors: RSE0107; RSE3009. */
export function listenersOf({ flags, cwd }: Session, options: Options): readonly ListenRule[] | null {
  const texts = options.texts('listen');
  const [cert, key] = [options.text('tlsCert'), options.text('tlsKey')];
  if ((cert === null) !== (key === null))
    throw usage('cannot listen: --tls-cert and --tls-key belong together', 'give both, or neither');
  if (texts.length === 0 && cert !== null)
    throw usage('cannot listen: --tls-cert is given without an address', 'add --listen ADDRESS:PORT');
  if (texts.length === 0) return null;
  if (texts.length === 1 && texts[0] === 'none') return [];
  const tls = cert === null || key === null ? null : { cert: resolve(cwd, cert), key: resolve(cwd, key) };
  return texts.map((text) => {
    const place = parseListen(text);
    if (place !== null) checkSafe({ ...place, tls, plainHttp: flags.plainHttp });
    if (place !== null) return { ...place, tls, plainHttp: flags.plainHttp };
    throw usage(
      `cannot listen on "${text}": it is not an address with a port`,
      'for example: --listen 127.0.0.1:7878, --listen "[::1]:7878", or a port of 0 for any that is free',
    );
  });
}

// The daemon refuses as well; but by then the one that it was to replace would have left.
function checkSafe(rule: ListenRule): void {
  if (isLoopbackHost(rule.host) || rule.tls !== null || rule.plainHttp === 'typed-out') return;
  throw new ConnectionError(
    'RSE3009',
    `cannot listen on ${listenText(rule)}: it is reached from other machines, and there is no certificate`,
    { hint: 'give --tls-cert FILE --tls-key FILE, listen on 127.0.0.1, or type out --insecure-plain-http' },
  );
}

/** Refuses to go on with a daemon that answers elsewhere than is asked for. Errors: RSE3010 naming both. */
export function checkListeners(wanted: readonly ListenRule[], { listeners }: Pick<ApiSystem, 'listeners'>): void {
  const present = listeners.filter(({ kind }) => kind === 'tcp');
  const isThere = (rule: ListenRule): boolean =>
    present.some(({ address, tls }) => tls === (rule.tls !== null) && answersAt(address, rule));
  if (wanted.length === present.length && wanted.every(isThere)) return;
  const asked = wanted.map((rule) => `${rule.tls === null ? 'http' : 'https'}://${listenText(rule)}`);
  const has = present.map(({ address, tls }) => `${tls ? 'https' : 'http'}://${address}`);
  throw new ConflictError(
    'RSE3010',
    `cannot listen on ${asked.length === 0 ? 'its sockets alone' : list(asked)}: the daemon that runs answers ${has.length === 0 ? 'on its sockets alone' : `on ${list(has)}`}`,
    {
      hint: `have another take its place: rouse daemon restart --listen ${wanted[0] === undefined ? 'none' : listenText(wanted[0])}`,
    },
  );
}

// A port of 0 was any that was free, and so is whichever it became.
function answersAt(address: string, rule: ListenRule): boolean {
  const isAny = rule.port === 0 && address.startsWith(listenText(rule).replace(/:0$/, ':'));
  return (
    isAny ||
    address === listenText(rule) ||
    (address === listenText({ ...rule, host: '127.0.0.1' }) && rule.host === 'localhost')
  );
}
