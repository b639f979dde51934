// Words: names that say nothing, comments that promise without a reference, code that is commented out.
import { type Comment, type Fault, type Node, type Source, faultAt, isNode, nameOf, textOf, walk } from './source.ts';

const EMPTY_WORDS = [
  'manager',
  'handler',
  'helper',
  'util',
  'utils',
  'common',
  'misc',
  'data',
  'info',
  'item',
  'controller',
];
// Words of the definition file and of its reader, which the guide has fixed.
const GIVEN = ['managerEnabled', 'manager_enabled'];
const DECLARED_BY_ID = [
  'VariableDeclarator',
  'FunctionDeclaration',
  'FunctionExpression',
  'ClassDeclaration',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'TSModuleDeclaration',
];
const DECLARED_BY_KEY = ['MethodDefinition', 'PropertyDefinition', 'TSPropertySignature', 'TSMethodSignature'];

/** Names of files, folders and declarations that say nothing of the domain. */
export function nameFaults(source: Source): Fault[] {
  if (!/^(src|test|scripts|tools)\//.test(source.path)) return [];
  const faults: Fault[] = [];
  const parts = source.path.split('/').map((part) => part.replace(/\..*$/, ''));
  const badFile = source.path.endsWith('/types.ts')
    ? 'types'
    : parts.find((part) =>
        part.split('-').some((word) => EMPTY_WORDS.includes(word) || EMPTY_WORDS.includes(singular(word))),
      );
  if (badFile !== undefined)
    faults.push(faultAt(source, source.program, 'names', `"${badFile}" names nothing; name the file for its noun`));
  walk(source.program, (node) => {
    // A test describes what the outside sent; its words are not the test's to choose.
    if (node.type === 'TSPropertySignature' && source.path.startsWith('test/')) return;
    for (const name of declaredBy(node)) {
      const word = name === undefined || GIVEN.includes(name) ? undefined : emptyWord(name);
      if (word !== undefined)
        faults.push(
          faultAt(source, node, 'names', `"${name}": "${word}" is not a word of the glossary; say what it is or does`),
        );
    }
  });
  return faults;
}

const singular = (word: string): string => word.replace(/s$/, '');

const emptyWord = (name: string): string | undefined =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .find((word) => EMPTY_WORDS.includes(word) || EMPTY_WORDS.includes(singular(word)));

function declaredBy(node: Node): (string | undefined)[] {
  const parameters = Array.isArray(node['params']) ? node['params'].filter(isNode).flatMap(boundNames) : [];
  if (DECLARED_BY_ID.includes(node.type)) return [...(isNode(node['id']) ? boundNames(node['id']) : []), ...parameters];
  if (DECLARED_BY_KEY.includes(node.type)) return [nameOf(node['key']), ...parameters];
  return node.type === 'CatchClause' && isNode(node['param']) ? boundNames(node['param']) : parameters;
}

/** The names a pattern binds: `{ a, b: c, ...d }` binds a, c and d. */
function boundNames(pattern: Node): (string | undefined)[] {
  const inner = [pattern['left'], pattern['argument'], pattern['parameter']].filter(isNode);
  if (inner.length > 0 && pattern.type !== 'Identifier') return inner.flatMap(boundNames);
  const parts = pattern['properties'] ?? pattern['elements'];
  if (!Array.isArray(parts)) return [nameOf(pattern)];
  return parts
    .filter(isNode)
    .flatMap((part) => boundNames(part.type === 'Property' && isNode(part['value']) ? part['value'] : part));
}

/** Comments that promise work without saying where it is written down, code in comments, silenced lint without a why. */
export function commentFaults(source: Source): Fault[] {
  return source.comments.flatMap((comment) => {
    const message = commentMessage(comment);
    return message === undefined ? [] : [faultAt(source, comment, 'comments', message)];
  });
}

const CODE_LINE = /^\s*(const|let|var|return|if \(|for \(|await|import|export|throw) ?[^.]*[;{]\s*$/;

function commentMessage({ kind, text }: Comment): string | undefined {
  if (/\b(TODO|FIXME|XXX|HACK)\b/.test(text) && !/\b(TODO|FIXME|XXX|HACK)\((#\d+|ADR \d{4})\)/.test(text))
    return 'a TODO names where it is written down: TODO(ADR 0007), or is done now';
  if (/(oxlint|eslint)-disable/.test(text) && !/ -- .{10,}/s.test(text))
    return 'say why the rule is switched off: oxlint-disable-next-line rule -- reason';
  return kind === 'Line' && CODE_LINE.test(text) ? 'code in a comment; delete it, the history keeps it' : undefined;
}

// Which phase follows is decided in transition; what entering it brings along happens in move; recover and resume read
// back what was recorded before the daemon ended.
const PHASE_FILES = ['transition', 'move', 'resume']
  .map((name) => `src/core/${name}.ts`)
  .concat('src/engine/recover.ts');

/** A `phase` set on a copied service anywhere in core/ and engine/ but where the machine itself is written. */
export function phaseFaults(source: Source): Fault[] {
  if (!/^src\/(core|engine)\//.test(source.path) || PHASE_FILES.includes(source.path)) return [];
  const faults: Fault[] = [];
  walk(source.program, (node) => {
    const parts =
      node.type === 'ObjectExpression' && Array.isArray(node['properties']) ? node['properties'].filter(isNode) : [];
    const phase = parts.find((part) => (nameOf(part['key']) ?? textOf(part['key'])) === 'phase');
    if (phase !== undefined && parts.some((part) => part.type === 'SpreadElement'))
      faults.push(
        faultAt(
          source,
          phase,
          'phase',
          'only core/transition.ts and core/move.ts change a phase; send an event through step',
        ),
      );
  });
  return faults;
}
