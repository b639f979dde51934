import { expect, test } from 'vitest';
import { planScreen } from '../../../src/cli/render/plan.ts';
import { PLAIN_STYLE } from '../../../src/cli/render/style.ts';

test('a plan is shown wave by wave with its longest chain', () => {
  const plan = {
    targets: ['web'],
    order: ['db', 'cache', 'web'],
    waves: [['db', 'cache'], ['web']],
    steps: [
      { service: 'db', action: 'start', why: 'web needs it' },
      { service: 'cache', action: 'none', why: 'it is ready' },
      { service: 'web', action: 'restart', why: 'asked for' },
    ],
    critical_path: ['db', 'web'],
  } as const;
  expect(planScreen(plan, PLAIN_STYLE)).toEqual([
    'wave 1   + db     web needs it',
    '         = cache  it is ready',
    'wave 2   ~ web    asked for',
    '3 services: 1 start, 1 restart, 1 unchanged',
    'longest chain: db > web',
  ]);
});

test('an empty plan says that there is nothing', () => {
  const plan = { targets: [], order: [], waves: [], steps: [], critical_path: [] };
  expect(planScreen(plan, PLAIN_STYLE)).toEqual(['0 services']);
});
