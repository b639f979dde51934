/** An error that ended a command: shown to people or programs, and its exit code. */
import { DefinitionError, ERRORS, RouseError } from '../model/errors.ts';
import { problemOf } from '../model/problem.ts';
import { escapeJson, escapeScreen } from './render/escape.ts';
import { problemScreen } from './render/problem.ts';
import type { Session } from './session.ts';

/** Prints the error to stderr, as one problem document with `--json`; resolves with the exit code. */
export async function reportError(session: Session, error: unknown): Promise<number> {
  const known = error instanceof RouseError ? error : null;
  if (session.flags.json !== null) session.err.write(`${escapeJson(JSON.stringify(problemOf(known ?? bug(error))))}\n`);
  else {
    const lines = problemScreen(error, {
      style: session.err.style,
      folder: session.cwd,
      issueLines: error instanceof DefinitionError ? await issueLines(session, error) : null,
    });
    session.err.write(`${escapeScreen(lines.join('\n'))}\n`);
  }
  if (session.flags.debug && error instanceof Error) session.err.write(`${escapeScreen(error.stack ?? '')}\n`);
  return ERRORS[known?.code ?? 'RSE9001'].exit;
}

function bug(error: unknown): RouseError {
  return new RouseError('RSE9001', error instanceof Error ? error.message : String(error), { cause: error });
}

async function issueLines(session: Session, error: DefinitionError): Promise<readonly string[]> {
  const { issueScreen } = await import('./issues.ts');
  return issueScreen(error.issues, session);
}
