/** A command run here as a service would be run: the daemon says how, this command does it. */
import type { ApiLaunchOrder } from '../contract/api-launch.ts';
import type { Connection } from './connection.ts';
import { onlyHere } from './only-here.ts';
import { reportError } from './report.ts';
import { escapeLine } from './render/escape.ts';
import { type Session, printLines } from './session.ts';
import { notRunCode, runInForeground } from './spawn.ts';

/**
 * Runs the order in the surroundings of the service; resolves with its exit code, or with 125, 126 or 127 after saying
 * why it could not be run. With `--dry-run` it is only shown. Errors: those of the daemon that are about the service.
 */
export async function inForeground(
  session: Session,
  { client }: Connection,
  name: string,
  order: ApiLaunchOrder,
): Promise<number> {
  try {
    onlyHere(session, 'run a command');
    const launch = await client.services.launch(name, order);
    if (session.flags.dryRun) {
      printLines(session, [`would run ${quoteWords([launch.file, ...launch.args])}`, `in ${quoteWords([launch.cwd])}`]);
      return 0;
    }
    return await runInForeground(launch, session.input);
  } catch (error) {
    const code = notRunCode(error);
    if (code === null) throw error;
    await reportError(session, error);
    return code;
  }
}

const PLAIN_WORD = /^[A-Za-z0-9_./:=@%+,-]+$/;

function quoteWords(words: readonly string[]): string {
  return words
    .map((word) => (PLAIN_WORD.test(word) ? word : `'${escapeLine(word).replaceAll("'", String.raw`'\''`)}'`))
    .join(' ');
}
