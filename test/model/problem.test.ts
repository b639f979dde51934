import { describe, expect, test } from 'vitest';
import {
  ConflictError,
  ConnectionError,
  DefinitionError,
  HealthTimeoutError,
  type Issue,
  NotFoundError,
  RouseError,
  StartError,
  StopTimeoutError,
} from '../../src/model/errors.ts';
import { errorOf, problemOf } from '../../src/model/problem.ts';

const issue: Issue = {
  code: 'RSE1203',
  message: 'unknown service "databse"',
  origin: { file: '/p/rouse.toml', line: 24, column: 24 },
  length: 9,
  path: ['services', 'a/b~c', 'depends_on', 1],
  suggestion: 'database',
  hint: 'did you mean "database"',
  also: [{ origin: { file: '/p/db.toml', line: 3, column: 1 }, message: 'here it is' }],
  services: ['web', 'databse'],
};

const overTheWire = (error: RouseError): RouseError | null => errorOf(JSON.parse(JSON.stringify(problemOf(error))));

test('an issue is told in full', () => {
  expect(problemOf(new DefinitionError([issue])).errors).toEqual([
    {
      code: 'RSE1203',
      pointer: '/services/a~1b~0c/depends_on/1',
      file: '/p/rouse.toml',
      line: 24,
      column: 24,
      length: 9,
      message: 'unknown service "databse"',
      suggestion: 'database',
      hint: 'did you mean "database"',
      services: ['web', 'databse'],
      also: [{ file: '/p/db.toml', line: 3, column: 1, message: 'here it is' }],
    },
  ]);
});

test('a refused definition comes back as it was, issue for issue', () => {
  const there = overTheWire(new DefinitionError([issue, { ...issue, origin: null, also: [] }]));
  expect(there).toBeInstanceOf(DefinitionError);
  expect(there).toMatchObject({ code: 'RSE1400', issues: [issue, { ...issue, origin: null, also: [] }] });
});

test('who depends on a service is named beside RSE4005, and nowhere else', () => {
  expect(problemOf(new ConflictError('RSE4005', 'x', { services: ['web'] }))).toMatchObject({ dependents: ['web'] });
  expect(problemOf(new ConflictError('RSE4008', 'x', { services: ['web'] }))).not.toHaveProperty('dependents');
});

describe('an error comes back in its class', () => {
  test.for([
    [new NotFoundError('RSE4001', 'm', { service: 'web', hint: 'h' }), NotFoundError],
    [new ConflictError('RSE4005', 'm', { services: ['web'] }), ConflictError],
    [new ConnectionError('RSE3007', 'm'), ConnectionError],
    [new StartError('RSE2102', 'm', { service: 'web' }), StartError],
    [new HealthTimeoutError('m'), HealthTimeoutError],
    [new StopTimeoutError('m'), StopTimeoutError],
    [new RouseError('RSE4101', 'm'), RouseError],
  ] as const)('%o', ([error, type]) => {
    const there = overTheWire(error);
    expect(there?.constructor).toBe(type);
    expect(there).toMatchObject({ code: error.code, message: error.message, hint: error.hint, service: error.service });
    expect(there?.fields.services).toEqual(error.fields.services);
  });
});

test('faults of a request are no definition', () => {
  const faulty: Issue = { ...issue, code: 'RSE4102' };
  const there = overTheWire(new RouseError('RSE4102', 'cannot use the body', { issues: [faulty, faulty] }));
  expect(there).not.toBeInstanceOf(DefinitionError);
  expect(there).toMatchObject({
    code: 'RSE4102',
    message: 'cannot use the body',
    fields: { issues: [faulty, faulty] },
  });
});

test.for([null, 'x', [], {}, { code: 'RSE4001' }, { code: 'E1', detail: 'x' }, { code: 'toString', detail: 'x' }])(
  '%o is no problem document of Rouse',
  (value) => {
    expect(errorOf(value)).toBeNull();
  },
);

test('members of another type are left out', () => {
  const there = errorOf({ code: 'RSE4001', detail: 'x', hint: 7, service: [], services: [1], errors: [7, {}] });
  expect(there).toMatchObject({ hint: null, service: null, fields: {} });
});
