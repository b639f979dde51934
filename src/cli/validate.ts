/** `rouse validate`: all problems of the definition at once. */
import { loadHere } from './definition.ts';
import { issueScreen } from './issues.ts';
import { printJson } from './json.ts';
import { escapeLine } from './render/escape.ts';
import { type Session, note, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '[file...]',
  examples: [
    ['rouse validate', 'the definition that is found from here'],
    ['rouse validate a.toml b.toml', 'these files, merged'],
    ['rouse validate --strict', 'let warnings count as problems'],
  ],
  flags: [{ spelling: '--strict', text: 'warnings are problems' }],
  exits: [
    [0, 'sound'],
    [2, 'it has problems'],
  ],
  run,
};

const KEYS = ['valid', 'name', 'files', 'services', 'hash', 'warnings'] as const;

async function run(session: Session, { args, options }: Input): Promise<number> {
  const { definition, warnings } = await loadHere(session, args);
  const isRefused = options.isOn('strict') && warnings.length > 0;
  if (warnings.length > 0 && session.flags.json === null) note(session, issueScreen(warnings, session));
  if (session.flags.json !== null)
    printJson(
      session,
      {
        valid: !isRefused,
        name: definition.name,
        files: definition.files,
        services: definition.services.map(({ name }) => name),
        hash: definition.hash,
        warnings: warnings.map(({ code, message }) => ({ code, message })),
      },
      KEYS,
    );
  else if (!isRefused && !session.flags.quiet)
    printLines(session, [summary(definition.name, definition.services.length, warnings.length)]);
  return isRefused ? 2 : 0;
}

function summary(project: string, services: number, warnings: number): string {
  const count = `${services} ${services === 1 ? 'service' : 'services'}`;
  const more = warnings === 0 ? '' : `, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
  return `${escapeLine(project)}: ${count}, no problems${more}`;
}
