import { expect, test } from 'vitest';
import type { ApiChange } from '../../../src/contract/api-change.ts';
import { changeScreen, changesScreen } from '../../../src/cli/render/changes.ts';
import { NOW } from '../services.ts';

const LAYOUT = { style: { color: 'off', glyphs: 'unicode' }, width: 100, now: NOW } as const;
const at = (agoMs: number): string => new Date(NOW - agoMs).toISOString();
const TASK = { kind: 'start', waiting_for: [], error: null, root: null, log: [] } as const;
const RUNNING: ApiChange = {
  id: '14',
  action: 'up',
  services: ['web'],
  state: 'running',
  summary: 'up web (4 services)',
  by: { user: 'jo', via: 'cli' },
  created_at: at(3100),
  ended_at: null,
  progress: { done: 2, total: 4 },
  tasks: [
    { ...TASK, id: '14.1', service: 'db', state: 'done', started_at: at(3100), ended_at: at(1000) },
    {
      ...TASK,
      id: '14.2',
      service: 'web',
      state: 'waiting',
      started_at: null,
      ended_at: null,
      waiting_for: ['migrate'],
    },
    {
      ...TASK,
      id: '14.3',
      service: 'x',
      state: 'failed',
      started_at: at(3000),
      ended_at: at(2000),
      error: 'db failed',
      root: 'db',
    },
  ],
  error: null,
};

test('operations are listed with how far they are or why they failed', () => {
  const failed: ApiChange = {
    ...RUNNING,
    id: '13',
    state: 'failed',
    error: 'db',
    created_at: at(240_000),
    ended_at: at(239_200),
  };
  expect(changesScreen([RUNNING, failed], LAYOUT)).toEqual([
    'ID  WHEN       WHO       WHAT                 STATE               TOOK',
    '14  3s ago     jo (cli)  up web (4 services)  running ━━━─── 2/4  3.1s',
    '13  4 min ago  jo (cli)  up web (4 services)  failed: db          0.8s',
  ]);
});

test('one operation is shown with its tasks', () => {
  expect(changeScreen(RUNNING, LAYOUT)).toEqual([
    'change 14: up web (4 services)',
    'running ━━━─── 2/4, by jo (cli), 3s ago, took 3.1s',
    '',
    'TASK  SERVICE  DOES   STATE    TOOK  WHY',
    '14.1  db       start  done     2.1s',
    '14.2  web      start  waiting  -     for migrate',
    '14.3  x        start  failed   1.0s  db failed (because of db)',
  ]);
});
