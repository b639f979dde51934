import { describe, expect, test } from 'vitest';
import { findGraphFaults } from '../../src/core/graph-faults.ts';
import type { Origin } from '../../src/model/spec.ts';
import type { Given } from './given.ts';
import { given } from './given.ts';

const place = (line: number): Origin => ({ file: '/shop/rouse.toml', line, column: 15 });
const faultsOf = (...services: readonly Given[]) => findGraphFaults(services.map((each) => each.spec));

describe('a sound graph', () => {
  test('no service and no fault', () => {
    expect(faultsOf()).toEqual([]);
  });

  test('every condition that can be met is accepted', () => {
    const needs = given
      .service('web')
      .requires('db')
      .requires('db', { when: 'started' })
      .requires('db', { when: 'ended' })
      .requires('seed')
      .requires('seed', { when: 'completed' })
      .requires('dns');
    expect(faultsOf(given.service('db'), given.service('seed').task(), given.service('dns').external(), needs)).toEqual(
      [],
    );
  });
});

describe('a circle', () => {
  test('a circle is told with its whole path and the place of every edge', () => {
    const faults = faultsOf(
      given.service('a').requires('c', { origin: place(12) }),
      given.service('b').requires('a', { origin: place(19) }),
      given.service('c').requires('b', { origin: place(27) }),
    );
    expect(faults).toEqual([
      {
        code: 'RSE1201',
        message: 'services wait for each other in a circle: a › c › b › a',
        origin: place(12),
        length: 1,
        path: ['services', 'a', 'depends_on', 0],
        suggestion: null,
        hint: 'remove one of the 3 dependencies',
        also: [
          { origin: place(12), message: 'a waits for c' },
          { origin: place(27), message: 'c waits for b' },
          { origin: place(19), message: 'b waits for a' },
        ],
        services: ['a', 'c', 'b'],
      },
    ]);
  });

  test('an edge that only says what comes after what closes a circle as well', () => {
    const [fault] = faultsOf(given.service('a').requires('b'), given.service('b').requires('a', { need: 'order' }));
    expect(fault?.code).toBe('RSE1201');
  });

  test('without places the path is still told', () => {
    const [fault] = faultsOf(given.service('a').requires('b'), given.service('b').requires('a'));
    expect([fault?.message, fault?.origin, fault?.also]).toEqual([
      'services wait for each other in a circle: a › b › a',
      null,
      [],
    ]);
  });

  test('a service that depends on itself is told so', () => {
    expect(faultsOf(given.service('a').requires('a', { origin: place(3) }))).toEqual([
      {
        code: 'RSE1202',
        message: '"a" depends on itself',
        origin: place(3),
        length: 1,
        path: ['services', 'a', 'depends_on', 0],
        suggestion: null,
        hint: 'remove the dependency',
        also: [],
        services: ['a'],
      },
    ]);
  });
});

describe('an unknown dependency', () => {
  test('both ends and the nearest name are told', () => {
    const web = given
      .service('web')
      .requires('cache')
      .requires('databse', { origin: place(24) });
    expect(faultsOf(given.service('cache'), given.service('database'), web)).toEqual([
      {
        code: 'RSE1203',
        message: '"web" depends on "databse", which does not exist',
        origin: place(24),
        length: 7,
        path: ['services', 'web', 'depends_on', 1],
        suggestion: 'database',
        hint: 'did you mean "database"?',
        also: [],
        services: ['web', 'databse'],
      },
    ]);
  });

  test('a name that is near to nothing gets no suggestion', () => {
    const [fault] = faultsOf(given.service('web').requires('postgres'));
    expect([fault?.suggestion, fault?.hint]).toEqual([null, 'declare "postgres", or remove the dependency']);
  });

  test('the dependent itself is no suggestion', () => {
    expect(faultsOf(given.service('web').requires('webb'))[0]?.suggestion).toBe(null);
  });

  test('an edge without a place is told at the place of its service', () => {
    const web = given
      .service('web')
      .requires('ghost')
      .with({ origin: place(20) });
    expect([faultsOf(web)[0]?.origin, faultsOf(web)[0]?.length]).toEqual([place(20), 1]);
  });

  test('every unknown dependency is told, and the first fifty with a suggestion', () => {
    const many = Array.from({ length: 60 }, (_, index) => given.service(`user${index}`).requires('databse'));
    const faults = faultsOf(given.service('database'), ...many);
    expect(faults.map((fault) => fault.suggestion)).toEqual([
      ...Array.from({ length: 50 }, () => 'database'),
      ...Array.from({ length: 10 }, () => null),
    ]);
  });
});

describe('other faults', () => {
  test('a name declared twice is told at its second place, with the first beside it', () => {
    const faults = faultsOf(
      given.service('a').with({ origin: place(1) }),
      given.service('a').with({ origin: place(9) }),
    );
    expect(faults).toEqual([
      {
        code: 'RSE1115',
        message: '"a" is declared twice',
        origin: place(9),
        length: 1,
        path: ['services', 'a'],
        suggestion: null,
        hint: 'rename one of the two, or remove it',
        also: [{ origin: place(1), message: 'first declared here' }],
        services: ['a'],
      },
    ]);
  });

  test('only a task can be waited for to complete', () => {
    const web = given.service('web').requires('db', { when: 'completed' }).requires('dns', { when: 'completed' });
    const faults = faultsOf(given.service('db'), given.service('dns').external(), web);
    expect(faults.map(({ code, message, hint, services }) => ({ code, message, hint, services }))).toEqual([
      {
        code: 'RSE1204',
        message: '"web" waits for the completion of "db", which is a service and is kept up',
        hint: 'wait for "ready", or make "db" a task',
        services: ['web', 'db'],
      },
      {
        code: 'RSE1204',
        message: '"web" waits for the completion of "dns", which is external and never completes',
        hint: 'wait for "ready"',
        services: ['web', 'dns'],
      },
    ]);
  });

  test('all faults are told at once', () => {
    const faults = faultsOf(
      given.service('a').requires('b'),
      given.service('b').requires('a'),
      given.service('c').requires('c').requires('ghost').requires('a', { when: 'completed' }),
    );
    expect(faults.map((fault) => fault.code)).toEqual(['RSE1202', 'RSE1203', 'RSE1201', 'RSE1204']);
  });
});
