import { expect, test } from 'vitest';
import { contentFaults } from '../../scripts/pack-contents.ts';

const faults = (path: string, text: string): string[] => contentFaults({ [path]: text }, ['/home/somebody/rouse']);

test('code, types and documents may be shipped', () => {
  expect(faults('dist/index.js', 'export const begin = "-----BEGIN PRIVATE KEY-----";')).toEqual([]);
  expect(faults('README.md', 'npm install rouse')).toEqual([]);
});

test.for([
  ['dist/index.js.map', '{}', 'source map'],
  ['dist/index.js', '//# sourceMappingURL=index.js.map', 'source map'],
  ['dist/api/route.test.js', '', 'test'],
  ['test/given.js', '', 'test'],
  ['.npmrc', '', 'hidden file'],
  ['dist/key.pem', '', 'name of a secret'],
  ['dist/index.js', 'at /home/somebody/rouse/src/index.ts', 'names the folder'],
  ['dist/a.js', `-----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B`, 'private key'],
  ['dist/a.js', `npm_${'a'.repeat(36)}`, 'credential of a registry'],
  ['dist/a.js', `ghp_${'a'.repeat(36)}`, 'credential of a forge'],
  ['dist/a.js', `AKIA${'A'.repeat(16)}`, 'credential of a cloud'],
  ['dist/a.js', `rse_${'a'.repeat(43)}`, 'token of Rouse'],
] as const)('a package with %s that says "%s" is refused', ([path, text, why]) => {
  expect(faults(path, text)).toEqual([expect.stringContaining(why)]);
});
