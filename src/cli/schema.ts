/** `rouse schema`: the JSON Schema of the definition file, or of what a command prints with `--json`. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { usage } from './options.ts';
import { escapeLine } from './render/escape.ts';
import { type Session, note } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '',
  examples: [
    ['rouse schema --out rouse.schema.json', 'for editors'],
    ['rouse schema --output ps', 'the shape of `rouse ps --json`'],
  ],
  flags: [
    { spelling: '--output <name>', text: 'of a command’s JSON: ps, plan, explain, changes, daemon-status …' },
    { spelling: '--out <file>', text: 'write it there instead of printing it' },
  ],
  exits: [[0, 'printed']],
  run,
};

async function run(session: Session, { options }: Input): Promise<number> {
  const name = options.text('output');
  const text = `${JSON.stringify(name === null ? await fileSchema() : await outputSchemaOf(name), null, 2)}\n`;
  const path = options.text('out');
  if (path === null) session.out.write(text);
  else {
    writeFileSync(resolve(session.cwd, path), text);
    note(session, [`wrote ${escapeLine(path)}`]);
  }
  return 0;
}

async function fileSchema(): Promise<object> {
  const { definitionJsonSchema } = await import('../contract/definition-file.ts');
  return definitionJsonSchema();
}

async function outputSchemaOf(name: string): Promise<object> {
  const { OUTPUT_NAMES, isOutputName, outputSchema } = await import('../contract/output.ts');
  if (isOutputName(name)) return outputSchema(name);
  throw usage(`cannot show the schema of "${name}": there is none`, `one of: ${OUTPUT_NAMES.join(', ')}`);
}
