// Copies of examples/ whose fixed ports are free ones, so that several run side by side.
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type World, cliWorld, freePort } from '../e2e/cli-world.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const PORT = /\b421\d\d\b/g;

/** A world of the command line that holds a copy of `examples/`, and what replaces a fixed port in any text. */
export interface ExampleWorld {
  readonly world: World;
  readonly moved: (text: string) => string;
}

/** The copy. `name` is the example that is wanted, `all` copies each. */
export async function copyExample(name: 'all' | 'guide' | 'platform' | 'quickstart'): Promise<ExampleWorld> {
  const world = endingAll(cliWorld(null));
  const ports = new Map<string, number>();
  const names = readdirSync(EXAMPLES).filter((each) => name === 'all' || each === name);
  for (const each of names) {
    cpSync(join(EXAMPLES, each), join(world.folder, 'examples', each), {
      recursive: true,
      filter: (path) => !path.includes('.registry'),
    });
    const file = join(world.folder, 'examples', each, 'rouse.toml');
    if (each === 'guide' || each === 'library') continue;
    const text = readFileSync(file, 'utf8');
    for (const [port] of text.matchAll(PORT)) if (!ports.has(port)) ports.set(port, await freePort());
    writeFileSync(
      file,
      text.replaceAll(PORT, (port) => String(ports.get(port))),
    );
  }
  return { world, moved: (text) => text.replaceAll(PORT, (port) => String(ports.get(port) ?? port)) };
}

/** The projects whose daemon is there. */
export function projectsOf({ folder, socket }: World): readonly string[] {
  const runtime = join(folder, 'run');
  return existsSync(runtime) ? readdirSync(runtime).filter((project) => existsSync(socket(project))) : [];
}

/** The same world; in the end it brings down every project, whatever its name. */
function endingAll(world: World): World {
  return {
    ...world,
    [Symbol.asyncDispose]: async () => {
      for (const project of projectsOf(world)) await world.run(['down', '-p', project, '--timeout', '2s']);
      for (const project of projectsOf(world)) await world.run(['daemon', 'stop', '-p', project]);
      await world[Symbol.asyncDispose]();
    },
  };
}

/** A folder with `rouse`, `npx` and `node` as a reader of the pages has them. */
export function readersPrograms(world: World): string {
  const folder = join(world.folder, 'bin');
  mkdirSync(folder);
  const programs = {
    rouse: `exec '${process.execPath}' '${join(import.meta.dirname, '../../bin/rouse.js')}' "$@"`,
    npx: 'exec "$@"',
    nu: `exec '${join(import.meta.dirname, '../../node_modules/@nushell/linux-x64/bin/nu')}' "$@"`,
  };
  for (const [name, line] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${line}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}
