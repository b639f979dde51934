import { describe, expect, test } from 'vitest';
import type { Order } from '../../src/core/request.ts';
import { wantOf } from '../../src/core/request.ts';
import { planChange } from '../../src/core/plan.ts';
import type { Action } from '../../src/model/change.ts';
import type { Told } from './given.ts';
import { given } from './given.ts';

const shop = (): Told =>
  given.system(
    given.service('cache'),
    given.service('db'),
    given.service('migrate').task().requires('db'),
    given.service('web').requires('cache').requires('migrate'),
    given.service('report').requires('db').with({ autostart: 'no' }),
  );
const running = (): Told => {
  const told = shop();
  told.start('web');
  return told.brings('cache', 'db', 'migrate', 'web');
};
const order = (action: Action, services: readonly string[] = [], manner: Partial<Order> = {}): Order => ({
  action,
  services,
  dependencies: 'settings',
  dependents: 'refuse',
  completed: 'keep',
  ...manner,
});
const plan = (told: Told, ...request: Parameters<typeof order>) => planChange(told.system, order(...request));
/** `start db: needed by web`, line by line. */
const steps = (told: Told, ...request: Parameters<typeof order>): string[] =>
  plan(told, ...request).steps.map(({ action, service, why }) => `${action} ${service}: ${why}`);

describe('a plan of up', () => {
  test('without targets everything that starts by default is planned, wave after wave', () => {
    expect(plan(shop(), 'up')).toEqual({
      targets: ['cache', 'db', 'migrate', 'web'],
      order: ['cache', 'db', 'migrate', 'web'],
      waves: [['cache', 'db'], ['migrate'], ['web']],
      steps: [
        { service: 'cache', action: 'start', why: 'starts by default' },
        { service: 'db', action: 'start', why: 'starts by default' },
        { service: 'migrate', action: 'start', why: 'starts by default' },
        { service: 'web', action: 'start', why: 'starts by default' },
      ],
      criticalPath: ['db', 'migrate', 'web'],
    });
  });

  test('what is ready and what is done stays as it is', () => {
    expect(steps(running(), 'up')).toEqual([
      'none cache: already ready',
      'none db: already ready',
      'none migrate: task is done and unchanged',
      'none web: already ready',
    ]);
  });

  test('a task whose definition changed is planned again', () => {
    const told = running();
    told.redefines(
      ...told.system.services
        .map(({ spec }) => given.service(spec.name).with(spec))
        .map((each) => (each.spec.name === 'migrate' ? each.revised() : each)),
    );
    expect(steps(told, 'up')[2]).toBe('start migrate: starts by default; its definition changed since it was done');
  });

  test('an empty project has an empty plan', () => {
    expect(plan(given.system(), 'up')).toEqual({ targets: [], order: [], waves: [], steps: [], criticalPath: [] });
  });
});

describe('a plan of start', () => {
  test('what the target needs comes first, and says who needs it', () => {
    expect(steps(shop(), 'start', ['report'])).toEqual(['start db: needed by report', 'start report: asked for']);
    expect(steps(shop(), 'start', ['web', 'report'])).toEqual([
      'start cache: needed by web',
      'start db: needed by migrate and report',
      'start migrate: needed by web',
      'start report: asked for',
      'start web: asked for',
    ]);
  });

  test('alone, only the target is planned', () => {
    expect(plan(shop(), 'start', ['web', 'cache'], { dependencies: 'alone' })).toMatchObject({
      order: ['cache', 'web'],
      waves: [['cache', 'web']],
      steps: [
        { service: 'cache', action: 'start', why: 'asked for' },
        { service: 'web', action: 'start', why: 'asked for' },
      ],
    });
  });

  test('a completed task runs again only if asked to', () => {
    expect(steps(running(), 'start', ['migrate'])[1]).toBe('none migrate: task is done and unchanged');
    expect(steps(running(), 'run', ['migrate'], { completed: 'again' })[1]).toBe(
      'start migrate: asked for; task is done and runs again',
    );
  });

  test('what failed, backs off, waits, starts or stops says so', () => {
    const told = shop();
    told.start('web', 'report');
    told.fails('cache', { code: 'not-found', program: 'redis' });
    told.fails('db', { code: 'command-failed', message: 'exit 1' });
    expect(steps(told, 'start', ['web'])).toEqual([
      'start cache: needed by web; is tried again: program "redis" not found',
      'start db: needed by migrate; is tried at once: exit 1',
      'start migrate: needed by web; is waiting already',
      'start web: asked for; blocked by cache',
    ]);
    const other = running();
    other.stop('web');
    expect(steps(other, 'start', ['web']).at(-1)).toBe('start web: asked for; starts again when it has stopped');
    expect(steps(other, 'start', ['cache'])).toEqual(['start cache: asked for; is ready, and no longer to be stopped']);
  });

  test('a long list of dependents is cut', () => {
    const users = ['a', 'b', 'c', 'd'].map((name) => given.service(name).requires('db'));
    expect(steps(given.system(given.service('db'), ...users), 'up')[0]).toBe('start db: starts by default');
    expect(steps(given.system(given.service('db').with({ autostart: 'no' }), ...users), 'up')[0]).toBe(
      'start db: needed by a, b and 2 more',
    );
  });

  test('an unknown target is refused', () => {
    expect(() => plan(shop(), 'start', ['wen'])).toThrow(
      expect.objectContaining({ code: 'RSE4001', hint: 'did you mean "web"?' }),
    );
  });
});

