/**
 * What is allowed at all in a project: `listen`, `[security]` and `[audit]` of the definition files over those of the file of
 * rules. Both are files that were held to the rule of ownership; no document of the API comes here, and no variable is
 * filled in, so that what stands there is what holds.
 */
import { dirname, resolve } from 'node:path';
import ipaddr from 'ipaddr.js';
import { split } from 'shlex';
import { z } from 'zod';
import { RULE_KEYS, rules } from '../contract/definition-rules.ts';
import type { CommandRule } from '../model/command-rules.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { Ground } from '../model/ground.ts';
import { parseListen } from '../model/listen.ts';
import { type ListenRule, PLAIN_POLICY, type Policy } from '../model/policy.ts';
import { commandOf } from './command.ts';
import type { Report } from './fault.ts';
import { mergeDocuments } from './merge.ts';
import { checked } from './schema-fault.ts';
import type { Source } from './source.ts';
import { type Entry, type Path, type Table, type Tree, EMPTY_TABLE, childOf, spanAt, withEntries } from './tree.ts';
import type { Variables } from './variables.ts';

/** The rules, and the table that they were read from: every file merged, for whoever wants to see where they come from. */
export interface ReadRules {
  readonly policy: Policy;
  readonly table: Table;
}

/** What the reading of rules needs. `directory`: where relative paths start whose file is not known. */
export interface RulesPlace {
  readonly ground: Ground;
  readonly directory: string;
  readonly report: Report;
}

const schema = z.strictObject(rules);
type Input = z.output<typeof schema>;

/**
 * The rules of these documents, later ones win. Faults: RSE1101 to RSE1104 of the schema, RSE1102 for what is no address,
 * network, name or command, RSE1103 for a certificate without its key, RSE1301 for variables, RSE1123 for groups that are not.
 */
export function rulesOf(documents: readonly Table[], place: RulesPlace): ReadRules {
  const layers = [...documents.map(onlyRules), ...(place.ground.userRule === 'required' ? [REQUIRED] : [])];
  const table = layers.reduce(mergeDocuments, EMPTY_TABLE);
  refuseVariables(table, [], place.report);
  const input = checked(schema, { tree: table, path: [], report: place.report, services: [] });
  return { policy: input === null ? PLAIN_POLICY : policyOf(input, table, place), table };
}

/** A table's rules alone. */
function onlyRules(table: Table): Table {
  const entries = [...table.entries].filter(([key]) => RULE_KEYS.includes(key));
  return withEntries(
    EMPTY_TABLE,
    entries.map(([key, entry]) => [key, { ...entry, value: cleaned(entry.value) }] as const),
  );
}

// Nulls say nothing, and keys with x- are the writer's own.
function cleaned(tree: Tree): Tree {
  if (tree.type === 'list') return { ...tree, elements: tree.elements.map(cleaned) };
  if (tree.type !== 'table') return tree;
  const kept = [...tree.entries].filter(
    ([key, { value }]) => !key.startsWith('x-') && !(value.type === 'scalar' && value.value === null),
  );
  return withEntries(
    tree,
    kept.map(([key, entry]) => [key, { ...entry, value: cleaned(entry.value) }] as const),
  );
}

const ENVIRONMENT: Source = { path: 'ROUSE_REQUIRE_USER', text: null };
const SAID = { source: ENVIRONMENT, start: 0, end: 0 };
const REQUIRED: Table = tableOf({ security: tableOf({ require_user: { type: 'scalar', value: true, span: SAID } }) });

function tableOf(values: Readonly<Record<string, Tree>>): Table {
  const entries = Object.entries(values).map(([key, value]): [string, Entry] => [key, { key: SAID, value }]);
  return { type: 'table', entries: new Map(entries), span: null };
}

