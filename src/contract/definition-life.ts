/** What a definition says of a service's life: moments, limits, times, replicas, and files that are watched. */
import { z } from 'zod';
import { parseDuration } from '../model/duration.ts';
import { NONE, coded, command, duration, field, name, oneOrMore, serviceName, size } from './definition-values.ts';

const hookTable = z
  .strictObject({
    command: field(command, { description: 'Command of the hook.', default: NONE, example: './prepare' }),
    timeout: field(duration, {
      description: 'Longest time it may take; then it is ended with everything that it started.',
      default: '30s',
      example: '2m',
    }),
  })
  .meta({ id: 'hook' });

// Flat, so that a fault inside the table is told as that.
const hook = z.union([...command.options, hookTable]);

const hooksTable = z
  .strictObject({
    before_start: field(hook, {
      description: 'Runs before every start; when it ends badly, that start has failed.',
      default: NONE,
      example: './prepare --fast',
    }),
    after_ready: field(hook, {
      description: 'Runs when the service has become ready; how it ends changes nothing.',
      default: NONE,
      example: 'notify-send ready',
    }),
    before_stop: field(hook, {
      description: 'Runs before the service is asked to end; how it ends changes nothing.',
      default: NONE,
      example: { command: './drain', timeout: '1m' },
    }),
    after_stop: field(hook, {
      description: 'Runs when nothing of the service is left, also after it ended by itself.',
      default: NONE,
      example: 'rm -f run/web.pid',
    }),
  })
  .meta({ id: 'hooks' });

const wholeSeconds = duration.refine(
  (text) => (parseDuration(text) ?? 1000) % 1000 === 0 && (parseDuration(text) ?? 1000) > 0,
  coded('RSE1111', 'is not a number of whole seconds', 'write it like "30s" or "1h"'),
);

const limitsTable = z
  .strictObject({
    memory: field(size, {
      description: 'Memory of all its processes; beyond it the kernel ends them.',
      default: NONE,
      example: '512MiB',
    }),
    cpus: field(z.number().min(0.01).max(1024), {
      description: 'Processors that it may use at a time, parts of one among them.',
      default: NONE,
      example: 0.5,
    }),
    processes: field(z.number().int().min(1).max(4_000_000), {
      description: 'Processes and threads at a time.',
      default: NONE,
      example: 64,
    }),
    files: field(z.number().int().min(3).max(1_073_741_816), {
      description: 'Files that each process may have open at a time.',
      default: NONE,
      example: 4096,
    }),
    core: field(size, {
      description: 'Size of a core dump of each process; 0B: none.',
      default: NONE,
      example: '0B',
    }),
    file_size: field(size, {
      description: 'Largest file that each process may write.',
      default: NONE,
      example: '1GiB',
    }),
    cpu_time: field(wholeSeconds, {
      description: 'Processor time that each process may use, in whole seconds; beyond it the kernel ends it.',
      default: NONE,
      example: '1h',
    }),
    stack: field(size, { description: 'Stack of each process.', default: NONE, example: '8MiB' }),
    locked_memory: field(size, {
      description: 'Memory that each process may keep from being swapped out.',
      default: NONE,
      example: '64KiB',
    }),
    nice: field(z.number().int().min(-20).max(19), {
      description: 'Priority: -20 is the first to run, 19 the last.',
      default: NONE,
      example: 10,
    }),
  })
  .meta({ id: 'limits' });

const scheduleTable = z
  .strictObject({
    cron: field(z.string().min(1).max(200), {
      description: 'Five fields (minute, hour, day, month, weekday), six with a second first, or a name: @daily.',
      default: NONE,
      example: '30 3 * * mon-fri',
    }),
    timezone: field(z.string().min(1).max(64), {
      description: "Time zone by its IANA name. Left out: the machine's.",
      default: NONE,
      example: 'Europe/Berlin',
    }),
    overlap: field(z.enum(['skip', 'queue', 'replace']), {
      description: 'When the last run is not over: leave this one out, run it afterwards, or end the last one.',
      default: 'skip',
      example: 'queue',
    }),
    catch_up: field(z.enum(['skip', 'once']), {
      description: 'Runs that were missed while no daemon lived: forget them, or make up for one.',
      default: 'skip',
      example: 'once',
    }),
  })
  .meta({ id: 'schedule' });

const watchTable = z
  .strictObject({
    paths: field(oneOrMore, {
      description: 'Globs of the files, relative to the definition.',
      default: NONE,
      example: ['src/**/*.ts'],
    }),
    ignore: field(oneOrMore, {
      description: 'Globs of files that do not count; version control and node_modules never do.',
      default: [],
      example: ['**/*.test.ts'],
    }),
    debounce: field(duration, {
      description: 'How long files must rest before anything follows.',
      default: '200ms',
      example: '1s',
    }),
    action: field(z.string().min(1).max(32), {
      description: 'restart, or the signal to send.',
      default: 'restart',
      example: 'SIGHUP',
    }),
    cascade: field(z.boolean(), {
      description: 'true: what depends on it is restarted with it.',
      default: false,
      example: true,
    }),
  })
  .meta({ id: 'watch' });

const names = z.array(serviceName).max(1000);

/** Fields of a service, and of a template. */
export const life = {
  after: field(names, {
    description: 'Services that it starts after and stops before where both are under way; it does not need them.',
    default: [],
    example: ['cache'],
  }),
  conflicts: field(names, {
    description: 'Services that are never up together with it, whichever of the two says so.',
    default: [],
    example: ['web-debug'],
  }),
  hooks: field(hooksTable, {
    description: 'Commands at moments of its life.',
    default: {},
    example: { before_start: './prepare' },
  }),
  watchdog: field(duration, {
    description:
      'Longest time between two signs of life (WATCHDOG=1), at least 100ms; after two misses it is ended and restarted.',
    default: NONE,
    example: '30s',
  }),
  limits: field(limitsTable, {
    description: 'What it may use at most, where the kernel can hold it to that.',
    default: {},
    example: { memory: '512MiB', processes: 64 },
  }),
  profiles: field(z.array(name).max(100), {
    description: 'Names under one of which it is switched on; without any it always is.',
    default: [],
    example: ['debug'],
  }),
  replicas: field(z.number().int().min(1).max(100), {
    description: 'How many of it there are: NAME@1 to NAME@n from two on.',
    default: 1,
    example: 3,
  }),
  schedule: field(z.union([z.string().min(1).max(200), scheduleTable]), {
    description: 'When a task runs by itself: a cron text, or a table.',
    default: NONE,
    example: '@daily',
  }),
  watch: field(z.union([oneOrMore, watchTable]), {
    description: 'Files whose change restarts it: globs, or a table. They are looked at on request (--watch).',
    default: NONE,
    example: ['dist/**'],
  }),
};
