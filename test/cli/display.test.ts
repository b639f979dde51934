import { expect, test } from 'vitest';
import type { ApiEvent } from '../../src/contract/api-event.ts';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { type Subject, inOrder, kindOf, openDisplay } from '../../src/cli/display.ts';
import { NOW, fourOnTheWay, ready, service } from './services.ts';
import { keptSession } from './session.ts';

const SUBJECT: Subject = {
  title: 'shop',
  names: ['cache', 'db', 'migrate', 'web'],
  aim: 'up',
  startedAt: NOW - 2100,
  keys: '',
};
const HEAD = { seq: 1, at: '2026-11-24T12:00:01.004Z', actor: { user: 'jo', via: 'cli' } } as const;
const READY: ApiEvent = {
  type: 'service.phase',
  ...HEAD,
  service: 'db',
  from: 'starting',
  to: 'ready',
  ready: true,
  run: 1,
  reason: { code: 'ready', text: 'ready', service: null },
  elapsed_ms: 3402,
  pid: 7,
};

test('the display is a block on a terminal, lines in a pipe, and what --progress says before both', () => {
  expect(kindOf(keptSession({}, 'terminal'))).toBe('tty');
  expect(kindOf({ ...keptSession({}, 'terminal'), env: { TERM: 'dumb' } })).toBe('plain');
  expect(kindOf(keptSession())).toBe('plain');
  expect(kindOf(keptSession({ quiet: true }, 'terminal'))).toBe('quiet');
  expect(kindOf(keptSession({ json: { fields: null } }))).toBe('quiet');
  expect(kindOf(keptSession({ json: { fields: null }, progress: 'json' }))).toBe('json');
});

test('lines say what changed, and each ten seconds what still moves', async () => {
  const clock = new VirtualClock(NOW);
  const session = { ...keptSession(), clock };
  const beats = Promise.withResolvers<undefined>();
  const display = openDisplay(session, () => {
    queueMicrotask(() => queueMicrotask(() => beats.resolve(undefined)));
    return Promise.resolve(fourOnTheWay());
  });
  display.begin(SUBJECT);
  display.event(READY);
  clock.advance(10_000);
  await beats.promise;
  display.end();
  clock.advance(60_000);
  expect(session.stderr().split('\n')).toEqual([
    '2026-11-24T12:04:29.020Z  -        up         shop',
    '2026-11-24T12:00:01.004Z  db       ready      3.4s',
    '2026-11-24T12:04:41.120Z  db       starting   12.1s: connection refused',
    '',
  ]);
});

test('what happens before the order is taken is told below the title, in columns as wide as the longest name', () => {
  const session = keptSession();
  const display = openDisplay(session, () => Promise.resolve([]));
  display.event(READY);
  expect(session.stderr()).toBe('');
  display.begin(SUBJECT);
  display.end();
  expect(session.stderr().split('\n').slice(1)).toEqual(['2026-11-24T12:00:01.004Z  db       ready      3.4s', '']);
});

test('lines are about the services of the order, and about those that lose one of them', () => {
  const session = keptSession();
  const display = openDisplay(session, () => Promise.resolve([]));
  display.begin({ ...SUBJECT, title: '', names: ['db'] });
  const lost = { code: 'dependency-lost', text: 'lost db', service: 'db' } as const;
  display.event({ ...READY, service: 'report' });
  display.event({ ...READY, service: 'web', from: 'ready', to: 'stopping', ready: false, reason: lost });
  display.event({ ...READY, service: 'web', elapsed_ms: 100 });
  display.event(READY);
  display.end();
  const subjects = session
    .stderr()
    .trimEnd()
    .split('\n')
    .map((text) => text.split(/ +/).slice(1, 3).join(' '));
  expect(subjects).toEqual(['web stopping', 'web ready', 'db ready']);
});

test('lines leave out what says nothing to people, and name who blocks', () => {
  const session = keptSession();
  const display = openDisplay(session, () => Promise.resolve([]));
  display.begin({ ...SUBJECT, title: '' });
  const task = {
    id: '1.4',
    service: 'web',
    kind: 'start',
    waiting_for: [],
    started_at: null,
    ended_at: HEAD.at,
    log: [],
  } as const;
  display.event({ ...READY, from: 'stopped', to: 'waiting' });
  display.event({
    type: 'service.health',
    ...HEAD,
    service: 'db',
    run: 1,
    from: 'unknown',
    to: 'healthy',
    message: '200',
  });
  display.event({
    type: 'service.health',
    ...HEAD,
    service: 'db',
    run: 1,
    from: 'healthy',
    to: 'unknown',
    message: null,
  });
  display.event({ type: 'service.restart', ...HEAD, service: 'db', run: 1, delay_ms: 500, restarts: 1 });
  display.event({
    type: 'service.health',
    ...HEAD,
    service: 'db',
    run: 1,
    from: 'healthy',
    to: 'unhealthy',
    message: '503',
  });
  const failed = { ...task, state: 'failed', error: 'db failed', root: 'db' } as const;
  display.event({ type: 'change.progress', ...HEAD, id: '1', done: 4, total: 4, task: failed });
  display.end();
  expect(session.stderr()).toBe(
    '2026-11-24T12:00:01.004Z  db       unhealthy:  503\n2026-11-24T12:00:01.004Z  web      blocked    by db\n',
  );
});

test('the block is drawn over itself ten times a second at most, and the cursor comes back', () => {
  const clock = new VirtualClock(NOW);
  const session = { ...keptSession({}, 'terminal'), clock };
  const display = openDisplay(session, () => Promise.resolve([]));
  display.begin(SUBJECT);
  for (let turn = 0; turn < 50; turn += 1) display.services(fourOnTheWay());
  clock.advance(1000);
  display.end();
  clock.advance(1000);
  const text = session.stderr();
  expect(text.split('\u001B[5A\u001B[J')).toHaveLength(11);
  expect(text.startsWith('\u001B[?25lshop\n')).toBe(true);
  expect(text.endsWith('1/4\n\u001B[?25h')).toBe(true);
});

test('services are shown in the order of the operation, and others not at all', () => {
  const all = [ready('a'), service('b'), ready('c')];
  expect(inOrder(all, ['c', 'x', 'a']).map(({ name }) => name)).toEqual(['c', 'a']);
});
