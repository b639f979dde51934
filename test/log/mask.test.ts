import { expect, test } from 'vitest';
import { createMask } from '../../src/log/mask.ts';
import type { LogLine } from '../../src/model/log-line.ts';

const SECRET = 'correct-horse-battery';
const mask = createMask((service) =>
  service === 'web' ? [`${SECRET}\n`, 'short', 'first line of it\nsecond line of it'] : [],
);
const line = (text: string, different: Partial<LogLine> = {}): LogLine => ({
  service: 'web',
  run: 1,
  offset: 0,
  next: text.length + 1,
  at: null,
  text,
  cut: 'no',
  kind: 'line',
  ...different,
});

test('a secret is hidden wherever it stands in a line, and each line of one that has several', () => {
  expect(mask.line(line(`a ${SECRET} b ${SECRET}`)).text).toBe('a *** b ***');
  expect(mask.text('web', 'x second line of it')).toBe('x ***');
});

test('a secret of fewer than 8 bytes is left, since it is a word that occurs anyway', () => {
  expect(mask.text('web', 'a short story')).toBe('a short story');
  expect(createMask(() => ['ünïcöd']).text('web', 'ünïcöd')).toBe('***');
});

test('the output of another service is not looked into', () => {
  const other = line(SECRET, { service: 'db' });
  expect(mask.line(other)).toBe(other);
});

test('a secret that a cut goes through is hidden on both sides of it', () => {
  const first = mask.line(line(`long… ${SECRET.slice(0, 9)}`, { cut: 'yes', next: 100 }));
  const second = mask.line(line(`${SECRET.slice(9)} rest`, { offset: 100, next: 200 }));
  expect([first.text, second.text]).toEqual(['long… ***', '*** rest']);
});

test('what looks like the end of a secret is left where no line was cut', () => {
  expect(mask.line(line('battery is full', { offset: 7 })).text).toBe('battery is full');
});

test('bytes are hidden in without being read as text', () => {
  const bytes = Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from(`${SECRET}${SECRET}`), Buffer.from([0xfe])]);
  const hidden = Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from('******'), Buffer.from([0xfe])]);
  expect(Buffer.from(mask.bytes('web', bytes))).toEqual(hidden);
});

test('a secret that is handed over later is hidden from then on', () => {
  const texts = ['first secret'];
  const growing = createMask(() => texts);
  expect(growing.text('web', 'second secret')).toBe('second secret');
  texts.push('second secret');
  expect(growing.text('web', 'second secret')).toBe('***');
});
