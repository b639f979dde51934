// Every screen over hostile words: whatever a service, a definition or a daemon elsewhere says, no control reaches the terminal.
import { expect, test } from 'vitest';
import { printJson, printJsonLine } from '../../../src/cli/json.ts';
import { blockLines } from '../../../src/cli/render/block.ts';
import { changeScreen, changesScreen } from '../../../src/cli/render/changes.ts';
import { configLines } from '../../../src/cli/render/config.ts';
import { differenceLines } from '../../../src/cli/render/difference.ts';
import { escapeJson, escapeScreen } from '../../../src/cli/render/escape.ts';
import { eventLine } from '../../../src/cli/render/events.ts';
import { explainScreen } from '../../../src/cli/render/explain.ts';
import { graphDot, graphMermaid, graphTree } from '../../../src/cli/render/graph.ts';
import { checksScreen, healthLine } from '../../../src/cli/render/health.ts';
import { incidentLines } from '../../../src/cli/render/incidents.ts';
import { logLine } from '../../../src/cli/render/log-line.ts';
import { doneLine, failureLines } from '../../../src/cli/render/outcome.ts';
import { planScreen } from '../../../src/cli/render/plan.ts';
import { problemScreen } from '../../../src/cli/render/problem.ts';
import { psScreen } from '../../../src/cli/render/ps.ts';
import { statusScreen } from '../../../src/cli/render/status.ts';
import { note, printLines } from '../../../src/cli/session.ts';
import type { ApiEvent } from '../../../src/contract/api-event.ts';
import { RouseError } from '../../../src/model/errors.ts';
import { NOW, fourOnTheWay, fourReady, ready, service } from '../services.ts';
import { keptSession } from '../session.ts';

// Clear the screen, a title, carriage return, backspace, bell, DEL, C1, a bidi override, a zero width space, a line separator, a new line.
const HOSTILE = '\u001B[2J\u001B]0;x\u0007\r\b\u007F\u009B31m\u202E\u200B\u2028\u{E0001}\nnext';
const CONTROL = /[\p{C}\u2028\u2029]/u;
const STYLE = { color: 'off', glyphs: 'unicode' } as const;
const AT = new Date(NOW).toISOString();
const LAYOUT = { style: STYLE, width: 200, now: NOW } as const;

// What is compared with words of the program, or read as a time, has to stay what it is.
const KEPT = new Set(
  'type phase state step desired kind action when need on_loss stage outcome from to effect via since at code create_at'
    .concat(' created_at ended_at opened_at started_at last_check cut tree pin result hook_type severity')
    .split(' '),
);

/** The same with hostile text in every string that anybody may have written. */
function poisoned<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (key, each: unknown) =>
    typeof each === 'string' && !KEPT.has(key) ? `${each}${HOSTILE}` : each,
  );
}

