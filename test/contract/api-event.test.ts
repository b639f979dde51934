import { expect, test } from 'vitest';
import { EVENT_NAMES, apiEvent, toApiEvent } from '../../src/contract/api-event.ts';
import type { RecordBody } from '../../src/model/record.ts';
import { change, phaseBody, record } from '../api/fake-supervisor.ts';

const HEAD = { seq: 5, at: '2026-11-22T12:04:31.009Z', actor: { user: 'rouse', via: 'rouse' } };
const [task] = change('1').tasks;
if (task === undefined) throw new Error('the fixture has no task');

const BODIES: Readonly<Record<RecordBody['type'], RecordBody>> = {
  'service.phase': phaseBody('web'),
  'service.health': {
    type: 'service.health',
    service: 'web',
    run: 2,
    from: 'healthy',
    to: 'unhealthy',
    message: '503',
  },
  'service.exit': { type: 'service.exit', service: 'web', run: 2, exitCode: null, signal: 'SIGKILL' },
  'service.restart': { type: 'service.restart', service: 'web', run: 2, delayMs: 500, restarts: 1 },
  'service.hook': { type: 'service.hook', service: 'web', run: 2, hook: 'beforeStop', message: 'exit 7' },
  'service.signalled': { type: 'service.signalled', service: 'web', run: 2, signal: 'SIGHUP', scope: 'tree' },
  'service.pinned': { type: 'service.pinned', service: 'web', pin: 'down' },
  'incident.opened': {
    type: 'incident.opened',
    service: 'db',
    reason: { code: 'exited', ending: { exitCode: 1, signal: null } },
    text: 'exit 1',
    services: ['web'],
  },
  'incident.closed': {
    type: 'incident.closed',
    service: 'db',
    end: 'mended',
    text: 'exit 1',
    services: ['web'],
    elapsedMs: 1200,
  },
  'schedule.due': { type: 'schedule.due', service: 'job', result: 'skipped', text: 'the last run is not over' },
  'files.changed': {
    type: 'files.changed',
    services: ['web'],
    files: ['/p/dist/a.js'],
    result: 'restarted',
    text: 'dist/a.js',
  },
  'change.created': { type: 'change.created', change: change('1') },
  'change.progress': { type: 'change.progress', id: '1', task, done: 0, total: 1 },
  'change.done': { type: 'change.done', change: change('1') },
  'definition.applied': { type: 'definition.applied', hash: 'h', added: ['a'], changed: [], removed: [] },
  'system.started': { type: 'system.started', version: '0.1.0', pid: 7, previous: 'none' },
  'system.recovered': {
    type: 'system.recovered',
    adopted: 3,
    ended: 1,
    fenced: 0,
    unverified: 0,
    rebuilt: ['db'],
  },
  'system.stopping': { type: 'system.stopping' },
};

test.for(Object.entries(BODIES))('an event %s fits the schema, with its number, time and actor', ([type, body]) => {
  const event = toApiEvent(record(5, body));
  expect(event).toMatchObject({ type, ...HEAD });
  expect(apiEvent.parse(event)).toEqual(event);
});

test('every type has a name that can be asked for', () => {
  expect(EVENT_NAMES.toSorted()).toEqual(Object.keys(BODIES).toSorted());
});

test('names are those of the API', () => {
  expect(toApiEvent(record(5, BODIES['service.exit']))).toEqual({
    type: 'service.exit',
    ...HEAD,
    service: 'web',
    run: 2,
    exit_code: null,
    signal: 'SIGKILL',
  });
  expect(toApiEvent(record(5, BODIES['service.restart']))).toMatchObject({ delay_ms: 500, restarts: 1 });
});

test('a reason names the service that it is about', () => {
  const body = {
    ...phaseBody('web'),
    reason: { code: 'dependency', service: 'db' },
    text: 'blocked by db',
  } as RecordBody;
  expect(toApiEvent(record(5, body))).toMatchObject({
    reason: { code: 'dependency', text: 'blocked by db', service: 'db' },
  });
});
