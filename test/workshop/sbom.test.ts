import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type Lock, productionFolders } from '../../scripts/lock.ts';
import { billFaults, billOf } from '../../scripts/sbom.ts';

const ROOT = join(import.meta.dirname, '../..');
const LOCK: Lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
const SOUND = { version: '1.0.0', integrity: 'sha512-AAEC', license: 'MIT' };
const noLicence = (): undefined => undefined;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Every package that the manifests on disk bring along, by following them as Node does. */
function installedBelow(folder: string, found = new Map<string, string>()): Map<string, string> {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const paths = createRequire(join(folder, 'index.js')).resolve.paths('x') ?? [];
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    const place = paths.map((path) => join(path, name, 'package.json')).find((path) => isThere(path));
    if (place === undefined) throw new Error(`${name}, needed in ${folder}, is not installed`);
    const { version }: Manifest = JSON.parse(readFileSync(place, 'utf8'));
    if (found.has(`${name}@${version}`)) continue;
    found.set(`${name}@${version}`, place);
    installedBelow(dirname(place), found);
  }
  return found;
}

function isThere(path: string): boolean {
  try {
    return readFileSync(path) !== null;
  } catch {
    return false;
  }
}

test('the bill lists exactly the packages that users install, each with version, hash and licence', () => {
  const bill = billOf(LOCK, noLicence);
  const listed = bill.components.map(({ name, version }) => `${name}@${version}`).toSorted();
  expect(listed).toEqual([...installedBelow(ROOT).keys()].toSorted());
  expect(listed).toHaveLength(productionFolders(LOCK).length);
  expect(billFaults(bill)).toEqual([]);
});

test('a bill names what needs what, by package URLs', () => {
  const bill = billOf(
    {
      packages: {
        '': { name: 'rouse', version: '0.1.0', license: 'Apache-2.0', dependencies: { '@x/a': '1.0.0' } },
        'node_modules/@x/a': { ...SOUND, dependencies: { b: '1.0.0' } },
        'node_modules/b': SOUND,
        'node_modules/c': SOUND,
      },
    },
    noLicence,
  );
  expect(bill.dependencies).toEqual([
    { ref: 'pkg:npm/rouse@0.1.0', dependsOn: ['pkg:npm/%40x/a@1.0.0'] },
    { ref: 'pkg:npm/%40x/a@1.0.0', dependsOn: ['pkg:npm/b@1.0.0'] },
    { ref: 'pkg:npm/b@1.0.0', dependsOn: [] },
  ]);
  expect(bill.components[1]?.hashes).toEqual([{ alg: 'SHA-512', content: '000102' }]);
});

test('a package without hash or licence is a fault of the bill', () => {
  const packages = { '': { dependencies: { a: '1.0.0' } }, 'node_modules/a': { version: '1.0.0' } };
  expect(billFaults(billOf({ packages }, noLicence))).toEqual(['"a" has no hash', '"a" has no licence']);
});