const SERVICES = poisoned([
  ...fourOnTheWay(),
  ...fourReady(),
  service('down', { state: 'failed', phase: 'failed', reason: { code: 'exited', text: 'exit 1', service: 'db' } }),
  service('sick', {
    state: 'unhealthy',
    phase: 'ready',
    health: { healthy: false, message: 'no', last_check: AT, latency_ms: 1 },
  }),
  ready('whole', {
    description: 'about',
    saying: 'says',
    limits: [{ name: 'memory', enforced: false, why: 'none' }],
    tree: 'session',
    tree_note: 'why',
    confined: { user: 'a', uid: 1, gid: 1, sandbox: 'default', no_new_privileges: false, note: 'b', network: 'host' },
    degraded_by: ['db'],
    urls: ['http://x/'],
    labels: { team: 'a' },
    exit_signal: 'SIGKILL',
    origin: { file: '/rouse.toml', line: 1, column: 1 },
    depends_on: ['db'],
    dependents: ['web'],
  }),
]);
const NAMES = SERVICES.map(({ name }) => name);
const INCIDENT = poisoned({
  service: 'down',
  reason: { code: 'exited', text: 'exit 1', service: null },
  opened_at: AT,
  affected: ['web'],
});
const LINK = { service: 'web', phase: 'failed', needs: 'ready', reason: 'it is gone' } as const;
const EXPLANATION = poisoned({
  service: 'web',
  phase: 'failed',
  text: 'web has failed',
  chain: [LINK, LINK],
  root: LINK,
  facts: ['said so'],
  fixes: [{ text: 'look', command: 'rouse logs web' }],
  next: { text: 'again', in_ms: 1 },
} as const);
const CHANGE = poisoned({
  id: '14',
  action: 'up',
  services: ['web'],
  state: 'failed',
  summary: 'up web',
  by: { user: 'jo', via: 'cli' },
  created_at: AT,
  ended_at: AT,
  progress: { done: 1, total: 2 },
  error: 'db failed',
  tasks: [
    {
      id: '14.1',
      kind: 'start',
      service: 'db',
      state: 'failed',
      started_at: AT,
      ended_at: AT,
      waiting_for: [],
      error: 'no',
      root: 'x',
      log: ['l'],
    },
    {
      id: '14.2',
      kind: 'start',
      service: 'web',
      state: 'waiting',
      started_at: null,
      ended_at: null,
      waiting_for: ['db'],
      error: null,
      root: null,
      log: [],
    },
  ],
} as const);
const GRAPH = poisoned({
  services: ['web', 'db'],
  edges: [{ from: 'web', to: 'db', when: 'ready', need: 'required', on_loss: 'ignore' }],
  waves: [['db'], ['web']],
  critical_path: ['db', 'web'],
} as const);
const EVENT = { seq: 1, at: AT, actor: { user: 'jo', via: 'cli' }, service: 'web' } as const;
const EVENTS: readonly ApiEvent[] = poisoned<readonly ApiEvent[]>([
  { ...EVENT, type: 'service.health', to: 'unhealthy', message: 'no', run: 1, from: 'healthy' },
  { ...EVENT, type: 'service.hook', hook: 'before_start', message: 'no', run: 1 },
  { ...EVENT, type: 'system.stopping' },
  { ...EVENT, type: 'definition.applied', hash: 'x', added: ['a'], changed: ['b'], removed: ['c'] },
]);

