import { expect, test } from 'vitest';
import { type StyleWishes, glyph, paint, paintName, stateGlyphs, styleOf } from '../../../src/cli/render/style.ts';

const colorOf = (env: StyleWishes['env'], stream: 'terminal' | 'pipe', color: StyleWishes['color'] = 'auto'): string =>
  styleOf({ color, env, stream }).color;

test('a terminal is coloured and a pipe is not', () => {
  expect(colorOf({}, 'terminal')).toBe('on');
  expect(colorOf({}, 'pipe')).toBe('off');
});

test('the flag wins over NO_COLOR, which wins over FORCE_COLOR, which wins over ROUSE_COLOR and TERM', () => {
  expect(colorOf({ NO_COLOR: '1' }, 'pipe', 'always')).toBe('on');
  expect(colorOf({ NO_COLOR: '1', FORCE_COLOR: '1' }, 'terminal')).toBe('off');
  expect(colorOf({ FORCE_COLOR: '1', ROUSE_COLOR: 'never' }, 'pipe')).toBe('on');
  expect(colorOf({ CLICOLOR_FORCE: '1' }, 'pipe')).toBe('on');
  expect(colorOf({ ROUSE_COLOR: 'always', TERM: 'dumb' }, 'pipe')).toBe('on');
  expect(colorOf({ TERM: 'dumb' }, 'terminal')).toBe('off');
});

test('an empty NO_COLOR says nothing, and FORCE_COLOR=0 takes colour away', () => {
  expect(colorOf({ NO_COLOR: '' }, 'terminal')).toBe('on');
  expect(colorOf({ FORCE_COLOR: '0' }, 'terminal')).toBe('off');
});

test('glyphs are ASCII with ROUSE_ASCII and in a locale that is not UTF-8', () => {
  const glyphsOf = (env: StyleWishes['env']): string => styleOf({ color: 'never', env, stream: 'terminal' }).glyphs;
  expect(glyphsOf({})).toBe('unicode');
  expect(glyphsOf({ LANG: 'de_DE.UTF-8' })).toBe('unicode');
  expect(glyphsOf({ LANG: 'de_DE.UTF-8', LC_ALL: 'C' })).toBe('ascii');
  expect(glyphsOf({ LANG: 'C.utf8', ROUSE_ASCII: '1' })).toBe('ascii');
});

test('every state has a glyph of its own in both alphabets', () => {
  const glyphs = stateGlyphs();
  expect(new Set(glyphs.map(({ unicode }) => unicode)).size).toBe(12);
  expect(new Set(glyphs.map(({ ascii }) => ascii)).size).toBe(12);
  expect(glyphs.map(({ ascii }) => ascii).join('')).toBe('.~*+!rx#v-:?');
});

test('red is for failure alone', () => {
  const color = { color: 'on', glyphs: 'unicode' } as const;
  expect(glyph(color, 'failed')).toBe('\u001B[31m✖\u001B[39m');
  expect(
    stateGlyphs()
      .filter(({ word }) => glyph(color, word).includes('[31m'))
      .map(({ word }) => word),
  ).toEqual(['failed']);
});

test('a name has always the same hue and none without colour', () => {
  const color = { color: 'on', glyphs: 'unicode' } as const;
  expect(paintName(color, 'web')).toBe(paintName(color, 'web'));
  expect(paintName(color, 'web')).not.toBe('web');
  expect(paintName({ color: 'off', glyphs: 'unicode' }, 'web')).toBe('web');
  expect(paint({ color: 'off', glyphs: 'unicode' }, 'error', 'x')).toBe('x');
});
