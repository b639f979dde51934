// The page docs/state-machine.md is the table at the head of src/core/transition.ts, and that table is what the code does.
// When the page is not current: npx vitest run --project unit test/core/transition.page.test.ts --update
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Move } from '../../src/core/move.ts';
import {
  onEnded,
  onHookEnded,
  onProbe,
  onRelease,
  onReplace,
  onStartOrder,
  onStopOrder,
  onTimer,
  onWake,
} from '../../src/core/transition.ts';
import type { Ending, Reason } from '../../src/model/reason.ts';
import type { Demand, Phase, Service, Step } from '../../src/model/service.ts';
import { PHASES } from '../../src/model/service.ts';
import { given } from './given.ts';

const ROOT = join(import.meta.dirname, '../..');
const report = { service: 'db', run: 1, at: 5000, draw: 0.5 } as const;

/** The rows of the table in the head comment, the head first, cell by cell. */
function readTable(): string[][] {
  const source = readFileSync(join(ROOT, 'src/core/transition.ts'), 'utf8');
  const head = source.slice(0, source.indexOf('*/'));
  return head
    .split('\n')
    .filter((line) => line.startsWith(' * |') && !line.includes('|--'))
    .map((line) =>
      line
        .slice(4)
        .split('|')
        .map((cell) => cell.trim())
        .filter((cell) => cell !== ''),
    );
}