const drawing = { graph: GRAPH, live: SERVICES, critical: 'marked' } as const;
const layoutOfLines = { style: STYLE, width: 20, prefix: 'name', times: 'shown' } as const;
const SCREENS: readonly (readonly [string, () => readonly string[]])[] = [
  ['ps', () => psScreen(SERVICES, { ...LAYOUT, columns: 'wide', incidents: [INCIDENT] })],
  [
    'status',
    () =>
      SERVICES.flatMap((each) =>
        statusScreen(each, { services: SERVICES, lastLines: [HOSTILE], style: STYLE, now: NOW }),
      ),
  ],
  ['explain', () => explainScreen(EXPLANATION, STYLE)],
  ['changes', () => [...changesScreen([CHANGE], LAYOUT), ...changeScreen(CHANGE, LAYOUT)]],
  ['events', () => EVENTS.map((event) => eventLine(event, { style: STYLE, times: 'utc', nameWidth: 8 }))],
  ['graph', () => [...graphTree(drawing, STYLE), ...graphMermaid(drawing), ...graphDot(drawing)]],
  ['incidents', () => incidentLines([INCIDENT], NAMES, STYLE)],
  ['health', () => SERVICES.map(({ name, health }) => healthLine({ name, ...health }, STYLE))],
  [
    'checks',
    () =>
      checksScreen(
        poisoned([
          {
            service: 'web',
            run: 1,
            question: 'health',
            target: 'http://x/',
            interval_ms: 1,
            results: [{ at: AT, answer: 'fail', message: 'no', latency_ms: 1 }],
          },
        ] as const),
        LAYOUT,
      ),
  ],
  [
    'plan',
    () =>
      planScreen(
        poisoned({
          targets: ['web'],
          order: ['web'],
          waves: [['web', 'db']],
          steps: [{ service: 'web', action: 'start', why: 'asked' }],
          critical_path: ['db', 'web'],
        } as const),
        STYLE,
      ),
  ],
  [
    'config',
    () =>
      configLines(poisoned({ services: { web: { command: 'x', list: ['y'] } } }), {
        origins: null,
        folder: '/',
        style: STYLE,
      }),
  ],
  [
    'diff',
    () =>
      differenceLines(
        poisoned([
          {
            name: 'web',
            action: 'restart',
            runs: true,
            starts: false,
            fields: [{ field: 'command', from: 'a', to: 'b', effect: 'restart' }],
          },
        ] as const),
        {
          style: STYLE,
          gone: 'one too many',
          placeOf: () => ({ file: HOSTILE, line: 1, column: 1 }),
          shortPath: (path) => path,
        },
      ),
  ],
  [
    'up',
    () => [
      doneLine(SERVICES, 1, STYLE),
      ...blockLines({
        services: SERVICES,
        all: SERVICES,
        aim: 'up',
        startedAt: NOW,
        now: NOW,
        columns: 300,
        rows: 50,
        keys: '',
        style: STYLE,
      }),
    ],
  ],
  [
    'a failure',
    () =>
      SERVICES.flatMap((each) =>
        failureLines(
          { service: each, explanation: EXPLANATION, lastLines: [HOSTILE], blocked: [HOSTILE], running: [HOSTILE] },
          { style: STYLE, folder: '/' },
        ),
      ),
  ],
  [
    'an error',
    () =>
      problemScreen(new RouseError('RSE4001', `cannot "${HOSTILE}"`, { hint: `try ${HOSTILE.replaceAll('\n', '')}` }), {
        style: STYLE,
        folder: '/',
        issueLines: null,
      }),
  ],
  [
    'logs',
    () => {
      const one = {
        service: `web${HOSTILE}`,
        run: 1,
        offset: 0,
        at: AT,
        text: HOSTILE.replaceAll('\n', ''),
        cut: false,
        cursor: 'x',
      };
      return [
        logLine({ ...one, type: 'line' }, { ...layoutOfLines, control: 'escaped' }),
        logLine({ ...one, type: 'gap' }, { ...layoutOfLines, control: 'raw' }),
      ];
    },
  ],
];

test.for(SCREENS)('the screen of %s lets no control through', ([, draw]) => {
  const lines = draw();
  expect(lines.join('')).toMatch(/\\u/);
  expect(lines.filter((text) => CONTROL.test(text))).toEqual([]);
});

test('what was forgotten on a screen does no harm: only the colours of this program pass', () => {
  const session = keptSession();
  printLines(session, [`a${HOSTILE}`, '\u001B[31mred\u001B[39m']);
  note(session, ['b\u001B]0;x\u0007']);
  expect(session.stdout()).toContain('\u001B[31mred\u001B[39m');
  expect(session.stdout().replaceAll(/\u001B\[3[19]m|\n/g, '')).not.toMatch(CONTROL);
  expect(session.stderr()).toBe('b\\u001b]0;x\\u0007\n');
  expect(escapeScreen('\u001B[38;5;1m\u001B[1A')).not.toMatch(CONTROL);
});

test('JSON is the same document, without a control that JSON would let through', () => {
  const session = keptSession({ json: { fields: null } }, 'terminal');
  const entry = { text: HOSTILE };
  printJson(session, [entry], ['text']);
  printJsonLine(session, entry, ['text']);
  expect(session.stdout().replaceAll('\n', '')).not.toMatch(CONTROL);
  expect(JSON.parse(escapeJson(JSON.stringify(entry)))).toEqual(entry);
  expect(JSON.parse(session.stdout().split(']\n')[0]?.concat(']') ?? '')).toEqual([entry]);
});
