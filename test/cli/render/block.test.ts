import { expect, test } from 'vitest';
import { type Block, blockLines } from '../../../src/cli/render/block.ts';
import { widthOf } from '../../../src/cli/render/width.ts';
import { NOW, fourOnTheWay, fourReady, ready, service } from '../services.ts';

const block = (more: Partial<Block>): Block => ({
  services: fourOnTheWay(),
  all: fourOnTheWay(),
  aim: 'up',
  startedAt: NOW - 2100,
  now: NOW,
  columns: 100,
  rows: 24,
  keys: 'd detach',
  style: { color: 'off', glyphs: 'unicode' },
  ...more,
});

test('the block has a line a service and one that sums up', () => {
  expect(blockLines(block({}))).toEqual([
    ' ● cache    ready        0.6s  redis://localhost:6379',
    ' ◐ db       starting     2.1s  connection refused',
    ' ◌ migrate  waiting            for db',
    ' ◌ web      waiting            for migrate › db',
    ' 2.1s ━━━╸────────── 1/4   d detach',
  ]);
});

test('the block of a finished up counts everything', () => {
  const lines = blockLines(block({ services: fourReady(), all: fourReady(), keys: '' }));
  expect(lines.at(-1)).toBe(' 2.1s ━━━━━━━━━━━━━━ 4/4');
  expect(lines[2]).toBe(' ✓ migrate  done         1.9s  exit 0, 2s ago');
});

test('the block in ASCII has no other characters', () => {
  const lines = blockLines(block({ style: { color: 'off', glyphs: 'ascii' } }));
  expect(lines.join('')).toMatch(/^[\x20-\x7E]+$/);
  expect(lines.at(-1)).toBe(' 2.1s ===>.......... 1/4   d detach');
});

test('no line is wider than the terminal', () => {
  for (const columns of [20, 40, 60])
    for (const line of blockLines(block({ columns }))) expect(widthOf(line)).toBeLessThan(columns);
});

test('the block leaves two rows free and folds what is least worth a look', () => {
  const services = [
    ...Array.from({ length: 10 }, (_, index) => ready(`r${index}`)),
    ...Array.from({ length: 14 }, (_, index) => service(`w${index}`, { phase: 'waiting', state: 'waiting' })),
    service('x', { phase: 'starting', state: 'starting' }),
    service('y', {
      phase: 'failed',
      state: 'failed',
      reason: { code: 'exited-early', text: 'it ended', service: null },
    }),
  ];
  const lines = blockLines(block({ services, all: services, rows: 8 }));
  expect(lines).toHaveLength(6);
  expect(lines[0]).toMatch(/w0/);
  expect(lines.join('\n')).toMatch(/x +starting/);
  expect(lines.join('\n')).toMatch(/✖ y +failed/);
  expect(lines.at(-2)).toBe(' … 10 more ready, 12 more waiting');
});

test('on the way down what is stopped counts', () => {
  const services = [service('a'), ready('b', { phase: 'stopping', state: 'stopping', waiting_for: ['c'] })];
  expect(blockLines(block({ services, all: services, aim: 'down', keys: 'Ctrl-C again to force' }))).toEqual([
    ' ○ a  stopped',
    ' ◑ b  stopping           after c',
    ' 2.1s ━━━━━━━╸────── 1/2   Ctrl-C again to force',
  ]);
});