/** The table of the steps of a stop, as it stands at the head of src/core/stop.ts, its columns evened. */
function stepTable(): string {
  const source = readFileSync(join(ROOT, 'src/core/stop.ts'), 'utf8');
  const rows = source
    .slice(0, source.indexOf('*/'))
    .split('\n')
    .filter((line) => line.startsWith(' * |') && !line.includes('|--'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return evened(rows);
}

/** Rows as a table of Markdown, the head first. */
function evened(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_cell, place) => Math.max(...rows.map((row) => row[place]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, place) => cell.padEnd(widths[place] ?? 0)).join(' | ')} |`;
  const [head = [], ...rest] = rows;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest.map(line)].join('\n');
}

/** Every service worth asking: each phase, wanted up or down, kept up, run once, tried again or not. */
function everyService(phase: Phase): Service[] {
  const kinds = [
    given.service('db').checked(),
    given.service('db').checked().restarts({ policy: 'no' }),
    given.service('db').checked().restarts({ policy: 'always' }),
    given.service('db').task(),
    given.service('db').checked({ failureThreshold: 1 }, 'none'),
    given.service('db').checked({ failureThreshold: 1 }, 'stop'),
    given.service('db').checked().hooked('beforeStart', 'beforeStop', 'afterStop'),
    given.service('db').checked().hooked('afterStop').restarts({ policy: 'no' }),
    given.service('db').task().hooked('afterStop'),
  ];
  const demands: readonly Demand[] = ['asked', 'needed', 'none', 'released'];
  return kinds.flatMap((kind) =>
    demands.flatMap((demand) =>
      (['nothing', 'restart'] as const).flatMap((due) =>
        [
          given.state(phase, kind, { demand, due, reason: { code: 'startup-timeout', timeoutMs: 1, message: null } }),
        ].concat(
          given.state(phase, kind, {
            demand,
            due,
            health: { verdict: 'healthy', failures: 2, successes: 0, message: null },
          }),
          stepsOf(phase).map(([step, reason]) =>
            given.state(phase, kind, { demand, due, step, reason, ending: endingOf(reason) }),
          ),
        ),
      ),
    ),
  );
}

function endingOf(reason: Reason): Ending | null {
  return reason.code === 'exited' ? reason.ending : null;
}

/** The steps at which a hook is waited for, with the reasons that a service may have there. */
function stepsOf(phase: Phase): readonly (readonly [Step, Reason])[] {
  const done: Reason = { code: 'exited', ending: { exitCode: 0, signal: null } };
  if (phase === 'starting') return [['before-start', { code: 'asked' }]];
  if (phase !== 'stopping') return [];
  return [
    ['before-start', { code: 'asked' }],
    ['after-stop', { code: 'asked' }],
    ['after-stop', done],
    ['after-stop', { code: 'exited', ending: { exitCode: 1, signal: null } }],
  ];
}

const COLUMNS: Readonly<Record<string, readonly ((service: Service) => Move)[]>> = {
  'wanted up': (['keep', 'again'] as const).map(
    (completed) => (service) => onWake(service, { demand: 'asked', completed, intent: 1, at: 5000 }),
  ),
  'wanted down': (['none', 'released'] as const).map((demand) => (service) => onRelease(service, demand, 5000)),
  'let start': [(service) => onStartOrder(service, 5000)],
  'let stop': [
    (service) => onStopOrder(service, 5000),
    (service) => onReplace(service, { reason: { code: 'restart' }, at: 5000, when: 'now' }),
  ],
  'end reported': [
    ...[0, 1].map(
      (exitCode) => (service: Service) => onEnded(service, { ...report, type: 'exited', exitCode, signal: null }),
    ),
    ...(['refused', 'not-found', 'never-begun'] as const).map((code) => (service: Service) => {
      const fault = { code, message: '', program: null, hint: null };
      return onEnded({ ...service, spawned: 'no' }, { ...report, type: 'start-failed', fault });
    }),
  ],
  'hook ended': (['beforeStart', 'beforeStop', 'afterReady', 'afterStop'] as const).flatMap((hook) =>
    (['ok', 'failed'] as const).map((result) => (service: Service) => {
      return onHookEnded(service, { ...report, type: 'hook-ended', hook, result, message: '' });
    }),
  ),
  'answer pass': [
    (service) => onProbe(service, { ...report, type: 'probe', question: 'health', answer: 'pass', message: '' }),
  ],
  'answer fail': [
    (service) => onProbe(service, { ...report, type: 'probe', question: 'health', answer: 'fail', message: '' }),
  ],
  timer: (['settle', 'startup', 'kill', 'backoff', 'stable'] as const).map(
    (timer) => (service) => onTimer(service, { ...report, type: 'timer', timer }),
  ),
};

const [columns = [], ...rows] = readTable();

describe('the table of the state machine', () => {
  test('the table has every phase once, and a column for everything that is tried here', () => {
    expect(rows.flatMap(([phases = '']) => phases.split(', ')).toSorted()).toEqual([...PHASES].toSorted());
    expect(columns.slice(1)).toEqual(Object.keys(COLUMNS));
  });

  for (const [phases = '', ...cells] of rows) {
    for (const [place, [column, stimuli]] of Object.entries(COLUMNS).entries()) {
      test(`the cell of ${phases} and ${column} names every phase that is reached, and no other`, () => {
        const named = PHASES.filter(
          (phase) => phase !== phases && new RegExp(`\\b${phase}\\b`).test(cells[place] ?? ''),
        );
        const reached = new Set<Phase>();
        for (const phase of PHASES.filter((each) => phases.split(', ').includes(each))) {
          for (const service of everyService(phase)) {
            for (const stimulus of stimuli) {
              const after = stimulus(service).next.phase;
              if (after !== phase) reached.add(after);
            }
          }
        }
        expect([...reached].toSorted()).toEqual(named.toSorted());
      });
    }
  }

  test('the page on the state machine is current', async () => {
    await expect([PAGE, evened([columns, ...rows]), RULES].join('\n\n')).toMatchFileSnapshot(
      join(ROOT, 'docs/state-machine.md'),
    );
  });
});

const PAGE = `# The state machine of a service

This page is made from the head of \`src/core/transition.ts\` by a test, which also proves each cell. A row is where a
service is, a column what happens; the cell says which phase follows, or what is noted. \`–\` changes nothing.`;

const RULES = `Three rules hold beside the table:

- A report whose run is not the present one changes nothing.
- Entering a phase ends the timers of the one that was left.
- A dependent that runs holds the stop of what it needs, as a dependency that is not ready holds its dependent's start.

## The steps of a start and a stop

Inside a phase a service may be at a step. While it is \`starting\`, its \`before_start\` hook runs first
(\`before-start\`), under the limit of the start. A \`ready\` one may be \`reloading\`, for as long as a start may take. One
that said that it is about to end is at \`ending\` before it is stopping. In \`backoff\` it may be \`damped\`: too many services
are being restarted. A stop has its steps in this order, and each has a limit:

${stepTable()}
`;
