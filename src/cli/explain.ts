/** `rouse explain`: why a service is in its state, what a key of the file means, what an error code means. */
import type { ErrorCode } from '../model/errors.ts';
import { RouseError } from '../model/errors.ts';
import { connect } from './connection.ts';
import type { Field } from './field.ts';
import { checkFields, printJson } from './json.ts';
import { EXPLAIN_KEYS } from './keys.ts';
import { codeOf, errorPage, errorPageScreen } from './render/error-page.ts';
import { explainScreen } from './render/explain.ts';
import { fieldScreen } from './render/field.ts';
import { type Session, printLines } from './session.ts';
import type { Input, Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '<target>',
  examples: [
    ['rouse explain web', 'why is web in its state?'],
    ['rouse explain services.health.retries', 'what does this key mean?'],
    ['rouse explain RSE2102', 'what is this error, and what helps?'],
  ],
  flags: [],
  exits: [
    [0, 'explained'],
    [4, 'no such service'],
  ],
  run,
};

const FIELD_KEYS = ['path', 'description', 'values', 'default', 'example', 'keys'] as const;

async function run(session: Session, { args }: Input): Promise<number> {
  const [target = ''] = args;
  const code = codeOf(target);
  if (code !== null) return explainCode(session, code);
  // A dot or a key of the file at the begin makes it a key; services may have dots too, and win when they are there.
  const field = /^(services|defaults|templates|vars|orchestrator)\b/.test(target) ? await findField(target) : null;
  if (field !== null) return explainField(session, field);
  return explainService(session, target);
}

async function explainCode(session: Session, code: ErrorCode): Promise<number> {
  const page = errorPage(code);
  if (session.flags.json === null) printLines(session, errorPageScreen(code, session.out.style));
  else printJson(session, page, Object.keys(page));
  return 0;
}

async function explainService(session: Session, name: string): Promise<number> {
  checkFields(session, EXPLAIN_KEYS);
  try {
    using connection = await connect(session);
    const explanation = await connection.client.services.explain(name);
    if (session.flags.json === null) printLines(session, explainScreen(explanation, session.out.style));
    else printJson(session, explanation, EXPLAIN_KEYS);
    return 0;
  } catch (error) {
    const isElsewhere = error instanceof RouseError && /^RSE(4001|3001|0101)$/.test(error.code);
    const field = isElsewhere ? await findField(name) : null;
    if (field === null) throw error;
    return explainField(session, field);
  }
}

async function findField(path: string): Promise<Field | null> {
  const [{ definitionJsonSchema }, { fieldAt }] = await Promise.all([
    import('../contract/definition-file.ts'),
    import('./field.ts'),
  ]);
  return fieldAt(definitionJsonSchema(), path);
}

function explainField(session: Session, field: Field): number {
  if (session.flags.json === null) printLines(session, fieldScreen(field, session.out.style));
  else {
    const { path, description, values, fallback, example, keys } = field;
    printJson(session, { path, description, values, default: fallback, example, keys }, FIELD_KEYS);
  }
  return 0;
}