function refuseVariables(tree: Tree, path: Path, report: Report): void {
  if (tree.type === 'table')
    for (const [key, entry] of tree.entries) refuseVariables(entry.value, [...path, key], report);
  else if (tree.type === 'list')
    tree.elements.forEach((value, index) => refuseVariables(value, [...path, index], report));
  else if (typeof tree.value === 'string' && tree.value.includes('${'))
    report({
      code: 'RSE1301',
      message: `"${path[0]}" cannot hold variables: what is allowed must not depend on who asks`,
      span: tree.span,
      path,
      hint: 'write the value itself',
    });
}

function policyOf(input: Input, table: Table, place: RulesPlace): Policy {
  const { security = {}, audit = {} } = input;
  const { api_definitions: api = {} } = security;
  const told: Told = { table, place };
  const commands = commandRulesOf(security.commands?.allow, told);
  return {
    listen: listenersOf(input, told),
    allowedHosts: hostsOf(security.allowed_hosts ?? [], told),
    trustedProxies: networksOf(security.trusted_proxies ?? [], told),
    groups: { operate: groupOf('operate_group', security, told), view: groupOf('view_group', security, told) },
    remoteDefinitions: allowedIf(security.remote_definitions),
    apiDefinitions: {
      shell: allowedIf(api.allow_shell),
      root: allowedIf(api.allow_root),
      probes: api.allow_probes === true ? 'anywhere' : 'loopback',
    },
    user: security.require_user === true ? 'required' : 'optional',
    commands,
    probeHosts: probeHostsOf(security.probe_hosts ?? [], told),
    auditFailure: audit.on_failure ?? 'refuse',
    anchorCommand: anchorOf(told, commands),
  };
}

const allowedIf = (said: boolean | undefined): 'allowed' | 'refused' => (said === true ? 'allowed' : 'refused');

interface Told {
  readonly table: Table;
  readonly place: RulesPlace;
}

function tell({ table, place }: Told, path: Path, words: { code: ErrorCode; message: string; hint?: string }): void {
  place.report({ ...words, span: spanAt(table, path), path });
}

function listenersOf({ listen = [] }: Input, told: Told): readonly ListenRule[] {
  const isList = Array.isArray(listen);
  const elements = isList ? listen : [listen];
  return elements.flatMap((element, index) => {
    const path: Path = isList ? ['listen', index] : ['listen'];
    const written = typeof element === 'string' ? { address: element } : element;
    const { address, tls_cert: cert, tls_key: key, insecure_plain_http: plain } = written;
    if (address === undefined) {
      tell(told, path, { code: 'RSE1103', message: 'a listener needs "address"', hint: 'address = "127.0.0.1:7878"' });
      return [];
    }
    const found = parseListen(address);
    if (found === null)
      tell(told, typeof element === 'string' ? path : [...path, 'address'], {
        code: 'RSE1102',
        message: `"${address}" is not an address to listen on`,
        hint: 'write ADDRESS:PORT: "127.0.0.1:7878", "[::1]:7878"',
      });
    if ((cert === undefined) !== (key === undefined))
      tell(told, path, { code: 'RSE1103', message: '"tls_cert" and "tls_key" of a listener go together' });
    if (found === null) return [];
    const at = (name: string, file: string): string => resolve(folderOf([...path, name], told), file);
    return {
      ...found,
      tls: cert === undefined || key === undefined ? null : { cert: at('tls_cert', cert), key: at('tls_key', key) },
      plainHttp: plain === true ? 'typed-out' : 'loopback-only',
    };
  });
}

function folderOf(path: Path, { table, place }: Told): string {
  const file = spanAt(table, path)?.source.path;
  return file?.startsWith('/') === true ? dirname(file) : place.directory;
}

const HOST = /^(?:\[[0-9a-f:.]{2,45}\]|[a-z0-9](?:[a-z0-9._-]{0,252}))(?::\d{1,5})?$/;

