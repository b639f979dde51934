// What the README and the guide tell people to type, typed; every definition they show, validated.
import { chmodSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ExampleWorld, copyExample, projectsOf, readersPrograms } from '../examples/copy.ts';
import { type Block, ROOT, blocksOf, pages } from './document.ts';

interface Reading extends ExampleWorld {
  readonly page: string;
  readonly path: string;
}

describe.each(pages())('%s', (page) => {
  test('what is marked to run runs, and ends with the code it says', { timeout: 120_000 }, async () => {
    const example = await copyExample('all');
    await using world = example.world;
    const path = `${readersPrograms(world)}:${process.env['PATH'] ?? ''}`;
    const reading = { ...example, page, path };
    for (const block of blocksOf(page)) await carryOut(reading, block);
    expect(projectsOf(world)).toEqual([]);
  });

  test('every definition it shows is valid', async () => {
    const { world } = await copyExample('all');
    await using _ = world;
    const shown = blocksOf(page).filter(({ language, marks }) => language === 'toml' && !marks.has('part'));
    for (const { text, line } of shown) {
      const file = world.write('shown/rouse.toml', text);
      const { code, stderr } = await world.run(['validate', '-f', file]);
      expect({ place: `${page}:${line}`, code, stderr }).toEqual({ place: `${page}:${line}`, code: 0, stderr: '' });
    }
  });
});

async function carryOut(reading: Reading, block: Block): Promise<void> {
  const { world, moved, page } = reading;
  const place = `${page}:${block.line}`;
  const text = moved(block.text);
  const file = block.marks.get('file');
  if (file !== undefined) {
    chmodSync(world.write(file, text), 0o755);
  }
  const prints = block.marks.get('prints');
  if (prints !== undefined)
    expect({ place, stdout: (await shell(reading, prints)).stdout }).toEqual({ place, stdout: text });
  if (!block.marks.has('run')) return;
  const { code, stdout, stderr } = await shell(reading, block.language === 'ts' ? program(reading, block) : text);
  const expected = Number(block.marks.get('exit') ?? 0);
  expect({ place, code }, `${place}\n${text}\n${stdout}\n${stderr}`).toEqual({ place, code: expected });
}

/** Writes a program into the folder that the block names; the command that runs it there. */
function program({ world, moved }: Reading, { marks, text }: Block): string {
  const folder = marks.get('in') ?? '.';
  world.write(`${folder}/program.ts`, moved(text));
  world.write('node_modules/rouse/package.json', '{ "name": "rouse", "type": "module", "exports": "./index.js" }');
  world.write('node_modules/rouse/index.js', `export * from '${join(ROOT, 'src/index.ts')}';\n`);
  return `cd ${folder} && node program.ts`;
}

function shell(
  { world, path }: Reading,
  text: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const env = {
    PATH: path,
    HOME: world.folder,
    LANG: 'C.UTF-8',
    ROUSE_RUNTIME_DIR: join(world.folder, 'run'),
    ROUSE_STATE_DIR: join(world.folder, 'state'),
  };
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-e', '-c', text], { cwd: world.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => void (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => void (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
