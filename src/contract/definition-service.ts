/** What a definition may say of one service. */
import { z } from 'zod';
import { confinement } from './definition-confinement.ts';
import { life } from './definition-life.ts';
import { healthTable, readyTable } from './definition-probe.ts';
import { NONE, command, count, duration, exitCodes, field, name, oneOrMore, size, texts } from './definition-values.ts';

const when = z.enum(['ready', 'started', 'completed', 'ended']);

const dependencyTable = z
  .strictObject({
    when: field(when, { description: 'What it must have reached.', default: 'ready', example: 'completed' }),
    optional: field(z.boolean(), {
      description: 'true: its failure does not hold the dependent back.',
      default: false,
      example: true,
    }),
    on_loss: field(z.enum(['ignore', 'restart', 'stop']), {
      description: 'What happens to the dependent when it is lost while both run.',
      default: 'ignore',
      example: 'restart',
    }),
  })
  .meta({ id: 'dependency' });

const dependencies = z.union([z.array(z.string()).max(10_000), z.record(z.string(), z.union([when, dependencyTable]))]);

const policy = z.enum(['no', 'on-failure', 'always', 'unless-stopped']);

const restartTable = z
  .strictObject({
    policy: field(policy, {
      description: 'When a run that ended is followed by another. Tasks: no.',
      default: 'on-failure',
      example: 'always',
    }),
    delay: field(duration, { description: 'Wait before the first restart.', default: '500ms', example: '1s' }),
    factor: field(z.number().min(1).max(100), {
      description: 'Growth of the wait from one restart to the next.',
      default: 2,
      example: 1.5,
    }),
    max_delay: field(duration, { description: 'Longest wait.', default: '30s', example: '1m' }),
    jitter: field(z.number().min(0).max(1), {
      description: 'Share of the wait that chance adds or takes away.',
      default: 0.2,
      example: 0,
    }),
    reset_after: field(duration, {
      description: 'Time in ready after which the wait starts small again.',
      default: '60s',
      example: '5m',
    }),
    max: field(count(0), { description: 'Restarts allowed inside `within`.', default: 10, example: 3 }),
    within: field(duration, { description: 'Window in which restarts are counted.', default: '5m', example: '1h' }),
    at_limit: field(z.enum(['fail', 'slow']), {
      description: 'At the limit: give up, or go on at the longest wait.',
      default: 'fail',
      example: 'slow',
    }),
  })
  .meta({ id: 'restart' });

const stopTable = z
  .strictObject({
    signal: field(z.string(), { description: 'First signal.', default: 'SIGTERM', example: 'SIGINT' }),
    timeout: field(duration, {
      description: 'Time from the first signal, or the stop command, to SIGKILL.',
      default: '10s',
      example: '20s',
    }),
    command: field(command, {
      description: 'Command that ends the service in place of the signal.',
      default: NONE,
      example: 'nginx -s quit',
    }),
    scope: field(z.enum(['tree', 'main']), {
      description: 'Whom the first signal reaches: all processes of the service, or the main one.',
      default: 'tree',
      example: 'main',
    }),
    drain: field(duration, {
      description: 'Time in which it counts as not ready before it is asked to end.',
      default: '0s',
      example: '5s',
    }),
  })
  .meta({ id: 'stop' });

const logsTable = z
  .strictObject({
    keep: field(size, { description: 'Output kept on disk.', default: '50MiB', example: '200MiB' }),
    format: field(z.enum(['text', 'json']), {
      description: 'How lines are to be read.',
      default: 'text',
      example: 'json',
    }),
  })
  .meta({ id: 'logs' });

const running = {
  description: field(z.string().max(1000), {
    description: 'What it is, in a line.',
    default: '',
    example: 'Orders database',
  }),
  type: field(z.enum(['service', 'task']), {
    description: 'service: kept up; task: runs once and is done when it ends with exit code 0.',
    default: 'service',
    example: 'task',
  }),
  command: field(command, {
    description: 'Command that Rouse runs and supervises.',
    default: NONE,
    example: 'node dist/server.js',
  }),
  start_command: field(command, {
    description: 'Command that makes another program start the service, and returns.',
    default: NONE,
    example: 'systemctl start coredns',
  }),
  stop_command: field(command, {
    description: 'Command that makes the other program stop it.',
    default: NONE,
    example: 'systemctl stop coredns',
  }),
  status_command: field(command, {
    description: 'Command that ends with exit code 0 while the service runs.',
    default: NONE,
    example: 'systemctl is-active coredns',
  }),
  external: field(z.boolean(), {
    description: 'true: somebody else starts and stops it; Rouse only watches `health`.',
    default: false,
    example: true,
  }),
  shell: field(z.boolean(), {
    description: 'true: command texts of this service are handed to /bin/sh.',
    default: false,
    example: true,
  }),
};

