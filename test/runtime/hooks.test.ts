import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { createLogStore } from '../../src/log/log-store.ts';
import type { RuntimeReport } from '../../src/ports/runtime.ts';
import { NO_GROUND } from '../../src/runtime/cgroup-ground.ts';
import { createConfining } from '../../src/runtime/confining.ts';
import { createCredentials } from '../../src/runtime/credentials.ts';
import { type Hooks, createHooks } from '../../src/runtime/hooks.ts';
import { createTrees } from '../../src/runtime/trees.ts';
import { command, given } from './given.ts';

let folder: string;
let hooks: Hooks;
let reported: Promise<RuntimeReport>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rouse-hooks-'));
  const clock = new VirtualClock();
  const runDirectory = join(folder, 'run');
  const { promise, resolve } = Promise.withResolvers<RuntimeReport>();
  reported = promise;
  hooks = createHooks(
    {
      clock,
      runDirectory,
      logs: createLogStore({ folder: join(folder, 'logs'), clock, keepBytes: () => 0 }),
      host: { path: '/bin', home: '/', user: 'root', lang: 'C', environment: {}, leftOut: [], strayDescriptors: [] },
      guard: () => () => null,
      confining: createConfining(),
      credentials: createCredentials(join(folder, 'credentials'), () => ({})),
      trees: createTrees({ clock, runDirectory, ground: NO_GROUND }),
      settings: () => ({ nuPath: null, provisioningPath: null }),
      report: resolve,
    },
    () => ({ pid: null, exitCode: null, exitSignal: null }),
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a hook that the definition does not have has ended well', async () => {
  hooks.run(given('web'), 7, 'beforeStop');
  expect(await reported).toEqual({
    type: 'hook-ended',
    service: 'web',
    run: 7,
    hook: 'beforeStop',
    result: 'ok',
    message: '',
  });
});

test('a hook whose program is missing has failed, with the words of a start', async () => {
  const hook = { command: command('/no/such/program'), timeoutMs: 1000 };
  hooks.run(given('web', { cwd: folder, hooks: { ...given('web').hooks, beforeStart: hook } }), 1, 'beforeStart');
  expect(await reported).toMatchObject({ result: 'failed', message: '"/no/such/program" does not exist' });
});
