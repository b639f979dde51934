import { expect, test } from 'vitest';
import { missingFrom, readNeeded, request } from '../../scripts/debian-setup.ts';

test('the list of programs is read without its comments', () => {
  const needed = readNeeded('# why\n\ncurl  curl  talks to sockets\ndnsmasq  dnsmasq-base\n');
  expect(needed).toEqual([
    { program: 'curl', package: 'curl' },
    { program: 'dnsmasq', package: 'dnsmasq-base' },
  ]);
});

test('a line without a package is refused', () => {
  expect(() => readNeeded('curl\n')).toThrow('cannot read "curl"');
});

test('a program that no folder has is missing', () => {
  const needed = readNeeded('sh dash\nno-such-program-anywhere nothing\n');
  expect(missingFrom(needed, ['/nonexistent', '/bin']).map(({ program }) => program)).toEqual([
    'no-such-program-anywhere',
  ]);
});

test('who cannot install is told the programs and one line to paste', () => {
  const text = request(readNeeded('a x\nb x\nc y\n'));
  expect(text).toContain('"a", "b", "c"');
  expect(text).toContain('apt-get install -y x y\n');
});
