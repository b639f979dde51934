/** `rouse config`: the definition, merged and resolved, and where each value came from. */
import { withoutValues } from '../contract/document.ts';
import { loadHere } from './definition.ts';
import { printJson } from './json.ts';
import { configLines } from './render/config.ts';
import { type Session, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '[service...]',
  examples: [
    ['rouse config', 'the whole, as TOML'],
    ['rouse config web --origin', 'one service, with file and line of each value'],
    ['rouse config --json', 'for programs'],
  ],
  flags: [{ spelling: '--origin', text: 'say where each value was written' }],
  exits: [
    [0, 'printed'],
    [2, 'the definition has problems'],
    [4, 'no such service'],
  ],
  run,
};

async function run(session: Session, { args, options }: Input): Promise<number> {
  const loaded = await loadHere(session, []);
  const document = withoutValues(await chosenPart(loaded.resolved, args));
  if (session.flags.json !== null) printJson(session, document, Object.keys(document));
  else
    printLines(
      session,
      configLines(document, {
        origins: options.isOn('origin') ? loaded.origins : null,
        folder: session.cwd,
        style: session.out.style,
      }),
    );
  return 0;
}

/** The document with the named services alone. Errors: RSE4001. */
async function chosenPart(
  document: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  if (names.length === 0) return document;
  const { services } = document;
  const known = typeof services === 'object' && services !== null ? services : {};
  const { unknownService } = await import('./names.ts');
  const entries = names.map((name): readonly [string, unknown] => {
    if (!Object.hasOwn(known, name)) throw unknownService(name, Object.keys(known));
    return [name, Reflect.get(known, name)];
  });
  return { services: Object.fromEntries(entries) };
}
