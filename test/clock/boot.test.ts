import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bootId } from '../../src/clock/boot.ts';

test('a boot of the machine has one id, as long as it lasts', () => {
  expect(bootId()).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  expect(bootId()).toBe(bootId());
});
