/** `rouse exec`: a command of one's own, run with the environment and in the folder of a service. */
import { connect } from './connection.ts';
import { inForeground } from './foreground.ts';
import type { Session } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '<service> [command...]',
  examples: [
    ['rouse exec web -- node -e "console.log(process.env.PORT)"', 'with the environment and in the folder of web'],
    ['rouse exec web', 'a shell there'],
  ],
  flags: [],
  exits: [
    [0, 'the command’s own exit code'],
    [4, 'no such service'],
    [125, 'Rouse could not run it'],
    [126, 'the program may not be executed'],
    [127, 'the program was not found'],
  ],
  run,
};

/** What runs where nothing is said. */
const SHELL = ['/bin/sh'];

async function run(session: Session, { args }: Input): Promise<number> {
  const [name = '', ...command] = args;
  using connection = await connect(session);
  return await inForeground(session, connection, name, { command: command.length === 0 ? SHELL : command });
}
