// A regression's world: the folder's rouse.toml under a real daemon, and words to say what is done and seen.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonProgram } from '../../src/daemon/spawn.ts';
import type { ApiChange, ApiService, Client } from '../../src/client/client.ts';
import { PROGRAM, type World, until, world } from '../e2e/daemon-world.ts';

/** A project that stands for somebody's bug report. */
export interface Given extends AsyncDisposable {
  readonly client: Client;
  readonly world: World;
  /** Gives an order and waits for its end. */
  done(action: 'up' | 'down' | 'start' | 'stop' | 'restart', ...services: string[]): Promise<ApiChange>;
  /** Gives an order and does not wait. */
  begin(action: 'up' | 'down' | 'start' | 'stop' | 'restart', ...services: string[]): Promise<ApiChange>;
  service(name: string): Promise<ApiService>;
  /** Waits until the service is in that state (`ready`, `failed`, `blocked`, …). */
  becomes(name: string, state: ApiService['state']): Promise<ApiService>;
  /** The lines that services wrote to a file of the project; none when there is no file. */
  lines(file: string): readonly string[];
  /** Makes a file that services wait for, or read. */
  put(file: string, text?: string): void;
}

/**
 * The regression in this folder. Its definition may use `${project.dir}` for files of its own. `program` gives the daemon's
 * program for the folder of the project; left out, it is the usual one.
 */
export async function given(folder: string, program: (root: string) => DaemonProgram = () => PROGRAM): Promise<Given> {
  const shop = world(readFileSync(join(folder, 'rouse.toml'), 'utf8'));
  const client = await shop.start({}, program(shop.root));
  const begin: Given['begin'] = (action, ...services) => client.changes.create({ action, services });
  const service: Given['service'] = (name) => client.services.get(name);
  return {
    client,
    world: shop,
    begin,
    done: async (...order) => client.changes.settled((await begin(...order)).id),
    service,
    becomes: async (name, state) => {
      await until(async () => (await service(name)).state === state, `"${name}" is ${state}`);
      return service(name);
    },
    lines: (file) => {
      const path = join(shop.root, file);
      return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
    },
    put: (file, text = '') => {
      writeFileSync(join(shop.root, file), text);
    },
    [Symbol.asyncDispose]: async () => {
      await shop[Symbol.asyncDispose]();
    },
  };
}
