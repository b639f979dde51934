import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { RouseError } from '../../src/model/errors.ts';
import { isDamage, storeError } from '../../src/store/faults.ts';

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

test('a full disk is said to be full', () => {
  using database = new DatabaseSync(':memory:');
  database.exec('PRAGMA max_page_count = 4; CREATE TABLE a (text TEXT)');
  const cause = thrown(() => database.prepare('INSERT INTO a VALUES (?)').run('x'.repeat(100_000)));
  const error = storeError('write', '/state/rouse.db', cause);
  expect([error.code, error.message]).toEqual(['RSE3008', 'cannot write "/state/rouse.db": the disk is full']);
  expect(error.cause).toBe(cause);
  expect(error.hint).toContain('ROUSE_STATE_DIR');
  expect(isDamage(cause)).toBe(false);
});

test.for([
  ['EACCES', 'no permission'],
  ['ENOSPC', 'the disk is full'],
])('the system error %s is told as a cause', ([code, words]) => {
  const cause = Object.assign(new Error(`${code}: it, open`), { code });
  expect(storeError('open', '/a', cause).message).toBe(`cannot open "/a": ${words}`);
});

test('an error that is not known is told in its own words', () => {
  expect(storeError('read', '/a', new Error('the moon is full')).message).toBe('cannot read "/a": the moon is full');
  expect(storeError('read', '/a', 'odd').message).toBe('cannot read "/a": odd');
});

test('an error that says all is passed on', () => {
  const cause = new RouseError('RSE3008', 'cannot open "/a": it was written by a newer Rouse');
  expect(storeError('open', '/a', cause)).toBe(cause);
});

test('an extended code counts as the one it belongs to', () => {
  expect(isDamage(Object.assign(new Error('index'), { errcode: 11 | (3 << 8) }))).toBe(true);
  expect(isDamage(new Error('no code'))).toBe(false);
});
