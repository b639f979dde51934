import { expect, test } from 'vitest';
import { plainFields, plainValue, printJson, printJsonLine } from '../../src/cli/json.ts';
import { optionsOf } from '../../src/cli/options.ts';
import { keptSession } from './session.ts';

const KEYS = ['name', 'phase', 'pid'];
const WEB = { name: 'web', phase: 'ready', pid: null };

test('one document is printed, an array for a list and an object for one thing', () => {
  const session = keptSession({ json: { fields: null } });
  printJson(session, [WEB], KEYS);
  printJson(session, WEB, KEYS);
  expect(session.stdout()).toBe(
    '[{"name":"web","phase":"ready","pid":null}]\n{"name":"web","phase":"ready","pid":null}\n',
  );
});

test('fields are cut down to those asked for, in the order asked for', () => {
  const session = keptSession({ json: { fields: ['pid', 'name'] } });
  printJsonLine(session, WEB, KEYS);
  expect(session.stdout()).toBe('{"pid":null,"name":"web"}\n');
});

test('an unknown field is refused before anything is printed, naming the valid ones', () => {
  const session = keptSession({ json: { fields: ['nope'] } });
  expect(() => printJson(session, [], KEYS)).toThrow('cannot show the field "nope"');
  expect(session.stdout()).toBe('');
});

test('on a terminal JSON is indented', () => {
  const session = keptSession({ json: { fields: ['name'] } }, 'terminal');
  printJson(session, WEB, KEYS);
  expect(session.stdout()).toBe('{\n  "name": "web"\n}\n');
});

test('-o takes fields, and values are bare', () => {
  expect(plainFields(optionsOf({ output: 'name,pid' }), KEYS)).toEqual(['name', 'pid']);
  expect(plainFields(optionsOf({ output: 'wide' }), KEYS)).toBeNull();
  expect(() => plainFields(optionsOf({ output: 'nope' }), KEYS)).toThrow('cannot show the field "nope"');
  expect([plainValue(WEB, 'pid'), plainValue({ a: ['b', 'c'] }, 'a'), plainValue({ a: 7 }, 'a')]).toEqual([
    '',
    'b,c',
    '7',
  ]);
});
