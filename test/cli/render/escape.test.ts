import { expect, test } from 'vitest';
import { escapeLine, escapeText } from '../../../src/cli/render/escape.ts';

test('what a service writes cannot move the cursor, colour or hide text', () => {
  expect(escapeText('a\u001B[2Jb')).toBe('a\\u001b[2Jb');
  expect(escapeText('a\rb\bc\u0000d')).toBe('a\\u000db\\u0008c\\u0000d');
  expect(escapeText('a\u009B31mb')).toBe('a\\u009b31mb');
});

test('text cannot be reordered or hidden by bidirectional and zero-width characters', () => {
  expect(escapeText('a\u202Eb\u2066c\u200Bd\uFEFFe\u2028f')).toBe('a\\u202eb\\u2066c\\u200bd\\ufeffe\\u2028f');
});

test('newlines and tabs stay in text and are written out in a line', () => {
  expect(escapeText('a\tb\nc')).toBe('a\tb\nc');
  expect(escapeLine('a\tb\nc')).toBe('a\\u0009b\\u000ac');
});

test('letters of every script and emoji go through', () => {
  expect(escapeText('Grüße 世界 🚀 é')).toBe('Grüße 世界 🚀 é');
});

test('a character beyond the basic plane is escaped with braces', () => {
  expect(escapeText('\u{E0001}')).toBe('\\u{e0001}');
});
