import { expect, test } from 'vitest';
import { doneLine, failureCode, failureLines, list, slowestPath } from '../../../src/cli/render/outcome.ts';
import { fourReady, ready, service } from '../services.ts';

const UNICODE = { color: 'off', glyphs: 'unicode' } as const;

test('the line of a finished up names the path that took the time', () => {
  expect(doneLine(fourReady(), 7500, UNICODE)).toBe('All 4 ready in 7.5s · critical path db › migrate › web');
  expect(doneLine([ready('web')], 640, UNICODE)).toBe('web is ready in 0.6s');
  expect(slowestPath(fourReady()).map(({ name }) => name)).toEqual(['db', 'migrate', 'web']);
  expect(slowestPath([])).toEqual([]);
});

test('services that were lost after they had been ready are told as such', () => {
  const db = service('db', {
    state: 'retry',
    phase: 'backoff',
    retry_in_ms: 6000,
    reason: { code: 'exited', text: 'exit 1', service: null },
  });
  expect(doneLine([db], 640, UNICODE)).toBe('db was ready in 0.6s; not any more: db (retry in 6s, exit 1)');
  expect(doneLine([db, ready('web')], 640, UNICODE)).toBe(
    'All 2 were ready in 0.6s; not any more: db (retry in 6s, exit 1)',
  );
});

test('a failure shows the last output, the place, why, whom else it stops, ways out and where to read on', () => {
  const db = service('db', {
    state: 'failed',
    phase: 'failed',
    reason: { code: 'exited-early', text: 'exit 1 before it was ready', service: null },
    origin: { file: '/project/rouse.toml', line: 4, column: 1 },
  });
  const link = { service: 'db', phase: 'failed', needs: null, reason: '' } as const;
  const explanation = {
    service: 'db',
    phase: 'failed',
    text: '',
    chain: [link],
    root: link,
    facts: ['it was started 3 times', 'log: FATAL'],
    fixes: [{ text: 'read its output', command: 'rouse logs db' }],
    next: null,
  } as const;
  const failure = {
    service: db,
    explanation,
    lastLines: ['FATAL:\u001B[2J no'],
    blocked: ['migrate', 'web'],
    running: ['cache'],
  };
  expect(failureLines(failure, { style: UNICODE, folder: '/project' })).toEqual([
    'error[RSE2102]: db: exit 1 before it was ready',
    '  │ FATAL:\\u001b[2J no',
    '  at     rouse.toml:4:1  [services.db]',
    '  why    it was started 3 times',
    '  also   migrate and web were not started; cache is running',
    '  fix    read its output:  rouse logs db',
    '  more   rouse logs db  ·  rouse explain db  ·  rouse explain RSE2102',
  ]);
});

test('a failure has the code of its reason', () => {
  const codeOf = (code: string, text = ''): string =>
    failureCode(service('a', { reason: { code, text, service: null } }));
  expect(codeOf('start-failed', 'program "x" not found')).toBe('RSE2101');
  expect(codeOf('start-failed', 'the folder is missing')).toBe('RSE2109');
  expect(codeOf('startup-timeout')).toBe('RSE2103');
  expect(codeOf('restart-limit')).toBe('RSE2106');
  expect(codeOf('something new')).toBe('RSE2109');
});

test('long lists are cut short', () => {
  expect([list([]), list(['a']), list(['a', 'b']), list(['a', 'b', 'c']), list(['a', 'b', 'c', 'd', 'e'])]).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
    'a, b and 3 more',
  ]);
});
