// The tree keeps the rules of docs/adr and CONTRIBUTING.md. Every rule is proven here twice: a planted bad file is
// caught under the rule's name, and a good one beside it is not. The rules themselves live in tools/tidy.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Tree, check, faultLine, readTree } from '../tools/tidy/check.ts';
import { ROOMS } from '../tools/tidy/rooms.ts';

const DOC = '/** Says what it is for, in a sentence. */\n';
const lines = (count: number): string => 'export {};\n'.repeat(count);

interface Planted {
  readonly rule: string;
  readonly bad: Tree;
  readonly good: Tree;
}

const PLANTED: Readonly<Record<string, Planted>> = {
  'core imports the engine, a room above it': {
    rule: 'rooms',
    bad: { 'src/core/a.ts': "import { b } from '../engine/b.ts';\nb();\n" },
    good: { 'src/engine/a.ts': "import { b } from '../core/b.ts';\nb();\n" },
  },
  'a room imports a type from a room of its own level': {
    rule: 'rooms',
    bad: { 'src/runtime/a.ts': "import type { B } from '../probe/b.ts';\nlet b: B | undefined;\n" },
    good: { 'src/runtime/a.ts': "import type { B } from '../ports/b.ts';\nlet b: B | undefined;\n" },
  },
  'an import type hides in an annotation': {
    rule: 'rooms',
    bad: { 'src/client/a.ts': "let b: import('../store/b.ts').B | undefined;\n" },
    good: { 'src/client/a.ts': "let b: import('../model/b.ts').B | undefined;\n" },
  },
  'a room re-exports from a room above it': {
    rule: 'rooms',
    bad: { 'src/api/a.ts': "export { b } from '../cli/b.ts';\n" },
    good: { 'src/api/a.ts': "export { b } from '../supervisor/b.ts';\n" },
  },
  'a room loads a room above it at run time': {
    rule: 'rooms',
    bad: { 'src/log/a.ts': "const b = async () => (await import('../daemon/b.ts')).run();\n" },
    good: { 'src/cli/a.ts': "const b = async () => (await import('../daemon/b.ts')).run();\n" },
  },
  'a source imports a test': {
    rule: 'rooms',
    bad: { 'src/cli/a.ts': "import { b } from '../../test/setup/b.ts';\nb();\n" },
    good: { 'src/cli/a.ts': "import manifest from '../../package.json' with { type: 'json' };\nmanifest.version;\n" },
  },
  'a file lies in a room that the table does not know': {
    rule: 'rooms',
    bad: { 'src/shed/a.ts': 'let a = 1;\n' },
    good: { 'src/model/a.ts': 'let a = 1;\n' },
  },
  'core imports a part of the platform': {
    rule: 'pure',
    bad: { 'src/core/a.ts': "import { readFileSync } from 'node:fs';\nreadFileSync;\n" },
    good: { 'src/core/a.ts': "import assert from 'node:assert/strict';\nassert(true);\n" },
  },
  'ports imports a library': {
    rule: 'pure',
    bad: { 'src/ports/a.ts': "import type { Hono } from 'hono';\nlet h: Hono;\n" },
    good: { 'src/api/a.ts': "import type { Hono } from 'hono';\nlet h: Hono;\n" },
  },
  'an import leaves out the ending': {
    rule: 'extension',
    bad: { 'src/cli/a.ts': "import { b } from './b';\nb();\n" },
    good: { 'src/cli/a.ts': "import { b } from './b.ts';\nb();\n" },
  },
  'the public entry defines something itself': {
    rule: 'index',
    bad: { 'src/index.ts': `${DOC}export const a = 1;\n` },
    good: { 'src/index.ts': "export { a } from './model/a.ts';\nexport type { B } from './model/b.ts';\n" },
  },
  'the public entry exports everything of a file': {
    rule: 'index',
    bad: { 'src/index.ts': "export * from './model/a.ts';\n" },
    good: { 'src/index.ts': "export { a } from './model/a.ts';\n" },
  },
  'two files import types of each other': {
    rule: 'cycle',
    bad: {
      'src/model/a.ts': "import type { B } from './b.ts';\nlet b: B;\n",
      'src/model/b.ts': "import type { A } from './a.ts';\nlet a: A;\n",
    },
    good: { 'src/model/a.ts': "import type { B } from './b.ts';\nlet b: B;\n", 'src/model/b.ts': 'let a = 1;\n' },
  },
  'three files import in a circle': {
    rule: 'cycle',
    bad: {
      'src/cli/a.ts': "import './b.ts';\n",
      'src/cli/b.ts': "import './c.ts';\n",
      'src/cli/c.ts': "import './a.ts';\n",
    },
    good: {
      'src/cli/a.ts': "import './b.ts';\nimport './c.ts';\n",
      'src/cli/b.ts': "import './c.ts';\n",
      'src/cli/c.ts': 'let a = 1;\n',
    },
  },
  'the time is read outside clock': {
    rule: 'time',
    bad: { 'src/engine/a.ts': 'let a = Date.now();\n' },
    good: { 'src/clock/a.ts': 'let a = Date.now();\n', 'src/engine/b.ts': 'let a = new Date(0);\n' },
  },
  'the time is read by a constructor': {
    rule: 'time',
    bad: { 'src/api/a.ts': 'let a = new Date();\n' },
    good: { 'src/api/a.ts': 'let a = new Date(1).toISOString();\n' },
  },
  'the time is read through the global object': {
    rule: 'time',
    bad: { 'src/api/a.ts': "globalThis.setTimeout(f, 1);\nglobalThis['setInterval'](f, 1);\n" },
    good: { 'src/api/a.ts': 'socket.setTimeout(1);\n' },
  },
  'a timer is handed on as a value': {
    rule: 'time',
    bad: { 'src/api/a.ts': 'start({ after: setTimeout });\n' },
    good: { 'src/api/a.ts': 'start({ setTimeout: clock.after });\n' },
  },
  'timers come from their module': {
    rule: 'time',
    bad: { 'src/api/a.ts': "import { setTimeout as sleep } from 'node:timers/promises';\nsleep(1);\n" },
    good: { 'src/clock/a.ts': "import { setTimeout as sleep } from 'node:timers/promises';\nsleep(1);\n" },
  },
  'a unit test sleeps': {
    rule: 'time',
    bad: { 'test/core/a.test.ts': 'setTimeout(f, 1);\n', 'src/core/a.ts': 'let a = 1;\n' },
    good: { 'test/e2e/a.test.ts': 'setTimeout(f, 1);\n' },
  },
  'chance is drawn outside clock': {
    rule: 'chance',
    bad: { 'src/core/a.ts': 'let a = Math.random();\n' },
    good: { 'src/clock/random.ts': 'let a = Math.random();\n' },
  },
  'an id is drawn outside clock': {
    rule: 'chance',
    bad: { 'src/api/a.ts': "import { randomUUID } from 'node:crypto';\nrandomUUID();\n" },
    good: { 'src/api/a.ts': "import { randomBytes } from 'node:crypto';\nrandomBytes(16);\n" },
  },
  'a program is started outside runtime and probe': {
    rule: 'spawn',
    bad: { 'src/supervisor/a.ts': "import { spawn } from 'node:child_process';\nspawn('a');\n" },
    good: { 'src/cli/spawn.ts': "import { spawn } from 'node:child_process';\nspawn('a');\n" },
  },
  'something is printed outside cli': {
    rule: 'print',
    bad: { 'src/daemon/a.ts': "console.log('a');\n" },
    good: { 'src/cli/a.ts': "console.log('a');\n" },
  },
  'the process is ended outside cli': {
    rule: 'print',
    bad: { 'src/daemon/a.ts': 'process.exit(1);\n' },
    good: { 'src/cli/a.ts': 'process.exit(1);\n' },
  },
  'a module waits while it loads': {
    rule: 'bundle',
    bad: { 'src/cli/a.ts': 'await f();\n' },
    good: { 'src/cli/a.ts': 'const a = async () => { await f(); };\n' },
  },
  'a file is found beside the source': {
    rule: 'bundle',
    bad: { 'src/config/a.ts': "let a = new URL('./b.ts', import.meta.url);\n" },
    good: {
      'src/config/a.ts':
        "let a = new URL('../../bin/rouse.js', import.meta.url);\nlet b = join(import.meta.dirname, '../..', c);\n",
    },
  },
  'a source file has 301 lines': {
    rule: 'file-length',
    bad: { 'src/model/a.ts': lines(301) },
    good: { 'src/model/a.ts': lines(300) },
  },
  'a test file has 501 lines': {
    rule: 'file-length',
    bad: { 'test/e2e/a.test.ts': lines(501) },
    good: { 'test/e2e/a.test.ts': lines(500) },
  },
  'a function has 61 lines': {
    rule: 'function-length',
    bad: { 'src/model/a.ts': `const f = () => {\n${'g();\n'.repeat(59)}};\n` },
    good: { 'src/model/a.ts': `const f = () => {\n${'g();\n'.repeat(58)}};\n` },
  },
  'a function takes five values': {
    rule: 'parameters',
    bad: { 'src/model/a.ts': 'function f(a: 1, b: 2, c: 3, d: 4, e: 5) {}\n' },
    good: { 'src/model/a.ts': 'function f(a: 1, b: 2, c: 3, d: 4) {}\n' },
  },
  'a function takes a bare yes or no': {
    rule: 'boolean-parameter',
    bad: { 'src/model/a.ts': 'const f = (a: string, force: boolean) => a;\n' },
    good: { 'src/model/a.ts': "const f = (a: string, how: 'kindly' | 'by-force'): boolean => a === how;\n" },
  },
  'a yes or no hides in a default': {
    rule: 'boolean-parameter',
    bad: { 'src/model/a.ts': 'function f(force = false) {}\n' },
    good: { 'src/model/a.ts': 'function f({ force = false }) {}\n' },
  },
  'an interface asks for a bare yes or no': {
    rule: 'boolean-parameter',
    bad: { 'src/ports/a.ts': 'interface A { stop(force: boolean): void }\n' },
    good: { 'src/ports/a.ts': "interface A { stop(how: 'kindly'): boolean }\n" },
  },
  'a cast stands away from the edge': {
    rule: 'cast',
    bad: { 'src/engine/a.ts': 'let a = b as string;\n' },
    good: {
      'src/config/a.ts': 'let a = b as string;\n',
      'src/engine/a.ts': 'let a = [1] as const;\nlet c = d satisfies E;\n',
    },
  },
  'a value is asserted to be there': {
    rule: 'cast',
    bad: { 'src/engine/a.ts': 'let a = b!.c;\n' },
    good: { 'src/engine/a.ts': 'let a = b?.c;\n' },
  },
  'the compiler is switched off': {
    rule: 'cast',
    bad: { 'src/config/a.ts': '// @ts-expect-error\nlet a: string = 1;\n' },
    good: { 'src/config/a.ts': 'let a: string;\n' },
  },
  'an exported function has no docstring': {
    rule: 'docstring',
    bad: { 'src/model/a.ts': 'export function f() {}\n' },
    good: { 'src/model/a.ts': `${DOC}export function f(a: string): void;\nexport function f() {}\n` },
  },
  'an exported type has a docstring without a sentence': {
    rule: 'docstring',
    bad: { 'src/model/a.ts': '/** A thing */\nexport type A = 1;\n' },
    good: { 'src/model/a.ts': `${DOC}export type A = 1;\n` },
  },
  'an exported value has a line comment in place of a docstring': {
    rule: 'docstring',
    bad: { 'src/model/a.ts': '// Says what it is for, in a sentence.\nexport const a = 1;\n' },
    good: { 'src/model/a.ts': `${DOC}export const a = 1;\n` },
  },
  'a function is called a handler': {
    rule: 'names',
    bad: { 'src/api/a.ts': 'const errorHandler = 1;\n' },
    good: { 'src/api/a.ts': 'const answerError = 1;\nconst metadata = { data: 1, info: 2 };\n' },
  },
  'a parameter is called data': {
    rule: 'names',
    bad: { 'src/log/a.ts': "socket.on('data', (data) => data);\n" },
    good: { 'src/log/a.ts': "socket.on('data', (chunk) => chunk);\n" },
  },
  'a destructured name is called info': {
    rule: 'names',
    bad: { 'src/log/a.ts': 'const { info } = a;\n' },
    good: { 'src/log/a.ts': 'const { info: version } = a;\n' },
  },
  'a member is called manager': {
    rule: 'names',
    bad: { 'src/model/a.ts': 'interface A { serviceManager: 1 }\n' },
    good: { 'src/model/a.ts': 'interface A { managerEnabled: 1 }\n' },
  },
  'a file is called helpers': {
    rule: 'names',
    bad: { 'src/cli/helpers.ts': 'let a = 1;\n' },
    good: { 'src/cli/columns.ts': 'let a = 1;\n' },
  },
  'a file is called types': {
    rule: 'names',
    bad: { 'src/cli/types.ts': 'let a = 1;\n' },
    good: { 'test/types/stack.ts': 'let a = 1;\n' },
  },
  'a TODO names no place where it is written down': {
    rule: 'comments',
    bad: { 'src/cli/a.ts': '// TODO: colours\nlet a = 1;\n' },
    good: { 'src/cli/a.ts': '// TODO(ADR 0007): colours\nlet a = 1;\n' },
  },
  'code is kept in a comment': {
    rule: 'comments',
    bad: { 'src/cli/a.ts': '// const a = f(1);\nlet a = 1;\n' },
    good: { 'src/cli/a.ts': '// Return to the caller, which waits; see dinit(8).\nlet a = 1;\n' },
  },
  'lint is switched off without a why': {
    rule: 'comments',
    bad: { 'src/cli/a.ts': '// oxlint-disable-next-line no-empty\nlet a = 1;\n' },
    good: { 'src/cli/a.ts': '// oxlint-disable-next-line no-empty -- the port is closed already\nlet a = 1;\n' },
  },
  'a phase is set outside transition': {
    rule: 'phase',
    bad: { 'src/core/schedule.ts': "let a = { ...service, phase: 'ready' };\n" },
    good: { 'src/core/transition.ts': "let a = { ...service, phase: 'ready' };\n" },
  },
  'a test file mirrors nothing': {
    rule: 'mirror',
    bad: { 'test/core/b.test.ts': 'let a = 1;\n', 'src/core/a.ts': 'let a = 1;\n' },
    good: { 'test/core/a.oracle.test.ts': 'let a = 1;\n', 'src/core/a.ts': 'let a = 1;\n' },
  },
  'a test lies in a folder that nobody knows': {
    rule: 'mirror',
    bad: { 'test/stuff/a.test.ts': 'let a = 1;\n' },
    good: { 'test/e2e/a.test.ts': 'let a = 1;\n' },
  },
  'a title says what should be': {
    rule: 'tests',
    bad: { 'test/e2e/a.test.ts': "test('a service should stop', f);\n" },
    good: { 'test/e2e/a.test.ts': "test('a service stops', f);\n" },
  },
  'a test is switched off': {
    rule: 'tests',
    bad: { 'test/e2e/a.test.ts': "test.skip('a service stops', f);\n" },
    good: { 'test/e2e/a.test.ts': "test.for([1])('a service stops', f);\n" },
  },
  'a test listens on a fixed port': {
    rule: 'tests',
    bad: { 'test/e2e/a.test.ts': 'server.listen(8080);\nserver.listen({ port: 8080 });\n' },
    good: { 'test/e2e/a.test.ts': 'server.listen(0);\nserver.listen({ port: 0 });\n' },
  },
  'a file is not TypeScript': {
    rule: 'syntax',
    bad: { 'src/cli/a.ts': 'let = = 1;\n' },
    good: { 'src/cli/a.ts': 'let a = 1;\n' },
  },
  'an excuse gives no reason': {
    rule: 'breaks',
    bad: { 'src/cli/a.ts': '// breaks names\nlet data = 1;\n' },
    good: { 'src/cli/a.ts': '// breaks names: the event of the platform is called so\nlet data = 1;\n' },
  },
  'an excuse excuses nothing': {
    rule: 'breaks',
    bad: { 'src/cli/a.ts': '// breaks names: the event of the platform is called so\nlet chunk = 1;\n' },
    good: { 'src/cli/a.ts': 'let chunk = 1;\n' },
  },
};

