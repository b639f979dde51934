import { expect, test } from 'vitest';
import { explainScreen } from '../../../src/cli/render/explain.ts';

const UNICODE = { color: 'off', glyphs: 'unicode' } as const;

test('an explanation walks from the service to the cause, with evidence, ways out and what comes next', () => {
  const web = { service: 'web', phase: 'waiting', needs: null, reason: 'for migrate' } as const;
  const migrate = { service: 'migrate', phase: 'waiting', needs: 'completed', reason: 'for db' } as const;
  const db = { service: 'db', phase: 'starting', needs: 'ready', reason: 'its check fails' } as const;
  const explanation = {
    service: 'web',
    phase: 'waiting',
    text: 'web is waiting since 41s',
    chain: [web, migrate, db],
    root: db,
    facts: ['db: connection refused 14 times'],
    fixes: [
      { text: 'see it work', command: 'rouse logs db -f' },
      { text: 'give it longer', command: null },
    ],
    next: { text: 'one more failed try makes db failed', in_ms: 1200 },
  } as const;
  expect(explainScreen(explanation, UNICODE)).toEqual([
    '◌ web is waiting since 41s',
    '',
    '  web                    ◌ waiting: for migrate',
    '  └─ migrate completed   ◌ waiting: for db',
    '     └─ db ready         ◐ starting: its check fails   ← this is the cause',
    '',
    '  db: connection refused 14 times',
    '',
    '  What helps:',
    '    see it work      rouse logs db -f',
    '    give it longer',
    '',
    'Next: one more failed try makes db failed (in 1s)',
  ]);
});

test('an explanation of a service that is well is one line', () => {
  const link = { service: 'web', phase: 'ready', needs: null, reason: '' } as const;
  const explanation = {
    service: 'web',
    phase: 'ready',
    text: 'web is ready',
    chain: [link],
    root: link,
    facts: [],
    fixes: [],
    next: null,
  } as const;
  expect(explainScreen(explanation, UNICODE)).toEqual(['● web is ready']);
});
