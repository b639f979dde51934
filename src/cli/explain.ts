/** `rouse explain`: why a service is in its state, what a key of the file means, what an error code means. */
import type { ApiExplanation } from '../contract/api-explain.ts';
import type { ErrorCode } from '../model/errors.ts';
import { RouseError } from '../model/errors.ts';
import { connect } from './connection.ts';
import { loadHere } from './definition.ts';
import type { Field } from './field.ts';
import { printJson } from './json.ts';
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
  const found = await explanationOf(session, target);
  if ('field' in found) return explainField(session, found.field);
  if (session.flags.json === null) printLines(session, explainScreen(found.service, session.out.style));
  else printJson(session, found.service, EXPLAIN_KEYS);
  return 0;
}

async function explainCode(session: Session, code: ErrorCode): Promise<number> {
  const page = errorPage(code);
  if (session.flags.json === null) printLines(session, errorPageScreen(code, session.out.style));
  else printJson(session, page, Object.keys(page));
  return 0;
}

type Found = { readonly service: ApiExplanation } | { readonly field: Field };

/**
 * What a word means: a service that runs or is declared wins over a key of the file, which has a dotted path too.
 * Errors: of a word that is no key, those of the connection; RSE3001 for a service that is declared and has no daemon.
 */
async function explanationOf(session: Session, target: string): Promise<Found> {
  try {
    using connection = await connect(session);
    return { service: await connection.client.services.explain(target) };
  } catch (error) {
    if (!(error instanceof RouseError)) throw error;
    const field = await findField(target);
    const isService = field !== null && error.code === 'RSE3001' && (await isDeclared(session, target));
    if (field === null || isService) throw error;
    return { field };
  }
}

async function isDeclared(session: Session, name: string): Promise<boolean> {
  try {
    const { definition } = await loadHere(session, []);
    return definition.services.some((spec) => spec.name === name);
  } catch {
    // A definition that has problems declares nothing; what a key means helps to mend it.
    return false;
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