describe('a planted fault is caught', () => {
  test.for(Object.entries(PLANTED))('%s', ([, { rule, bad, good }]) => {
    const caught = check(bad);
    expect(new Set(caught.map((fault) => fault.rule))).toContain(rule);
    expect(caught.every(({ message, line }) => message.length > 10 && line >= 1)).toBe(true);
    expect(check(good).map(faultLine)).toEqual([]);
  });
});

test('every place of a planted file is reported, with its line', () => {
  const faults = check({ 'test/e2e/a.test.ts': 'server.listen(8080);\n\nserver.listen({ port: 8080 });\n' });
  expect(faults.map(({ path, line }) => `${path}:${line}`)).toEqual(['test/e2e/a.test.ts:1', 'test/e2e/a.test.ts:3']);
});

test('a cycle is told with its full path', () => {
  const [fault] = check({ 'src/cli/a.ts': "import './b.ts';\n", 'src/cli/b.ts': "import './a.ts';\n" });
  expect(fault?.message).toContain('src/cli/a.ts → src/cli/b.ts → src/cli/a.ts');
});

test('every room imports only rooms of a lower level', () => {
  for (const [name, room] of Object.entries(ROOMS))
    for (const other of room.imports) expect(ROOMS[other]?.level, `${name} imports ${other}`).toBeLessThan(room.level);
});

test('every rule that the tree is checked with has a planted fault', () => {
  expect([...new Set(Object.values(PLANTED).map(({ rule }) => rule))].toSorted()).toEqual([
    'boolean-parameter',
    'breaks',
    'bundle',
    'cast',
    'chance',
    'comments',
    'cycle',
    'docstring',
    'extension',
    'file-length',
    'function-length',
    'index',
    'mirror',
    'names',
    'parameters',
    'phase',
    'print',
    'pure',
    'rooms',
    'spawn',
    'syntax',
    'tests',
    'time',
  ]);
});

test('the tree keeps every rule', () => {
  const tree = readTree(join(import.meta.dirname, '..'));
  expect(Object.keys(tree)).toContain('src/index.ts');
  expect(Object.keys(tree).length).toBeGreaterThan(50);
  expect(check(tree).map(faultLine)).toEqual([]);
});
