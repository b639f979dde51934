// `npm ci` works in a fresh clone on every platform only when the lock is complete. npm leaves out of the lock,
// without a word, what the registry did not have at that moment, and fails much later on another machine.
// It is also the one place that says what is installed: every package is hashed, comes from the registry, and runs nothing
// while it is installed. A bundled package has no hash of its own, because that of the package around it covers it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lock, type LockEntry, resolveIn } from './lock.ts';

const REGISTRY = 'https://registry.npmjs.org/';
const EXACT = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;
const VERSION = /^\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$/;

/** What is wrong with a lock, one line each; empty when it is complete. */
export function lockFaults(lock: Lock): string[] {
  return Object.entries(lock.packages).flatMap(([folder, entry]) => {
    const faults: string[] = [];
    const where = folder === '' ? 'package.json' : folder;
    for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }))
      if (entry.link !== true && resolveIn(lock, folder, name) === undefined)
        faults.push(
          `"${name}", needed by ${where}, is not in the lock; pin a version that is published for every platform`,
        );
    if (!folder.includes('node_modules/'))
      return [
        ...faults,
        ...pinFaults(where, { ...entry.dependencies, ...entry.devDependencies, ...entry.optionalDependencies }),
      ];
    if (entry.hasInstallScript === true)
      faults.push(`${where} runs a script when it is installed; choose a package that needs none`);
    if (entry.link === true) return [...faults, ...linkFaults(lock, where, entry)];
    if (!VERSION.test(entry.version ?? ''))
      faults.push(
        `${where} is "${entry.version ?? ''}", no version of the registry; git, http and files are not allowed`,
      );
    if (entry.inBundle === true) return faults;
    if (entry.integrity?.startsWith('sha512-') === false)
      faults.push(`${where} is hashed by "${entry.integrity}"; sha512 is asked for`);
    if (entry.integrity === undefined)
      faults.push(`${where} has no integrity; remove it from the lock and run npm install`);
    if (entry.resolved !== undefined && !entry.resolved.startsWith(REGISTRY))
      faults.push(`${where} comes from ${entry.resolved}; only the npm registry is allowed`);
    return faults;
  });
}

/** Only folders of this repository that the root names as its workspaces are linked. */
const linkFaults = (lock: Lock, where: string, { resolved = '' }: LockEntry): string[] =>
  lock.packages['']?.workspaces?.includes(resolved) === true
    ? []
    : [`${where} is a link to "${resolved}"; only workspaces are linked`];

const pinFaults = (where: string, dependencies: Readonly<Record<string, string>>): string[] =>
  Object.entries(dependencies)
    .filter(([, range]) => !EXACT.test(range))
    .map(([name, range]) => `"${name}": "${range}" in ${where} is a range; pin one version`);

if (import.meta.main) {
  const lock: Lock = JSON.parse(readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8'));
  const faults = lockFaults(lock);
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  process.stdout.write(`lock: ${Object.keys(lock.packages).length} packages, ${faults.length} faults\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
