/** The definition: reading it, replacing it, checking one, and reading its files again. */
import { z } from 'zod';
import { apiApplied, apiDefinition, apiValidation, loadOrder, toApiDefinition } from '../contract/api-definition.ts';
import { masksIn, unmasked } from '../contract/document.ts';
import { envelope } from '../contract/envelope.ts';
import { ConflictError, type Issue, RouseError } from '../model/errors.ts';
import type { Definition } from '../model/spec.ts';
import type { Applied } from '../supervisor/port.ts';
import { answer, refusals } from './answers.ts';
import { flagQuery } from './parameters.ts';
import type { ApiParts } from './parts.ts';
import { type Reply, ok, refusal } from './reply.ts';
import { type Call, type Route, route } from './route.ts';

const TAG = 'definition';
const PUT_LIMIT_BYTES = 4 * 1024 * 1024;
const document = z.unknown().meta({ description: 'a definition in the words of the definition file, as JSON' });
const dryQuery = z.strictObject({ dry_run: flagQuery.optional() });

/** The routes of the definition. */
export const definitionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/definition',
    role: 'admin',
    action: 'definition.read',
    tag: TAG,
    summary: 'The resolved definition; its ETag is what PUT asks for',
    answers: { 200: answer('The definition', envelope(apiDefinition)), 304: { description: 'It is the one you have' } },
    run: ({ parts, header }) => {
      const present = parts.supervisor.definition();
      const etag = etagOf(present);
      if (matchesEtag(header('if-none-match'), etag)) return { status: 304, headers: { etag }, body: null };
      return ok(toApiDefinition(present), { etag });
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/definition',
    role: 'admin',
    action: 'definition.put',
    takes: 'definitions',
    tag: TAG,
    summary: 'Replace the definition: new services are added, removed ones are stopped',
    query: dryQuery,
    body: { schema: document, need: 'required', limitBytes: PUT_LIMIT_BYTES },
    answers: { 200: answer('What it did', envelope(apiApplied)), ...refusals(409, 412, 422, 428, 503) },
    run: replace,
  }),
  route({
    method: 'POST',
    path: '/api/v1/definition/validate',
    role: 'admin',
    action: 'none',
    takes: 'definitions',
    tag: TAG,
    summary: 'Check a definition without using it',
    body: { schema: document, need: 'required' },
    answers: { 200: answer('It is sound', envelope(apiValidation)), ...refusals(422) },
    repeat: 'never',
    run: async ({ parts, body }) => {
      const { definition: parsed } = await parse(parts, body);
      return ok({ name: parsed.name, services: parsed.services.map(({ name }) => name), hash: parsed.hash });
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/definition/load',
    role: 'admin',
    action: 'definition.load',
    takes: 'definitions',
    tag: TAG,
    summary: 'Read the files again and use what they say',
    query: dryQuery,
    body: { schema: loadOrder, need: 'required' },
    answers: { 200: answer('What it did', envelope(apiApplied)), ...refusals(409, 422, 503) },
    run: async (call) => {
      const { parts, body, query } = call;
      checkOwner(parts, body.files);
      const { definitions } = parts;
      return apply(call, await (query.dry_run === 'true' ? definitions.look(body) : definitions.load(body)));
    },
  }),
];

/** The ETag of a definition: strong, since equal hashes mean equal definitions. */
function etagOf(definition: Definition): string {
  return `"${definition.hash}"`;
}

type PutCall = Call<unknown, z.output<typeof dryQuery>>;

// Done before reading, so that a secret that is sent back as it was shown stays what it is.
async function parse(
  { definitions, supervisor }: ApiParts,
  body: unknown,
): Promise<{ readonly document: unknown; readonly definition: Definition }> {
  const present = supervisor.definition();
  const document = unmasked(body, present);
  refuseMasks(masksIn(document));
  return { document, definition: await definitions.parse(document, present) };
}

