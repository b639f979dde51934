/** How a definition says what is asked of a service: `health` and `ready`. */
import { z } from 'zod';
import { NONE, coded, command, count, duration, field, texts } from './definition-values.ts';

/** Kinds of question; exactly one stands in a table of `health` or `ready`. */
export const PROBE_KINDS: readonly string[] = ['http', 'tcp', 'exec', 'dns', 'process', 'log', 'file', 'fd', 'notify'];

/** Keys that say more about a question of kind `http`. */
export const HTTP_KEYS: readonly string[] = ['method', 'headers', 'status', 'redirects'];

const statusRange = z
  .union([z.number().int().min(100).max(599), z.string()])
  .refine(
    (value) => typeof value === 'number' || /^[1-5]\d\d-[1-5]\d\d$/.test(value),
    coded('RSE1102', 'is not a status', 'write a number such as 204, or a range such as "200-399"'),
  );

const dnsQuestion = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(253)
    .meta({ description: 'Name to ask for.', examples: ['example.test'] }),
  server: z
    .string()
    .min(1)
    .meta({
      description: 'Server to ask, as host:port; port 53 when it is left out.',
      examples: ['127.0.0.1:5353'],
    }),
  record: field(z.enum(['A', 'AAAA', 'TXT', 'CNAME', 'NS', 'MX', 'SRV', 'SOA', 'PTR']), {
    description: 'Type of record.',
    default: 'A',
    example: 'AAAA',
  }),
});

const questions = {
  http: field(z.string(), {
    description: 'Address that must answer with an accepted status.',
    default: NONE,
    example: 'http://localhost:3000/healthz',
  }),
  method: field(z.enum(['GET', 'HEAD']), { description: 'Method of the request.', default: 'GET', example: 'HEAD' }),
  headers: field(texts, {
    description: 'Headers of the request.',
    default: {},
    example: { authorization: 'Bearer ${TOKEN}' },
  }),
  status: field(z.array(statusRange).min(1).max(50), {
    description: 'Accepted statuses: numbers, or ranges as text.',
    default: ['200-299'],
    example: [200, '301-308'],
  }),
  redirects: field(z.enum(['refuse', 'follow']), {
    description: 'Whether a redirect counts as an answer by itself (refuse) or is followed.',
    default: 'refuse',
    example: 'follow',
  }),
  tcp: field(z.string(), {
    description: 'Address host:port that must accept a connection.',
    default: NONE,
    example: 'localhost:5432',
  }),
  exec: field(command, {
    description: 'Command that must end with exit code 0.',
    default: NONE,
    example: 'pg_isready -p 5432',
  }),
  dns: field(z.union([z.string(), dnsQuestion]), {
    description: 'Name that a DNS server must answer for: a table, or dns://server:port/name.',
    default: NONE,
    example: { name: 'example.test', server: '127.0.0.1:5353', record: 'A' },
  }),
  process: field(z.union([z.literal(true), z.string().min(1).max(255)]), {
    description: 'true: its own process lives; a name: any process of that name lives.',
    default: NONE,
    example: 'coredns',
  }),
  log: field(z.string().min(1).max(512), {
    description:
      'Pattern (RE2) that a line of its output must match. Says that it is ready, not that it stays healthy.',
    default: NONE,
    example: 'listening on port \\d+',
  }),
  file: field(z.string().min(1), {
    description: 'File that must exist; relative to the definition.',
    default: NONE,
    example: 'run/ready',
  }),
};

const cadence = {
  interval: field(duration, { description: 'Time between two questions.', default: '10s', example: '2s' }),
  start_interval: field(duration, {
    description: 'Time between two questions until it is ready. Never longer than `interval` when left out.',
    default: '500ms',
    example: '100ms',
  }),
  timeout: field(duration, { description: 'Time an answer may take.', default: '2s', example: '5s' }),
  retries: field(count(1), { description: 'Failures in a row that make it unhealthy.', default: 3, example: 30 }),
  successes: field(count(1), {
    description: 'Successes in a row that make it ready, or healthy again.',
    default: 1,
    example: 2,
  }),
  grace: field(duration, {
    description: 'Time after the start in which failures are not counted.',
    default: '0s',
    example: '30s',
  }),
};

/** The table of `health`. */
export const healthTable = z
  .strictObject({
    ...questions,
    ...cadence,
    on_failure: field(z.enum(['restart', 'stop', 'none']), {
      description:
        'What follows when it is unhealthy. Left out: restart for a process that Rouse runs itself, none for everything else.',
      default: NONE,
      example: 'none',
    }),
  })
  .meta({ id: 'health' });

/** The table of `ready`. */
export const readyTable = z
  .strictObject({
    ...questions,
    fd: field(z.number().int().min(3).max(9), {
      description: 'Descriptor to which the service writes a line when it is ready; its number is in ROUSE_READY_FD.',
      default: NONE,
      example: 3,
    }),
    notify: field(z.union([z.literal(true), z.enum(['main', 'all'])]), {
      description: 'READY=1 sent to NOTIFY_SOCKET (sd_notify) by its main process (true, main) or any of them (all).',
      default: NONE,
      example: 'all',
    }),
    ...cadence,
  })
  .meta({ id: 'ready' });
