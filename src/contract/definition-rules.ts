/** What files say of a project as a whole: where it is served, what is allowed, and what becomes of the audit trail. */
import { z } from 'zod';
import { NONE, command, field, oneOrMore } from './definition-values.ts';

const listenTable = z
  .strictObject({
    address: field(z.string().min(1), {
      description: 'Address and port; port 0 is any that is free.',
      default: NONE,
      example: '127.0.0.1:7878',
    }),
    tls_cert: field(z.string().min(1), {
      description: 'Certificate chain in PEM, relative to the file.',
      default: NONE,
      example: '/etc/rouse/tls/cert.pem',
    }),
    tls_key: field(z.string().min(1), {
      description: 'Key of the certificate in PEM, relative to the file.',
      default: NONE,
      example: '/etc/rouse/tls/key.pem',
    }),
    insecure_plain_http: field(z.boolean(), {
      description: 'true: plain HTTP beyond this machine, where everybody on the way can read and change it.',
      default: false,
      example: true,
    }),
  })
  .meta({ id: 'listener' });

const listener = z.union([z.string().min(1), listenTable]);

const apiDefinitionsTable = z
  .strictObject({
    allow_shell: field(z.boolean(), {
      description: 'true: definitions of the API may hand commands to a shell.',
      default: false,
      example: true,
    }),
    allow_root: field(z.boolean(), {
      description: 'true: definitions of the API may ask for root.',
      default: false,
      example: true,
    }),
    allow_probes: field(z.boolean(), {
      description: 'true: checks of definitions of the API may go to other machines.',
      default: false,
      example: true,
    }),
  })
  .meta({ id: 'apiDefinitions' });

const commandsTable = z
  .strictObject({
    allow: field(z.array(z.string().min(1).max(4096)).max(1000), {
      description: 'Commands that may run, with absolute paths; * stands for any one word. Left out: all.',
      default: NONE,
      example: ['/usr/bin/systemctl start *'],
    }),
  })
  .meta({ id: 'commands' });

/** The table `[security]`. */
export const securitySchema = z
  .strictObject({
    require_user: field(z.boolean(), {
      description: 'true: under a daemon that is root, every command says as whom it runs (`user`).',
      default: false,
      example: true,
    }),
    allowed_hosts: field(z.array(z.string().min(1).max(260)).max(100), {
      description: 'Names by which the listeners are reached besides their own addresses: host, or host:port.',
      default: [],
      example: ['rouse.example.test:7878'],
    }),
    trusted_proxies: field(z.array(z.string().min(1).max(50)).max(100), {
      description: 'Addresses and networks whose X-Forwarded-For is believed.',
      default: [],
      example: ['10.0.0.0/8'],
    }),
    operate_group: field(z.string().min(1).max(32), {
      description: 'Group whose members may start and stop services (operate.sock).',
      default: NONE,
      example: 'rouse-op',
    }),
    view_group: field(z.string().min(1).max(32), {
      description: 'Group whose members may look at services (view.sock).',
      default: NONE,
      example: 'rouse-view',
    }),
    remote_definitions: field(z.boolean(), {
      description: 'true: definitions are taken over listeners beyond this machine too.',
      default: false,
      example: true,
    }),
    commands: field(commandsTable, {
      description: 'Which commands may run at all.',
      default: {},
      example: { allow: ['/usr/bin/systemctl start *'] },
    }),
    api_definitions: field(apiDefinitionsTable, {
      description: 'What definitions of the API may ask for.',
      default: {},
      example: { allow_probes: true },
    }),
    probe_hosts: field(oneOrMore, {
      description: 'Addresses, networks and names that checks may reach besides those that they may anyway.',
      default: [],
      example: ['169.254.1.0/24'],
    }),
  })
  .meta({ id: 'security' });

/** The table `[audit]`. */
export const auditSchema = z
  .strictObject({
    on_failure: field(z.enum(['refuse', 'warn']), {
      description:
        'When the audit trail cannot be written: refuse what would change something, or go on with a warning.',
      default: 'refuse',
      example: 'warn',
    }),
    anchor_command: field(command, {
      description: 'Command that is given each anchor of the trail on standard input, to keep it elsewhere.',
      default: NONE,
      example: '/usr/local/bin/keep-anchor',
    }),
  })
  .meta({ id: 'audit' });

/** Keys of the file, and of `/etc/rouse/config.toml`. */
export const rules = {
  listen: field(z.union([...listener.options, z.array(listener).max(16)]), {
    description: 'Where the API is served besides the unix sockets: address:port, a table, or a list of them.',
    default: [],
    example: '127.0.0.1:7878',
  }),
  security: field(securitySchema, {
    description: 'What is allowed at all, whatever a service or a request says.',
    default: {},
    example: { require_user: true },
  }),
  audit: field(auditSchema, {
    description: 'The audit trail.',
    default: { on_failure: 'refuse' },
    example: { on_failure: 'warn' },
  }),
};

/** Names of those keys: a document of the API cannot hold them. */
export const RULE_KEYS: readonly string[] = Object.keys(rules);
