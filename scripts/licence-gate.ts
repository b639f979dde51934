// What users install with Rouse, and what it is built with, under which licences. The published part is held to more:
// no install script, nothing native, only the licences of ALLOWED.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lock, packageName, productionFolders } from './lock.ts';

const ALLOWED = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'BlueOak-1.0.0', 'CC0-1.0'];

/** Tools that are used unchanged for development and never shipped, by name, each with the licence it comes under. */
const DEVELOPMENT_EXCEPTIONS: Readonly<Record<string, string>> = { lightningcss: 'MPL-2.0' };

/** What is wrong, one line each. `licenceOf` answers the licence of a folder whose lock entry names none. */
export function licenceFaults(lock: Lock, licenceOf: (folder: string) => string | undefined): string[] {
  const production = new Set(productionFolders(lock));
  return Object.entries(lock.packages).flatMap(([folder, entry]) => {
    if (entry.link === true) return [];
    const name = folder === '' ? 'rouse' : packageName(folder);
    const licence = entry.license ?? licenceOf(folder);
    const faults: string[] = [];
    const excepted = !production.has(folder) && licence !== undefined && exception(name) === licence;
    if (!excepted && !isAllowed(licence))
      faults.push(`"${name}" is under ${licence ?? 'no known licence'}; allowed are ${ALLOWED.join(', ')}`);
    if (!production.has(folder)) return faults;
    if (entry.hasInstallScript === true) faults.push(`"${name}" runs a script when it is installed; users get none`);
    if (entry.os !== undefined || entry.cpu !== undefined)
      faults.push(`"${name}" is built for one platform; users get no native code`);
    return faults;
  });
}

/** The excepted licence of a package, or of the tool whose platform binary it is (`lightningcss-linux-x64-gnu`). */
const exception = (name: string): string | undefined =>
  Object.entries(DEVELOPMENT_EXCEPTIONS).find(([tool]) => name === tool || name.startsWith(`${tool}-`))?.[1];

/** `(MIT OR GPL-3.0)` is allowed by its first half, `MIT AND GPL-3.0` is not. */
const isAllowed = (licence: string | undefined): boolean =>
  licence !== undefined &&
  licence
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((part) => ALLOWED.includes(part.trim())));

function licenceInFolder(root: string, folder: string): string | undefined {
  const path = join(root, folder, 'package.json');
  if (!existsSync(path)) return undefined;
  const manifest: { license?: unknown } = JSON.parse(readFileSync(path, 'utf8'));
  return typeof manifest.license === 'string' ? manifest.license : undefined;
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  const lock: Lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const faults = licenceFaults(lock, (folder) => licenceInFolder(root, folder));
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  process.stdout.write(
    `licences: ${productionFolders(lock).length} packages are shipped to users, ${faults.length} faults\n`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}