/** Errors: RSE4102. A value of `***` that is meant as such is more likely a slip than a wish. */
function refuseMasks(places: readonly (readonly string[])[]): void {
  if (places.length === 0) return;
  const issues = places.map((path): Issue => {
    const message = `"${path.join('.')}": "***" stands for the present value, and there is none`;
    const rest = { origin: null, length: 1, suggestion: null, hint: 'send the value itself', also: [], services: [] };
    return { code: 'RSE4102', message, path, ...rest };
  });
  throw new RouseError('RSE4102', `cannot use the definition: ${issues[0]?.message ?? ''}`, {
    issues,
    hint: 'send the value itself; a document that was read keeps what it shows as ***',
  });
}

async function replace(call: PutCall): Promise<Reply> {
  const { parts } = call;
  const condition = call.header('if-match');
  if (condition === null)
    throw new RouseError('RSE4013', 'cannot replace the definition: the header If-Match is missing', {
      hint: "send the ETag of GET /api/v1/definition, so that nobody else's change is lost",
    });
  const parsed = await parse(parts, call.body);
  // Looked at last: reading the document may have taken a while, and nothing comes between this and its use.
  const present = parts.supervisor.definition();
  if (!matchesEtag(condition, etagOf(present))) return stale(call, present);
  const reply = apply(call, parsed.definition);
  if (call.query.dry_run !== 'true') parts.definitions.accepted?.(parsed.document);
  return reply;
}

function stale(call: PutCall, present: Definition): Reply {
  const error = new RouseError('RSE4012', 'cannot replace the definition: it has changed since it was read', {
    hint: 'merge your change into "current" and send it with its ETag',
  });
  return refusal(error, call, {
    members: { current: toApiDefinition(present) },
    headers: { etag: etagOf(present) },
  });
}

function apply(call: PutCall, definition: Definition): Reply {
  const { supervisor } = call.parts;
  const present = supervisor.definition();
  checkProject(present, definition);
  const applied =
    call.query.dry_run === 'true' ? compare(present, definition) : supervisor.define(definition, call.actor);
  const { added, changed, removed, unchanged } = applied;
  return ok({ hash: definition.hash, added, changed, removed, unchanged }, { etag: etagOf(definition) });
}

/** Errors: RSE4010 when the definition is of another project than the present one. */
export function checkProject(present: Definition, definition: Definition): void {
  if (definition.name === present.name) return;
  throw new ConflictError(
    'RSE4010',
    `cannot use the definition: it is of project "${definition.name}", and this daemon holds "${present.name}"`,
    { hint: `name it "${present.name}", or start a daemon of its own: rouse up -p ${definition.name}` },
  );
}

function compare(present: Definition, next: Definition): Applied {
  const before = new Map(present.services.map(({ name, hash }) => [name, hash]));
  const after = new Set(next.services.map(({ name }) => name));
  const namesWhere = (holds: (name: string, hash: string) => boolean): string[] =>
    next.services.filter(({ name, hash }) => holds(name, hash)).map(({ name }) => name);
  return {
    added: namesWhere((name) => !before.has(name)),
    changed: namesWhere((name, hash) => before.has(name) && before.get(name) !== hash),
    removed: present.services.map(({ name }) => name).filter((name) => !after.has(name)),
    unchanged: namesWhere((name, hash) => before.get(name) === hash),
  };
}

/** Errors: RSE4010. The first file is the project; others are laid over it and may come and go. */
export function checkOwner(parts: ApiParts, files: readonly string[]): void {
  const [owner] = parts.definitions.files();
  const [asked] = files;
  if (owner === undefined || asked === undefined || owner === asked) return;
  const { name } = parts.supervisor.definition();
  throw new ConflictError('RSE4010', `cannot use "${asked}" for project "${name}": it is held by "${owner}"`, {
    hint: 'end that one (rouse down), or give this one a name of its own: name = "…" in the file',
  });
}

function matchesEtag(condition: string | null, etag: string): boolean {
  if (condition === null) return false;
  return condition.split(',').some((part) => part.trim() === '*' || part.trim() === etag);
}
