/** As whom a service runs, what it is kept from, and what it is given in secret. */
import { z } from 'zod';
import { NONE, coded, field, oneOrMore } from './definition-values.ts';

/** The largest number of a user or group. One more is `(uid_t) -1` of 32-bit programs, and above it some read as negative. */
const LARGEST_ID = 2 ** 31 - 2;
const ACCOUNT = /^(?:[A-Za-z_][A-Za-z0-9_.-]{0,30}\$?|0|[1-9]\d{0,9})$/;

/** A user or group by name or number. Source: useradd(8); the range: systemd.io, Users, Groups, UIDs and GIDs. */
const account = z
  .union([z.string(), z.number()])
  .refine(
    (value) => ACCOUNT.test(String(value)) && (!/^\d/.test(String(value)) || Number(value) <= LARGEST_ID),
    coded(
      'RSE1102',
      'is neither a name nor a number of an account',
      `write a name, or a number from 0 to ${LARGEST_ID}`,
    ),
  )
  .meta({ id: 'account' });

/** Names of variables, and of the files of secrets. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

const secretTable = z
  .strictObject({
    file: field(z.string().min(1), {
      description: 'File that holds it, relative to the definition. Nobody but the user of the daemon may read it.',
      default: NONE,
      example: '/etc/rouse/secrets/db',
    }),
    as: field(z.enum(['file', 'env']), {
      description: 'How it is handed over: a file of its name in CREDENTIALS_DIRECTORY, or a variable.',
      default: 'file',
      example: 'env',
    }),
  })
  .meta({ id: 'secret' });

/** Fields of a service, and of a template. */
export const confinement = {
  user: field(account, {
    description: "User that it runs as, by name or number. Left out: the daemon's own.",
    default: NONE,
    example: 'www-data',
  }),
  group: field(account, {
    description: "Group that it runs as, by name or number. Left out: the user's own.",
    default: NONE,
    example: 'www-data',
  }),
  sandbox: field(z.enum(['default', 'strict', 'none']), {
    description:
      'default: no rights but those asked for; strict: besides, a file system that it cannot write and processes of its own; none: user and group alone.',
    default: 'default',
    example: 'strict',
  }),
  network: field(z.enum(['host', 'none']), {
    description: 'none: a loopback of its own and no other network.',
    default: 'host',
    example: 'none',
  }),
  writable: field(oneOrMore, {
    description: 'Folders that it may write in a strict sandbox, relative to the definition.',
    default: [],
    example: ['data'],
  }),
  low_ports: field(z.boolean(), {
    description: 'true: it may listen on ports below 1024 without being root.',
    default: false,
    example: true,
  }),
  secrets: field(z.record(z.string(), z.union([z.string().min(1), secretTable])), {
    description: 'Secrets by name: the file that holds each, or a table.',
    default: {},
    example: { DB_PASSWORD: '/etc/rouse/secrets/db' },
  }),
};