describe('a plan of stop', () => {
  test('dependents stop first, and what only they needed goes last', () => {
    const told = running();
    expect(plan(told, 'stop', ['cache'], { dependents: 'include' })).toEqual({
      targets: ['cache'],
      order: ['web', 'db', 'cache'],
      waves: [['web'], ['db', 'cache']],
      steps: [
        { service: 'web', action: 'stop', why: 'depends on cache' },
        { service: 'db', action: 'stop', why: 'nothing needs it any more' },
        { service: 'cache', action: 'stop', why: 'asked for' },
      ],
      criticalPath: ['cache', 'web'],
    });
  });

  test('the core does what the plan says', () => {
    const told = running();
    const planned = plan(told, 'stop', ['cache'], { dependents: 'include' }).steps.filter(
      ({ action }) => action === 'stop',
    );
    told.stop('cache');
    told.exits('web', 0);
    told.exits('db', 0);
    told.exits('cache', 0);
    expect(planned.map(({ service }) => told.phase(service))).toEqual(['stopped', 'stopped', 'stopped']);
  });

  test('down stops everything, and leaves be what rests', () => {
    expect(steps(running(), 'down')).toEqual([
      'stop web: everything stops',
      'none report: was never started',
      'stop migrate: everything stops; task is done',
      'stop db: everything stops',
      'stop cache: everything stops',
    ]);
  });

  test('dependents that are left alone have no step', () => {
    expect(steps(running(), 'stop', ['cache'], { dependents: 'leave' })).toEqual(['stop cache: asked for']);
  });

  test('dependents that rest have no step', () => {
    const told = running();
    told.start('db');
    told.stop('web');
    told.exits('web', 0);
    expect(steps(told, 'stop', ['db'], { dependents: 'include' })).toEqual(['stop db: asked for']);
  });

  test('what waits, backs off, stops or failed says so', () => {
    const told = shop();
    told.start('web');
    told.fails('db', { code: 'command-failed', message: 'exit 1' });
    told.fails('cache', { code: 'not-found', program: 'redis' });
    expect(steps(told, 'down')).toEqual([
      'stop web: everything stops; has not started yet',
      'none report: was never started',
      'stop migrate: everything stops; has not started yet',
      'stop db: everything stops; is not tried again',
      'stop cache: everything stops; nothing runs: program "redis" not found',
    ]);
  });
});

describe('a plan of restart', () => {
  test('alone, only the target is replaced and what it needs stays', () => {
    expect(steps(running(), 'restart', ['web'])).toEqual([
      'none cache: already ready',
      'none db: already ready',
      'none migrate: task is done and unchanged',
      'restart web: asked for',
    ]);
  });

  test('with dependents, those who live go along', () => {
    expect(steps(running(), 'restart', ['cache'], { dependents: 'include' })).toEqual([
      'restart cache: asked for',
      'restart web: depends on cache',
    ]);
  });

  test('a dependent whose edge says so follows', () => {
    const told = given.system(
      given.service('db'),
      given.service('api').requires('db', { onLoss: 'restart' }),
      given.service('web').requires('api'),
    );
    told.start('web');
    told.brings('db', 'api', 'web');
    expect(steps(told, 'restart', ['db'])).toEqual(['restart db: asked for', 'restart api: follows db']);
  });

  test('what does not run is started, with what it needs', () => {
    expect(steps(shop(), 'restart', ['report'])).toEqual(['start db: needed by report', 'start report: asked for']);
  });

  test('a done task runs again', () => {
    expect(steps(running(), 'restart', ['migrate'], { completed: 'again' })).toEqual([
      'none db: already ready',
      'start migrate: asked for; task is done and runs again',
    ]);
  });
});

describe('what the core is told', () => {
  test('actions come down to three, and scopes to two', () => {
    const { system } = shop();
    const told = (...request: Parameters<typeof order>): string => {
      const want = wantOf(system, order(...request));
      return `${want.action} ${want.scope} ${want.services.join(',')} ${want.completed}`;
    };
    expect(told('up')).toBe('start closure cache,db,migrate,web keep');
    expect(told('start', ['web', 'web'])).toBe('start closure web keep');
    expect(told('start', ['web'], { dependencies: 'alone' })).toBe('start alone web keep');
    expect(told('run', ['migrate'], { completed: 'again' })).toBe('start closure migrate again');
    expect(told('down')).toBe('stop closure cache,db,migrate,web,report keep');
    expect(told('stop', ['db'], { dependents: 'leave' })).toBe('stop alone db keep');
    expect(told('restart', ['db'])).toBe('restart alone db keep');
    expect(told('restart', ['db'], { dependents: 'include' })).toBe('restart closure db keep');
  });
});
