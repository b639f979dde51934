import { expect, test } from 'vitest';
import { placeOf } from '../../src/core/place.ts';
import type { Service } from '../../src/model/service.ts';
import { given } from './given.ts';

const table = { file: '/shop/rouse.toml', line: 3, column: 1 };
const command = { file: '/shop/rouse.toml', line: 5, column: 11 };

function failing(code: 'not-found' | 'command-failed'): Service {
  const { spec } = given.state('failed', given.service('db'), {});
  const execution = {
    type: 'process',
    command: { argv: ['nodee'], via: 'exec', source: 'nodee', origin: command },
  } as const;
  const fault = { code, message: 'no', program: null, hint: null };
  const reason = { code: 'start-failed', fault } as const;
  return given.state('failed', given.service('db'), { spec: { ...spec, execution, origin: table }, reason });
}

test('a program that cannot be run is looked for where the command is written', () => {
  expect(placeOf(failing('not-found'))).toEqual(command);
});

test('anything else is looked for where the service is declared', () => {
  expect(placeOf({ ...failing('not-found'), reason: { code: 'asked' } })).toEqual(table);
});
