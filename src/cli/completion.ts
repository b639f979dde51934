/** `rouse completion`: the script that makes a shell complete verbs, flags and names of live services. */
import { script } from '@bomb.sh/tab';
import { usage } from './options.ts';
import type { Session } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '<shell>',
  examples: [
    ['source <(rouse completion bash)', 'in this shell; or in ~/.bashrc'],
    ['rouse completion fish > ~/.config/fish/completions/rouse.fish', 'for fish'],
  ],
  flags: [],
  exits: [[0, 'printed']],
  run,
};

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'];

function run(_session: Session, { args }: Input): Promise<number> {
  const [shell = ''] = args;
  if (!SHELLS.includes(shell)) throw usage(`cannot complete in "${shell}"`, `one of: ${SHELLS.join(', ')}`);
  script(shell, 'rouse', 'rouse');
  return Promise.resolve(0);
}
