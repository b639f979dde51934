// Packs the package as it would be published, installs it into an empty folder, and uses it as a stranger would:
// through its exports, through its types, and through its command, which brings two services up. The folder's name has
// a space in it, as names have.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { contentFaults } from './pack-contents.ts';

const ROOT = join(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');
const SHIPPED =
  /^(bin\/(package\.json|rouse\.js)|dist\/.+\.(js|cjs|d\.ts|txt|json|html|css|svg)|package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md)$/;
const REQUIRED = [
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'SECURITY.md',
  'dist/index.js',
  'dist/index.d.ts',
  'dist/cli/main.cjs',
];
const SIZE_LIMIT_BYTES = 4 * 1024 * 1024;

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

const LIBRARY_USE = `
import { ServiceOrchestrator } from 'rouse';
import 'rouse/client';
import 'rouse/testing';
await using orchestrator = new ServiceOrchestrator({});
for (const [name, dependencies] of [['web', ['db']], ['db', []]])
  await orchestrator.registerService({ name, description: name, dependencies, startCommand: 'true', stopCommand: 'true' });
console.log((await orchestrator.resolveStartupOrder(['web'])).join());
`;

const DEFINITION = `
[services.db]
command = "sleep 600"
[services.web]
command = "sleep 600"
depends_on = ["db"]
`;

const TYPE_USE = `
import { ServiceOrchestrator } from 'rouse';
export const order: Promise<readonly string[]> = new ServiceOrchestrator({}).resolveStartupOrder(['web']);
// @ts-expect-error a name is a string
void new ServiceOrchestrator({}).startService(1);
`;

const TYPE_OPTIONS = {
  strict: true,
  module: 'nodenext',
  target: 'es2024',
  lib: ['es2024', 'esnext.disposable'],
  noEmit: true,
  skipLibCheck: true,
  types: ['node'],
};

// What this project's npm settings say came with `npm test`, and a stranger has none of them.
const STRANGERS = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

function run(folder: string, program: string, args: readonly string[]): string {
  const own = { ROUSE_RUNTIME_DIR: join(folder, 'run'), ROUSE_STATE_DIR: join(folder, 'state') };
  const env = { ...STRANGERS, ...own, PATH: [BIN, process.env['PATH']].join(delimiter) };
  return execFileSync(program, args, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

function expect(what: string, seen: string, wanted: string): void {
  if (seen.trim() !== wanted) throw new Error(`${what}: saw "${seen.trim()}", wanted "${wanted}"`);
  process.stdout.write(`${what}: ${wanted}\n`);
}

function pack(folder: string): Packed {
  const list: Packed[] = JSON.parse(
    run(ROOT, 'npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]),
  );
  const [packed] = list;
  if (packed === undefined) throw new Error('npm pack told nothing');
  const strangers = packed.files.map(({ path }) => path).filter((path) => !SHIPPED.test(path));
  if (strangers.length > 0) throw new Error(`the package would ship ${strangers.join(', ')}`);
  for (const path of REQUIRED)
    if (!packed.files.some((file) => file.path === path)) throw new Error(`the package would lack ${path}`);
  if (packed.size > SIZE_LIMIT_BYTES)
    throw new Error(`the package has ${packed.size} bytes, ${SIZE_LIMIT_BYTES} at most`);
  process.stdout.write(`${packed.filename}: ${packed.files.length} files, ${packed.size} bytes\n`);
  return packed;
}

/** Looks into every file as it was installed. Errors: throws, naming each file that ships what it must not. */
function inspect(folder: string, { files }: Packed): void {
  const installed = join(folder, 'node_modules/rouse');
  const texts = files.map(({ path }) => [path, readFileSync(join(installed, path), 'utf8')] as const);
  const faults = contentFaults(Object.fromEntries(texts), [ROOT]);
  if (faults.length > 0) throw new Error(`the package would ship what it must not:\n${faults.join('\n')}`);
  process.stdout.write(`looked into ${files.length} files: no maps, tests, keys or paths of this machine\n`);
}

function use(folder: string): void {
  const { version }: { version: string } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  writeFileSync(join(folder, 'use.mjs'), LIBRARY_USE);
  expect('imported and asked for an order', run(folder, 'node', ['use.mjs']), 'db,web');
  const told = run(folder, 'npx', ['--no-install', 'rouse', 'version']);
  if (!told.includes(version)) throw new Error(`npx rouse version: saw "${told.trim()}", wanted ${version} in it`);
  process.stdout.write(`npx rouse version: ${told.trim().split('\n', 1).join('')}\n`);
  bringUp(folder);
  writeFileSync(join(folder, 'use.mts'), TYPE_USE);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: TYPE_OPTIONS, files: ['use.mts'] }));
  symlinkSync(join(ROOT, 'node_modules/@types'), join(folder, 'node_modules/@types'));
  expect('types of the package', run(folder, 'tsc', ['-p', '.']), '');
}

function bringUp(folder: string): void {
  writeFileSync(join(folder, 'rouse.toml'), DEFINITION);
  try {
    run(folder, 'npx', ['--no-install', 'rouse', 'up', '-d']);
    const services: readonly { name: string; phase: string }[] = JSON.parse(
      run(folder, 'npx', ['--no-install', 'rouse', 'ps', '--json']),
    );
    expect('brought up', services.map(({ name, phase }) => `${name} ${phase}`).join(), 'db ready,web ready');
  } finally {
    run(folder, 'npx', ['--no-install', 'rouse', 'down']);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'rouse pack '));
try {
  const packed = pack(folder);
  writeFileSync(join(folder, 'package.json'), '{ "name": "stranger", "private": true }\n');
  run(folder, 'npm', [
    'install',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--ignore-scripts',
    '--loglevel=error',
    `./${packed.filename}`,
  ]);
  inspect(folder, packed);
  use(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
