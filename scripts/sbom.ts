// The bill of materials of what users install: CycloneDX 1.6, from the lock alone, so that the same lock gives the same
// bytes. (`npm sbom --omit dev` leaves out of it what a tool of development needs too: yaml, zod, smol-toml.)
// `node scripts/sbom.ts` prints it; `--check` only says whether it can be made, and how many packages it lists.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lock, packageName, productionFolders, resolveIn } from './lock.ts';

/** A package of the bill, in the words of CycloneDX. */
export interface Component {
  readonly 'bom-ref': string;
  readonly type: 'application' | 'library';
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes: readonly { readonly alg: 'SHA-512'; readonly content: string }[];
  readonly licenses: readonly { readonly expression: string }[];
}

/** The bill. Components are sorted by their folder in the tree; every one has an entry in `dependencies`. */
export interface Bill {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly version: 1;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** The bill of what the root of a lock brings along. `licenceOf` answers for a folder whose entry names no licence. */
export function billOf(lock: Lock, licenceOf: (folder: string) => string | undefined): Bill {
  const component = (folder: string): Component => {
    const entry = lock.packages[folder] ?? {};
    const name = folder === '' ? (entry.name ?? '') : packageName(folder);
    const version = entry.version ?? '';
    const licence = entry.license ?? licenceOf(folder);
    return {
      'bom-ref': refOf(name, version),
      type: folder === '' ? 'application' : 'library',
      name,
      version,
      purl: refOf(name, version),
      hashes: hashesOf(entry.integrity),
      licenses: licence === undefined ? [] : [{ expression: licence }],
    };
  };
  const folders = productionFolders(lock);
  const needs = (folder: string): readonly string[] => {
    const { dependencies, optionalDependencies } = lock.packages[folder] ?? {};
    return Object.keys({ ...dependencies, ...optionalDependencies })
      .flatMap((name) => resolveIn(lock, folder, name) ?? [])
      .map((found) => component(found)['bom-ref'])
      .toSorted();
  };
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: component('') },
    components: folders.map(component),
    dependencies: ['', ...folders].map((folder) => ({ ref: component(folder)['bom-ref'], dependsOn: needs(folder) })),
  };
}

/** What is wrong with a bill, one line each: a package of it without version, hash or licence. */
export const billFaults = ({ components }: Bill): string[] =>
  components.flatMap(({ name, version, hashes, licenses }) => [
    ...(version === '' ? [`"${name}" has no version`] : []),
    ...(hashes.length === 0 ? [`"${name}" has no hash`] : []),
    ...(licenses.length === 0 ? [`"${name}" has no licence`] : []),
  ]);

/** The package URL; the `@` of a scope is written out, as its specification asks for. */
const refOf = (name: string, version: string): string => `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;

const hashesOf = (integrity: string | undefined): Component['hashes'] => {
  const [, text] = /^sha512-(.+)$/.exec(integrity ?? '') ?? [];
  return text === undefined ? [] : [{ alg: 'SHA-512', content: Buffer.from(text, 'base64').toString('hex') }];
};

function licenceInFolder(folder: string): string | undefined {
  const manifest: { license?: unknown } = JSON.parse(
    readFileSync(join(import.meta.dirname, '..', folder, 'package.json'), 'utf8'),
  );
  return typeof manifest.license === 'string' ? manifest.license : undefined;
}

if (import.meta.main) {
  const lock: Lock = JSON.parse(readFileSync(join(import.meta.dirname, '../package-lock.json'), 'utf8'));
  const bill = billOf(lock, licenceInFolder);
  const faults = billFaults(bill);
  const isCheck = process.argv[2] === '--check';
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.stdout.write(
    isCheck
      ? `bill of materials: ${bill.components.length} packages, ${faults.length} faults\n`
      : `${JSON.stringify(bill, null, 2)}\n`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}
