import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { nearest } from '../../src/model/nearest.ts';

describe('nearest', () => {
  const known = ['depends_on', 'description', 'command', 'cwd', 'env'];

  test.for([
    ['dependson', 'depends_on'],
    ['depend_on', 'depends_on'],
    ['depneds_on', 'depends_on'],
    ['comand', 'command'],
    ['cmomand', 'command'],
    ['enb', 'env'],
    ['env', 'env'],
  ] as const)('takes %s for %s', ([word, expected]) => {
    expect(nearest(word, known)).toBe(expected);
  });

  test.for(['zzzzzzz', '', 'dependency_of_all', 'c'])('takes "%s" for nothing', (word) => {
    expect(nearest(word, known)).toBeNull();
  });

  test('takes the first of two that are equally near', () => {
    expect(nearest('cat', ['bat', 'rat'])).toBe('bat');
    expect(nearest('cat', ['rat', 'bat'])).toBe('rat');
  });

  test('knows nothing when nothing is known', () => {
    expect(nearest('a', [])).toBeNull();
  });

  property.prop([fc.string({ minLength: 3 }), fc.array(fc.string())])(
    'a known word is nearest to itself',
    (word, others) => {
      expect(nearest(word, [...others, word])).toBe(word);
    },
  );

  property.prop([fc.stringMatching(/^[a-z]{3,12}$/), fc.nat(), fc.stringMatching(/^[a-z]$/)])(
    'one letter more is never too far',
    (word, at, letter) => {
      const place = at % (word.length + 1);
      expect(nearest(word.slice(0, place) + letter + word.slice(place), [word])).toBe(word);
    },
  );
});