const surroundings = {
  env: field(texts, { description: 'Environment variables.', default: {}, example: { PORT: '3000' } }),
  env_file: field(oneOrMore, {
    description: 'Files of NAME=value lines; later ones win, and `env` wins over all of them.',
    default: [],
    example: ['.env.web'],
  }),
  inherit_env: field(z.array(z.string()).max(1000), {
    description: "Variables taken over from the daemon's own environment.",
    default: [],
    example: ['TZ'],
  }),
  allow_loader_env: field(z.array(z.string()).max(100), {
    description: 'Variables that steer loaders and interpreters and may be set all the same.',
    default: [],
    example: ['NODE_OPTIONS'],
  }),
  cwd: field(z.string().min(1), {
    description: 'Working folder; relative to the definition.',
    default: '.',
    example: 'api',
  }),
  umask: field(z.string().regex(/^[0-7]{3,4}$/), {
    description: 'Mode bits taken away from new files, in octal.',
    default: NONE,
    example: '027',
  }),
};

const checks = {
  health: field(z.union([z.string(), healthTable]), {
    description: 'Check that says that it is ready and stays healthy: an address, or a table.',
    default: NONE,
    example: 'http://localhost:3000/healthz',
  }),
  health_check_endpoint: field(z.string(), {
    description: 'Address of the check. A failing check marks the service unhealthy and does nothing else.',
    default: NONE,
    example: 'http://localhost:8080/health',
  }),
  ready: field(z.union([z.string(), readyTable]), {
    description: 'Check that says that it is ready, where that differs from `health`; "notify": it says so itself.',
    default: NONE,
    example: { log: 'ready to accept connections' },
  }),
  settle: field(duration, {
    description: 'Without a check: time a process must live to be ready. 0s after a start command.',
    default: '1s',
    example: '3s',
  }),
  start_timeout: field(z.union([duration, z.literal('none')]), {
    description:
      'Longest time a start may take, or none. Left out: 30s, or what the check needs to fail; none for tasks and external services.',
    default: NONE,
    example: '2m',
  }),
};

const rules = {
  depends_on: field(dependencies, {
    description: 'Services that must be ready first: names, or a table of name and condition.',
    default: [],
    example: ['db', 'cache'],
  }),
  dependencies: field(dependencies, {
    description: 'The same as `depends_on`.',
    default: [],
    example: ['coredns'],
  }),
  restart: field(z.union([policy, restartTable]), {
    description: 'When and how often it is started again: a policy, or a table.',
    default: 'on-failure',
    example: 'always',
  }),
  stop: field(z.union([z.string(), stopTable]), {
    description: 'How it is ended: a signal, or a table.',
    default: 'SIGTERM',
    example: { signal: 'SIGINT', timeout: '20s' },
  }),
  success_codes: field(exitCodes, {
    description: 'Exit codes that count as success. The list stands for itself: write 0 if it belongs to it.',
    default: [0],
    example: [0, 143],
  }),
  no_restart_codes: field(exitCodes, {
    description: 'Exit codes after which no restart is tried.',
    default: [],
    example: [78],
  }),
  restart_codes: field(exitCodes, {
    description: 'Exit codes after which a restart is tried, whatever the policy says.',
    default: [],
    example: [75],
  }),
  autostart: field(z.boolean(), {
    description: 'false: `up` without names leaves it alone unless another service needs it. With a schedule: false.',
    default: true,
    example: false,
  }),
  labels: field(texts, { description: 'Own words for own tools.', default: {}, example: { team: 'shop' } }),
  logs: field(logsTable, { description: 'Output on disk.', default: { keep: '50MiB' }, example: { keep: '200MiB' } }),
  url: field(z.string(), {
    description: 'Address to show and to hand to others as ${services.NAME.url}. Left out: that of an HTTP check.',
    default: NONE,
    example: 'http://localhost:3000',
  }),
};

const layers = {
  unset: field(z.array(z.string()).max(100), {
    description: 'Keys to forget of what defaults, templates and earlier files say; dots reach into tables.',
    default: [],
    example: ['health', 'env.DEBUG'],
  }),
};

/** A template, or `[defaults]`: a service with holes. */
export const templateSchema = z
  .strictObject({ ...running, ...surroundings, ...checks, ...rules, ...life, ...confinement, ...layers })
  .meta({
    id: 'template',
  });

/** A service. Which keys exclude each other is said by the reader, not by the schema. */
export const serviceSchema = z
  .strictObject({
    use: field(z.union([name, z.array(name).max(32)]), {
      description: 'Templates to start from; later ones win.',
      default: [],
      example: 'api',
    }),
    ...templateSchema.shape,
  })
  .meta({ id: 'service' });

/** A service as the schema lets it through. */
export type ServiceInput = z.output<typeof serviceSchema>;

/** The table of `health` or `ready` as the schema lets it through. */
export type HealthInput = z.output<typeof healthTable>;

/** The table of `ready` as the schema lets it through. */
export type ReadyInput = z.output<typeof readyTable>;
