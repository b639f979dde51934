import { expect, test } from 'vitest';
import { signalOf } from '../../src/cli/signal.ts';

test.each([
  ['HUP', 'SIGHUP'],
  ['hup', 'SIGHUP'],
  ['SIGHUP', 'SIGHUP'],
  ['sigusr1', 'SIGUSR1'],
  ['1', 'SIGHUP'],
  ['9', 'SIGKILL'],
])('the word %s means %s', (word, name) => {
  expect(signalOf(word)).toBe(name);
});

test.each(['HUPP', '', '0', '999', '-9', 'constructor'])('the word "%s" is no signal', (word) => {
  expect(() => signalOf(word)).toThrow(/there is no such signal/);
});

test('the nearest signal is named', () => {
  expect(() => signalOf('SIGHUPP')).toThrow(expect.objectContaining({ fields: { hint: 'did you mean SIGHUP?' } }));
});
