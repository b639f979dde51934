import { expect, test } from 'vitest';
import { systemSeen, viewOf } from '../../src/api/view-of.ts';
import type { ApiSystem } from '../../src/contract/api-system.ts';
import { contentOf, givenApp } from './given.ts';
import { fakeSupervisor } from './fake-supervisor.ts';
import { type Door, socketDoor } from '../../src/api/door.ts';

const viewer: Door = socketDoor('unix:view.sock', 'viewer');
const operator: Door = socketDoor('unix:operate.sock', 'operator');

test('an admin looks at the supervisor itself', () => {
  const whole = fakeSupervisor();
  expect(viewOf(whole, { role: 'admin', logs: 'read' })).toBe(whole);
});

test.for([
  ['viewer', viewer],
  ['operator', operator],
] as const)('a %s lists services with null for both commands, and everything else', async ([, door]) => {
  const all = await contentOf<Record<string, unknown>[]>(await givenApp().get('/api/v1/services/list'));
  const seen = await contentOf<Record<string, unknown>[]>(await givenApp(door).get('/api/v1/services/list'));
  expect(all.some(({ start_command }) => start_command !== null)).toBe(true);
  expect(seen).toEqual(all.map((service) => ({ ...service, start_command: null, stop_command: null })));
});

test('a viewer is not told where a service is declared, nor as whom it runs', async () => {
  const [service] = await contentOf<Record<string, unknown>[]>(await givenApp(viewer).get('/api/v1/services'));
  expect(service).toMatchObject({ origin: null, confined: null });
});

test.for([
  ['viewer', 'hidden', []],
  ['viewer', 'read', ['line']],
  ['operator', 'read', ['line']],
] as const)('the last lines of a run are, to a %s whose output is %s: %j', ([role, logs, lines]) => {
  const whole = fakeSupervisor();
  const supervisor = { ...whole, logs: { ...whole.logs, last: () => ['line'] } };
  expect(viewOf(supervisor, { role, logs }).logs.last('web', 1, 10)).toEqual(lines);
});

test.for(['launching', 'define', 'note', 'down'] as const)(
  '%s is for admins alone, whatever route leads there',
  (name) => {
    const seen = viewOf(fakeSupervisor(), { role: 'operator', logs: 'read' });
    const act: () => unknown = seen[name] as () => unknown;
    expect(act).toThrow(expect.objectContaining({ code: 'RSE4113' }));
  },
);

test('who is no admin is not told where the daemon lies, nor what it reads', async () => {
  const whole = await contentOf<ApiSystem>(await givenApp().get('/api/v1/system'));
  expect(systemSeen(whole, { role: 'admin' })).toBe(whole);
  expect(await contentOf(await givenApp(operator).get('/api/v1/system'))).toEqual({
    ...whole,
    directory: '',
    files: [],
    socket: '',
    state_directory: '',
    path: '',
    runs_as_root: [],
    listeners: whole.listeners.filter(({ kind }) => kind === 'tcp'),
    audit: { ...whole.audit, why: null, head: null },
  });
});
