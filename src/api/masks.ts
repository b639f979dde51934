/**
 * Words that only admins may read, taken out of sentences: paths of files, names of programs, and what stands in commands,
 * environments and folders of the definition.
 *
 * Messages quote what went wrong, so a command that failed would tell every viewer how it is called. Sentences are looked
 * through word by word: what a definition says is a set of words, and looking one up costs the same for ten services and
 * for ten thousand.
 */
import type { Definition, Spec } from '../model/spec.ts';

/** What stands where something was taken out. */
const TAKEN_OUT = '…';

/** Takes out of a text what only admins may read. */
export type Mask = (text: string) => string;

// Addresses of the API are no files, and are what hints point to.
const FILE_PATH = /(?<=^|[\s"'(=:[])\/(?!api\/|docs\/|healthz|readyz|openapi\.json|\/)[^\s"'),;\]]+/g;
const PROGRAM = /\b((?:program|command|folder|file) )"[^"]*"/g;
const WORD = /[^\s"'`(),;:=<>|&[\]{}‘’“”«»]+/g;
/** Shorter ones are everywhere. */
const SHORTEST = 6;
/** Plain words are those of our own sentences as well (`restart`, `status`); only long ones are told apart from them. */
const SHORTEST_PLAIN = 12;

const kept = new WeakMap<readonly Spec[], ReadonlySet<string>>();

/** The mask for a project. Shapes: names of services always stay. */
export function maskOf(definition: Pick<Definition, 'services'>): Mask {
  const words = wordsOf(definition.services);
  return (text) =>
    text
      .replaceAll(FILE_PATH, TAKEN_OUT)
      .replaceAll(PROGRAM, `$1"${TAKEN_OUT}"`)
      .replaceAll(WORD, (word) => (isTold(words, word) ? word : TAKEN_OUT));
}

// At the end of a sentence stands a full stop, which is no part of the word.
function isTold(words: ReadonlySet<string>, word: string): boolean {
  return !words.has(word) && !words.has(word.replace(/[.!?]+$/, ''));
}

function wordsOf(services: readonly Spec[]): ReadonlySet<string> {
  const known = kept.get(services);
  if (known !== undefined) return known;
  const names = new Set(services.map(({ name }) => name));
  const words = new Set<string>();
  const add = (text: string): void => {
    for (const word of text.match(WORD) ?? []) if (isTelling(word) && !names.has(word)) words.add(word);
  };
  for (const spec of services) for (const text of textsOf(spec)) add(text);
  kept.set(services, words);
  return words;
}

const isTelling = (word: string): boolean => word.length >= (/^[a-z]+$/.test(word) ? SHORTEST_PLAIN : SHORTEST);

function textsOf(spec: Spec): readonly string[] {
  const { execution, readiness, liveness, stop, hooks } = spec;
  const secrets = Object.values(spec.secrets).map(({ file }) => file);
  return [
    ...[execution, readiness, liveness, stop, hooks].flatMap(commandsIn),
    ...Object.values(spec.env),
    spec.cwd,
    ...secrets,
  ];
}

/** The words of every command inside, and the paths of files that are looked for. */
function commandsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('argv' in value && Array.isArray(value.argv)) return value.argv.filter((word) => typeof word === 'string');
  if ('type' in value && value.type === 'file' && 'path' in value) return [String(value.path)];
  return Object.values(value).flatMap(commandsIn);
}
