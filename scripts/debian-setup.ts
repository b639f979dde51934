// Installs what scripts/debian-packages.txt names and this machine lacks. Only root can; anybody else is told what to
// install, before any test has run.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const POLICY = '/usr/sbin/policy-rc.d';

/** A program that the tests start, and the Debian package that brings it. */
export interface Needed {
  readonly program: string;
  readonly package: string;
}

/** Reads the list: one program a line, `#` begins a comment. Errors: a line without a package is refused. */
export function readNeeded(text: string): Needed[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [program, name] = line.trim().split(/\s+/);
      if (program === undefined || name === undefined)
        throw new Error(`cannot read "${line}": a program and its package are needed`);
      return { program, package: name };
    });
}

/** The needed programs that none of the folders has. */
export const missingFrom = (needed: readonly Needed[], folders: readonly string[]): Needed[] =>
  needed.filter(({ program }) => !folders.some((folder) => existsSync(join(folder, program))));

/** The sentence for somebody who cannot install: what is missing, and the line to paste. */
export const request = (missing: readonly Needed[]): string =>
  `the tests need ${missing.map(({ program }) => `"${program}"`).join(', ')}; install with: sudo apt-get install -y ${packagesOf(missing).join(' ')}\n`;

const packagesOf = (missing: readonly Needed[]): string[] => [...new Set(missing.map((needed) => needed.package))];

/** Installs without starting the packages' own services: the tests bring the programs up themselves. */
function install(packages: readonly string[]): void {
  const ownPolicy = !existsSync(POLICY);
  if (ownPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    run('apt-get', ['update', '-q']);
    run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages]);
  } finally {
    if (ownPolicy) rmSync(POLICY, { force: true });
  }
}

function run(program: string, args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'], env });
  if (status !== 0)
    throw new Error(`cannot run "${program} ${args.join(' ')}": ${error?.message ?? `exit code ${status}`}`);
}

if (import.meta.main) {
  const needed = readNeeded(readFileSync(join(import.meta.dirname, 'debian-packages.txt'), 'utf8'));
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const missing = missingFrom(needed, folders);
  const canInstall =
    process.getuid?.() === 0 && missingFrom([{ program: 'apt-get', package: 'apt' }], folders).length === 0;
  if (missing.length > 0 && canInstall) install(packagesOf(missing));
  const still = missingFrom(needed, folders);
  process.stdout.write(still.length === 0 ? `debian: ${needed.length} programs are there\n` : request(still));
  process.exitCode = still.length === 0 ? 0 : 1;
}
