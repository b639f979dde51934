/** Questions that are asked only where somebody can answer. */
import { ConflictError } from '../model/errors.ts';
import type { Session } from './session.ts';

/**
 * Asks a yes-or-no question on the terminal; no is the answer to everything but `y` and `yes`.
 * Errors: RSE4011 without a terminal, or with `--no-input`, naming the flag that answers.
 */
export async function confirm(session: Session, question: string, flag: string): Promise<'yes' | 'no'> {
  if (session.flags.yes) return 'yes';
  if (session.input !== 'terminal' || session.err.stream !== 'terminal' || session.flags.prompts === 'never')
    throw new ConflictError('RSE4011', `cannot ask "${question}": there is no terminal to answer`, {
      hint: `answer by the flag: ${flag}`,
    });
  const { createInterface } = await import('node:readline/promises');
  using reader = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await reader.question(`${question} [y/N] `);
  return /^y(es)?$/i.test(answer.trim()) ? 'yes' : 'no';
}
