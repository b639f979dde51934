import { describe, expect, test } from 'vitest';
import { licenceFaults } from '../../scripts/licence-gate.ts';
import { type LockEntry, productionFolders, resolveIn } from '../../scripts/lock.ts';
import { lockFaults } from '../../scripts/lock-check.ts';

const SOUND: LockEntry = { version: '1.0.0', integrity: 'sha512-x', license: 'MIT' };
const lock = (packages: Record<string, LockEntry>) => ({ packages });
const noLicence = (): undefined => undefined;

describe('a name in the lock', () => {
  const tree = lock({
    '': {},
    'node_modules/a': SOUND,
    'node_modules/a/node_modules/b': SOUND,
    'node_modules/b': SOUND,
    'tools/x': SOUND,
  });

  test('means the nearest installed package', () => {
    expect(resolveIn(tree, 'node_modules/a', 'b')).toBe('node_modules/a/node_modules/b');
    expect(resolveIn(tree, 'node_modules/a/node_modules/b', 'a')).toBe('node_modules/a');
    expect(resolveIn(tree, 'tools/x', 'b')).toBe('node_modules/b');
    expect(resolveIn(tree, '', 'b')).toBe('node_modules/b');
  });

  test('means nothing where nothing is installed', () => {
    expect(resolveIn(tree, 'node_modules/b', 'c')).toBeUndefined();
  });
});

describe('a lock', () => {
  test('is complete when everything in it is pinned, there and hashed', () => {
    const root = { dependencies: { a: '1.0.0' }, devDependencies: { b: '2.0.0-rc.1' } };
    expect(lockFaults(lock({ '': root, 'node_modules/a': SOUND, 'node_modules/b': SOUND }))).toEqual([]);
  });

  test('lacks the binary of another platform', () => {
    const a = { ...SOUND, optionalDependencies: { 'a-darwin-arm64': '1.0.0' } };
    expect(lockFaults(lock({ '': {}, 'node_modules/a': a }))).toEqual([expect.stringContaining('"a-darwin-arm64"')]);
  });

  test('lacks a hash', () => {
    expect(lockFaults(lock({ '': {}, 'node_modules/a': { version: '1.0.0' } }))).toEqual([
      expect.stringContaining('integrity'),
    ]);
  });

  test('names a source other than the registry', () => {
    const a = { ...SOUND, resolved: 'git+ssh://git@example.org/a.git' };
    expect(lockFaults(lock({ '': {}, 'node_modules/a': a }))).toEqual([
      expect.stringContaining('only the npm registry'),
    ]);
  });

  test.for([
    ['comes from git', { version: 'git+ssh://git@example.org/a.git#0123' }, 'no version of the registry'],
    ['comes from a file', { version: 'file:../a.tgz' }, 'no version of the registry'],
    ['has no version', { version: '' }, 'no version of the registry'],
    ['is hashed by what can be forged', { integrity: 'sha1-x' }, 'sha512'],
    ['runs a script when it is installed', { hasInstallScript: true }, 'runs a script'],
    ['is a link to a folder that is no workspace', { link: true, resolved: '../elsewhere' }, 'only workspaces'],
  ] as const)('is refused when a package %s', ([, fields, why]) => {
    const a = { ...SOUND, ...fields };
    expect(lockFaults(lock({ '': { workspaces: ['tools/x'] }, 'node_modules/a': a }))).toEqual([
      expect.stringContaining(why),
    ]);
  });

  test('may link its workspaces', () => {
    const x = { link: true, resolved: 'tools/x' };
    expect(lockFaults(lock({ '': { workspaces: ['tools/x'] }, 'tools/x': {}, 'node_modules/x': x }))).toEqual([]);
  });

  test('holds a range in place of a version, in the root or in a workspace', () => {
    const ranges = lock({
      '': { dependencies: { a: '^1.0.0' } },
      'tools/x': { devDependencies: { a: '*' } },
      'node_modules/a': SOUND,
    });
    expect(lockFaults(ranges)).toEqual([
      expect.stringContaining('"^1.0.0" in package.json'),
      expect.stringContaining('"*" in tools/x'),
    ]);
  });
});

describe('the licence gate', () => {
  const shipped = (a: LockEntry) =>
    lock({ '': { license: 'Apache-2.0', dependencies: { a: '1.0.0' } }, 'node_modules/a': a });

  test('follows dependencies of dependencies, and no tool of development', () => {
    const tree = lock({
      '': { dependencies: { a: '1.0.0' }, devDependencies: { c: '1.0.0' } },
      'node_modules/a': { ...SOUND, dependencies: { b: '1.0.0' } },
      'node_modules/b': SOUND,
      'node_modules/c': SOUND,
    });
    expect(productionFolders(tree)).toEqual(['node_modules/a', 'node_modules/b']);
  });

  test('lets a listed licence pass, alone or as one of a choice', () => {
    expect(licenceFaults(shipped(SOUND), noLicence)).toEqual([]);
    expect(licenceFaults(shipped({ ...SOUND, license: '(GPL-3.0 OR MIT)' }), noLicence)).toEqual([]);
  });

  test.for(['GPL-3.0', 'MIT AND GPL-3.0', 'MPL-2.0', 'SEE LICENSE IN x'])('refuses %s', (license) => {
    expect(licenceFaults(shipped({ ...SOUND, license }), noLicence)).toEqual([expect.stringContaining(license)]);
  });

  test('asks the installed package where the lock names no licence, and refuses when it names none either', () => {
    const { license: _, ...silent } = SOUND;
    expect(licenceFaults(shipped(silent), () => 'ISC')).toEqual([]);
    expect(licenceFaults(shipped(silent), noLicence)).toEqual([expect.stringContaining('no known licence')]);
  });

  test('refuses an install script and native code in what users get', () => {
    expect(licenceFaults(shipped({ ...SOUND, hasInstallScript: true }), noLicence)).toEqual([
      expect.stringContaining('script'),
    ]);
    expect(licenceFaults(shipped({ ...SOUND, os: ['linux'] }), noLicence)).toEqual([expect.stringContaining('native')]);
  });

  test('knows an excepted tool of development by name, and only there', () => {
    const tool = { ...SOUND, license: 'MPL-2.0' };
    const tree = {
      '': { license: 'Apache-2.0' },
      'node_modules/lightningcss': tool,
      'node_modules/lightningcss-linux-x64-gnu': tool,
    };
    expect(licenceFaults(lock(tree), noLicence)).toEqual([]);
    const used = { ...tree, '': { license: 'Apache-2.0', dependencies: { lightningcss: '1.0.0' } } };
    expect(licenceFaults(lock(used), noLicence)).toHaveLength(1);
  });
});
