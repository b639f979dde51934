import { expect, test } from 'vitest';
import { maskOf } from '../../src/api/masks.ts';
import { spec } from './fake-supervisor.ts';

const command = {
  argv: ['node', '--password=hunter2x', 'restart', 'a b-c-d-e', 'web'],
  source: '',
  via: 'exec',
  origin: null,
} as const;
const mask = maskOf({
  services: [
    spec('web', {
      execution: { type: 'process', command },
      env: { DSN: 'postgres://u:pw@db1', PORT: '8080' },
      cwd: '/srv/app',
    }),
    spec('node-exporter'),
  ],
});

test.for([
  ['program "nodee" not found', 'program "…" not found'],
  ['no folder "/srv/app": it is not there', 'no folder "…": it is not there'],
  ['it said --password=hunter2x, twice', 'it said …=…, twice'],
  ['hunter2x.', '…'],
  ['‘hunter2x’', '‘…’'],
  ['b-c-d-e', '…'],
  ['see /etc/rouse/x.toml:3', 'see …'],
  ['cannot read (/a/b)', 'cannot read (…)'],
] as const)('of "%s" is told: %s', ([text, told]) => {
  expect(mask(text)).toBe(told);
});

test.for([
  'blocked by node-exporter',
  'restart asked for',
  'connection refused',
  'port 8080 is taken by web',
  'see /docs/errors/RSE2101 or /api/v1/services',
  'exit 1, after 3 restarts in 5m',
])('"%s" is told as it is', (text) => {
  expect(mask(text)).toBe(text);
});