function hostsOf(hosts: readonly string[], told: Told): readonly string[] {
  return hosts.map((host, index) => {
    const lower = host.toLowerCase();
    if (!HOST.test(lower))
      tell(told, ['security', 'allowed_hosts', index], {
        code: 'RSE1102',
        message: `"${host}" is not a host`,
        hint: 'write host or host:port, without http:// and without *',
      });
    return lower;
  });
}

const isNetwork = (text: string): boolean => ipaddr.isValid(text) || ipaddr.isValidCIDR(text);

function networksOf(networks: readonly string[], told: Told): readonly string[] {
  networks.forEach((network, index) => {
    if (isNetwork(network)) return;
    const message = `"${network}" is neither an address nor a network`;
    tell(told, ['security', 'trusted_proxies', index], {
      code: 'RSE1102',
      message,
      hint: 'write 10.0.0.1 or 10.0.0.0/8',
    });
  });
  return networks;
}

function probeHostsOf(written: string | readonly string[], told: Told): readonly string[] {
  const hosts = (typeof written === 'string' ? [written] : written).map((host) => host.toLowerCase());
  hosts.forEach((host, index) => {
    if (isNetwork(host) || (/^[a-z0-9][a-z0-9._-]{0,252}$/.test(host) && !/^[\d.]+$/.test(host))) return;
    const message = `"${host}" is neither an address, a network nor a name`;
    const path = ['security', 'probe_hosts', ...(typeof written === 'string' ? [] : [index])];
    tell(told, path, {
      code: 'RSE1102',
      message,
      hint: 'write 10.0.0.1, 10.0.0.0/8 or host.example.test, without a port',
    });
  });
  return hosts;
}

type Security = NonNullable<Input['security']>;

function groupOf(key: 'operate_group' | 'view_group', security: Security, told: Told): string | null {
  const group = security[key];
  const { ground } = told.place;
  if (group === undefined) return null;
  if (ground.uid >= 0 && ground.findGroup(group) === null)
    tell(told, ['security', key], {
      code: 'RSE1123',
      message: `there is no group "${group}" on this machine`,
      hint: `make it: groupadd --system ${group}`,
    });
  return group;
}

function commandRulesOf(allow: readonly string[] | undefined, told: Told): readonly CommandRule[] | null {
  if (allow === undefined) return null;
  return allow.map((text, index) => {
    const words = wordsOf(text);
    const [program = ''] = words ?? [];
    const refuse = (message: string, hint: string): void =>
      tell(told, ['security', 'commands', 'allow', index], { code: 'RSE1102', message, hint });
    if (words === null) refuse('a quote or a backslash in this entry is not closed', 'close it');
    else if (program !== '*' && !program.startsWith('/'))
      refuse(`"${program}" is not an absolute path`, 'begin with the path of the program, as `command -v` says it');
    else if (words.some((word) => word !== '*' && word.includes('*')))
      refuse('"*" stands for a whole word', 'write it as a word of its own: "/usr/bin/systemctl start *"');
    return words ?? [];
  });
}

function wordsOf(text: string): readonly string[] | null {
  try {
    return split(text);
  } catch {
    // Not closed; the caller says so.
    return null;
  }
}

// It runs as the daemon, and under the same list as every other command.
function anchorOf(told: Told, commands: Policy['commands']): readonly string[] | null {
  const tree = childOf(childOf(told.table, 'audit'), 'anchor_command');
  if (tree === undefined) return null;
  const { directory, report, ground } = told.place;
  const variables: Variables = {
    environment: {},
    vars: EMPTY_TABLE,
    project: { directory, name: null },
    services: new Map(),
    report: (fault) => report({ ...fault, services: [] }),
    used: new Set(),
    known: new Map(),
  };
  const listed = { rules: commands, directory, nuPath: null, findProgram: ground.findProgram };
  const path = ['audit', 'anchor_command'];
  const command = commandOf(tree, { variables, service: 'audit', path, shell: 'no', listed });
  if (command === null) return null;
  const [program = '', ...words] = command.argv;
  return [ground.findProgram(program, directory)?.path ?? program, ...words];
}
