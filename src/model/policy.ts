/**
 * What is allowed at all in a project: rules that hold whatever a definition or a request says.
 *
 * They come from the files of the definition, from `/etc/rouse/config.toml` below them, and from the environment above
 * them. A document of the API cannot change them.
 */

/** Where the API is served besides the unix sockets. */
export interface ListenRule {
  /** An address without brackets, e.g. `127.0.0.1` or `::1`. */
  readonly host: string;
  /** 0 = any that is free. */
  readonly port: number;
  /** Absolute paths of certificate chain and key in PEM, or null = plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** `typed-out`: plain HTTP beyond this machine was asked for in full words. */
  readonly plainHttp: 'loopback-only' | 'typed-out';
}

/** The rules. */
export interface Policy {
  /** Empty = unix sockets alone. */
  readonly listen: readonly ListenRule[];
  /** Names by which the listeners are reached besides their own addresses: `host` or `host:port`, lower case. */
  readonly allowedHosts: readonly string[];
  /** Addresses and networks (CIDR) whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Unix groups that may use the sockets for operators and viewers; null = there is no such socket. */
  readonly groups: { readonly operate: string | null; readonly view: string | null };
  /** Whether definitions are taken over listeners beyond this machine. */
  readonly remoteDefinitions: 'refused' | 'allowed';
  /** What definitions of the API may ask for. */
  readonly apiDefinitions: {
    readonly shell: 'refused' | 'allowed';
    readonly root: 'refused' | 'allowed';
    readonly probes: 'loopback' | 'anywhere';
  };
  /** `required`: as root, a process or task without `user` is refused. */
  readonly user: 'required' | 'optional';
  /**
   * Rules of argument vectors, each a list of words: the first an absolute path, `*` any one word. null = every command
   * may run.
   */
  readonly commands: readonly (readonly string[])[] | null;
  /** Addresses, networks (CIDR) and names that probes may reach besides what they may anyway. */
  readonly probeHosts: readonly string[];
  /** `warn`: mutations go on when they cannot be put on record. */
  readonly auditFailure: 'refuse' | 'warn';
  /** Words of a command that is given each anchor of the audit trail on standard input; null = none. */
  readonly anchorCommand: readonly string[] | null;
}

/** The rules where nothing says otherwise. */
export const PLAIN_POLICY: Policy = {
  listen: [],
  allowedHosts: [],
  trustedProxies: [],
  groups: { operate: null, view: null },
  remoteDefinitions: 'refused',
  apiDefinitions: { shell: 'refused', root: 'refused', probes: 'loopback' },
  user: 'optional',
  commands: null,
  probeHosts: [],
  auditFailure: 'refuse',
  anchorCommand: null,
};

/** What each rule is called in a file. */
const WORDS: Readonly<Record<keyof Policy, string>> = {
  listen: 'listen',
  allowedHosts: 'allowed_hosts',
  trustedProxies: 'trusted_proxies',
  groups: 'groups',
  remoteDefinitions: 'remote_definitions',
  apiDefinitions: 'api_definitions',
  user: 'require_user',
  commands: 'commands',
  probeHosts: 'probe_hosts',
  auditFailure: 'audit.on_failure',
  anchorCommand: 'audit.anchor_command',
};

/** The rules that differ, in the words of a file, `groups` for both groups; empty when none does. */
export function changedRules(before: Policy, after: Policy): readonly string[] {
  return RULES.filter((rule) => JSON.stringify(before[rule]) !== JSON.stringify(after[rule])).map(
    (rule) => WORDS[rule],
  );
}

const RULES = Object.keys(WORDS).filter((rule): rule is keyof Policy => rule in PLAIN_POLICY);

/** Those of them that are read when a daemon starts: until then it goes on by the old ones. */
export const READ_AT_START: readonly string[] = ['listen', 'allowed_hosts', 'trusted_proxies', 'groups'];
