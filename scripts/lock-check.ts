// `npm ci` works in a fresh clone on every platform only when the lock is complete. npm leaves out of the lock,
// without a word, what the registry did not have at that moment, and fails much later on another machine.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lock, resolveIn } from './lock.ts';

const REGISTRY = 'https://registry.npmjs.org/';
const EXACT = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

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
    if (entry.link === true || entry.inBundle === true) return faults;
    if (entry.integrity === undefined)
      faults.push(`${where} has no integrity; remove it from the lock and run npm install`);
    if (entry.resolved !== undefined && !entry.resolved.startsWith(REGISTRY))
      faults.push(`${where} comes from ${entry.resolved}; only the npm registry is allowed`);
    return faults;
  });
}

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
