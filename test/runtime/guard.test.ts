import { chmodSync, chownSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PLAIN_CONFINEMENT } from '../../src/model/confinement.ts';
import type { Policy } from '../../src/model/policy.ts';
import { createGuards } from '../../src/runtime/guard.ts';
import { given } from './given.ts';

let folder = '';
let program = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync('/tmp/guard-'));
  chmodSync(folder, 0o755);
  program = join(folder, 'tool');
  writeFileSync(program, '', { mode: 0o755 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fault = (
  uid: number,
  { user = null, commands = null }: { user?: string | null; commands?: Policy['commands'] } = {},
) => {
  const guards = createGuards({ uid, environment: {}, policy: () => ({ commands }) });
  const guard = guards(given('web', { confinement: { ...PLAIN_CONFINEMENT, user } }));
  return guard({ files: [program], argv: [program, 'go'], via: 'exec' });
};

test('root executes what belongs to the user that it runs as, and to no other user', () => {
  chownSync(program, 65_534, 65_534);
  expect(fault(0)).toMatchObject({ code: 'not-trusted', program });
  expect(fault(0)?.message).toMatch(/^root does not execute ".*": it belongs to user .*65534/);
  expect(fault(0)?.hint).toContain(`chown root ${program}, or start the daemon with ROUSE_TRUSTED_UIDS=65534`);
  expect(fault(0, { user: 'nobody' })).toBeNull();
});

test('whoever is not root executes what the kernel lets him', () => {
  chmodSync(program, 0o777);
  expect(fault(1000)).toBeNull();
  expect(fault(0)?.message).toContain('it can be written by everybody');
});

test('a list of commands holds for everybody, word by word, at each start', () => {
  expect(fault(1000, { commands: [[program, 'go']] })).toBeNull();
  expect(fault(1000, { commands: [[program, '*']] })).toBeNull();
  expect(fault(1000, { commands: [[program, 'stay']] })).toMatchObject({ code: 'refused', program });
  expect(fault(1000, { commands: [] })?.message).toContain('is not on the list of commands that may run');
});
