import { expect, test } from 'vitest';
import type { Runtime } from '../../src/ports/runtime.ts';
import { type KindRuntime, type Kinds, dispatchRuntime } from '../../src/runtime/dispatch.ts';
import type { Hooks } from '../../src/runtime/hooks.ts';
import { command, given } from './given.ts';

function recorded(): { readonly runtime: Runtime; readonly calls: string[] } {
  const calls: string[] = [];
  const kind = (name: string): KindRuntime => ({
    start: (spec, run) => void calls.push(`${name} start ${spec.name} ${run}`),
    stop: (spec, run) => void calls.push(`${name} stop ${spec.name} ${run}`),
    signal: (service, run, signal) => void calls.push(`${name} signal ${service} ${run} ${signal}`),
    kill: (service, run) => void calls.push(`${name} kill ${service} ${run}`),
    adopt: (spec, run) => void calls.push(`${name} adopt ${spec.name} ${run}`),
    release: (service, run) => void calls.push(`${name} release ${service} ${run}`),
  });
  const kinds: Kinds = {
    process: kind('process'),
    command: kind('command'),
    external: kind('external'),
    function: kind('function'),
  };
  const hooks: Hooks = {
    run: (spec, run, hook) => void calls.push(`hook ${hook} ${spec.name} ${run}`),
    kill: () => undefined,
  };
  return { runtime: dispatchRuntime(kinds, hooks), calls };
}
const managed = given('db', { execution: { type: 'command', start: command('true'), stop: null, status: null } });

test('each call goes to the kind that the definition names', () => {
  const { runtime, calls } = recorded();
  runtime.start(given('api'), 1);
  runtime.adopt(managed, 4);
  runtime.stop(given('api'), 1);
  runtime.signal('api', 1, 'SIGHUP', 'main');
  runtime.kill('db', 4);
  expect(calls).toEqual([
    'process start api 1',
    'command adopt db 4',
    'process stop api 1',
    'process signal api 1 SIGHUP',
    'command kill db 4',
  ]);
});

test('a run stays with its kind when the definition changes, and the next run goes to the new one', () => {
  const { runtime, calls } = recorded();
  runtime.start(given('db'), 1);
  runtime.stop(managed, 1);
  runtime.release('db', 1);
  runtime.start(managed, 2);
  expect(calls).toEqual(['process start db 1', 'process stop db 1', 'process release db 1', 'command start db 2']);
});

test('what nobody started, or was released, is nobody to signal', () => {
  const { runtime, calls } = recorded();
  runtime.kill('api', 1);
  runtime.stop(given('api'), 1);
  runtime.start(given('api'), 1);
  runtime.release('api', 1);
  runtime.signal('api', 1, 'SIGHUP', 'main');
  runtime.release('api', 1);
  expect(calls).toEqual(['process start api 1', 'process release api 1']);
});
