import { describe, expect, test } from 'vitest';
import { commandsOf, usesShell } from '../../src/model/commands.ts';
import { specOf } from '../config/given.ts';

const TEXT = `[services.api]
command = ["serve"]
stop = { command = ["halt"] }
hooks = { before_start = ["prepare"] }
ready = { exec = ["ask"] }
health = { exec = ["probe"] }
`;

describe('the commands of a service', () => {
  test('are its own, and those of its stop, its hooks and its probes', async () => {
    const spec = await specOf(TEXT);
    expect(commandsOf(spec).map(({ argv }) => argv[0])).toEqual(['serve', 'halt', 'prepare', 'ask', 'probe']);
    expect(usesShell(spec)).toBe('no');
  });

  test.each(['["serve"]', '["halt"]', '["prepare"]', '["ask"]', '["probe"]'])(
    'use a shell where only %s is read by one',
    async (command) => {
      const spec = await specOf(`${TEXT.replace(command, '"run it | log"')}shell = true\n`);
      expect(usesShell(spec)).toBe('yes');
    },
  );
});
