import { expect, test } from 'vitest';
import type { ProbeTarget } from '../../src/model/spec.ts';
import { describeTarget } from '../../src/probe/describe-target.ts';
import { httpTarget } from './fake-world.ts';

const command = (source: string): ProbeTarget => ({
  type: 'exec',
  command: { argv: ['sh'], via: 'exec', source, origin: null },
});

const WORDS: readonly (readonly [ProbeTarget, string])[] = [
  [httpTarget('http://localhost:8080/healthz'), 'GET http://localhost:8080/healthz'],
  [{ ...httpTarget('http://localhost'), method: 'HEAD' } as ProbeTarget, 'HEAD http://localhost'],
  [httpTarget('http://ada:secret@localhost/x'), 'GET http://ada:***@localhost/x'],
  [httpTarget('not an address'), 'GET not an address'],
  [{ type: 'tcp', host: 'localhost', port: 5432 }, 'TCP localhost:5432'],
  [{ type: 'tcp', host: '::1', port: 5432 }, 'TCP [::1]:5432'],
  [command('pg_isready -p\n  5432'), 'command pg_isready -p 5432'],
  [{ type: 'dns', server: '127.0.0.1', port: 53, name: 'a.test', record: 'AAAA' }, 'DNS AAAA a.test at 127.0.0.1:53'],
  [{ type: 'process', name: null }, 'its own process'],
  [{ type: 'process', name: 'nginx' }, 'process nginx'],
  [{ type: 'log', pattern: 'listening on \\d+' }, 'log line /listening on \\d+/'],
  [{ type: 'file', path: '/run/a.pid' }, 'file /run/a.pid'],
  [{ type: 'fd', fd: 3 }, 'newline on descriptor 3'],
];

test.for(WORDS)('a question is told in words: $1', ([target, words]) => {
  expect(describeTarget(target)).toBe(words);
});

test('every kind of target has words', () => {
  expect(new Set(WORDS.map(([target]) => target.type)).size).toBe(8);
});
