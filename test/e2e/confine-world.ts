// A runtime for services that are confined, each as a user that is nobody on this machine.
import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Confinement, PLAIN_CONFINEMENT } from '../../src/model/confinement.ts';
import type { ConfinedBy } from '../../src/model/held.ts';
import type { Spec } from '../../src/model/spec.ts';
import type { KindRuntime } from '../../src/runtime/dispatch.ts';
import type { RuntimeParts } from '../../src/runtime/parts.ts';
import { createProcessRuntime } from '../../src/runtime/process.ts';
import { type RuntimeWorld, runtimeWorld, shell } from './runtime-world.ts';

/** Nobody on this machine, and so without groups. */
export const UID = 61_190;

export interface Ground {
  readonly world: RuntimeWorld;
  readonly parts: RuntimeParts;
  readonly runtime: KindRuntime;
  readonly spec: (name: string, line: string, asks?: Partial<Confinement>, different?: Partial<Spec>) => Spec;
  readonly held: (service: string) => ConfinedBy | null;
}

export function ground(): Ground {
  const world = runtimeWorld();
  // The folder of a test run is closed to others.
  chmodSync(dirname(world.folder), 0o711);
  chmodSync(world.folder, 0o755);
  const parts = world.parts();
  const runtime = createProcessRuntime(parts);
  const started: Spec[] = [];
  onTestFinished(async () => {
    for (const { name } of started) runtime.kill(name, 1);
    await Promise.all(
      started.map(
        async ({ name }) => await Promise.race([world.report('exited', name), world.report('start-failed', name)]),
      ),
    );
    for (const { name } of started) runtime.release(name, 1);
    world[Symbol.dispose]();
  });
  return {
    world,
    parts,
    runtime: {
      ...runtime,
      start(spec, run) {
        started.push(spec);
        runtime.start(spec, run);
      },
    },
    spec: (name, line, asks = {}, different = {}) =>
      world.spec(name, shell(line), {
        confinement: { ...PLAIN_CONFINEMENT, user: String(UID), ...asks },
        ...different,
      }),
    held: (service) => parts.confining.of(service, 1),
  };
}
