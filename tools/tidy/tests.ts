// How tests are named and where they lie.
import { ROOMS } from './rooms.ts';
import { type Fault, type Node, type Source, faultAt, isNode, nameOf, textOf, walk } from './source.ts';

const OTHER_FOLDERS = [
  'sim',
  'e2e',
  'types',
  'golden',
  'bench',
  'docs',
  'examples',
  'setup',
  'workshop',
  'chaos',
  'regressions',
  'security',
];
const ROOT_FILES = ['test/tidy.test.ts'];

/** Test files that mirror no source file, and folders of test/ that are neither a room nor known. */
export function mirrorFaults(source: Source, exists: (path: string) => boolean): Fault[] {
  const { path } = source;
  if (!path.startsWith('test/') || ROOT_FILES.includes(path)) return [];
  const [, folder = ''] = path.split('/');
  if (OTHER_FOLDERS.includes(folder) && path.split('/').length > 2) return [];
  const rooms = Object.keys(ROOMS);
  if (!rooms.includes(folder))
    return [
      faultAt(
        source,
        source.program,
        'mirror',
        `test/${folder} is no room; known besides: ${OTHER_FOLDERS.join(', ')}`,
      ),
    ];
  if (!path.endsWith('.test.ts')) return [];
  const mirrored = path.replace(/^test\//, 'src/').replace(/\.(?:[a-z-]+\.)?test\.ts$/, '.ts');
  return exists(mirrored)
    ? []
    : [faultAt(source, source.program, 'mirror', `"${mirrored}" does not exist; a test file mirrors a source file`)];
}

/** Titles that are no sentence of the specification, tests switched off, and ports that are fixed. */
export function testFaults(source: Source): Fault[] {
  if (!source.path.startsWith('test/')) return [];
  const faults: Fault[] = [];
  walk(source.program, (node) => {
    if (node.type !== 'CallExpression') return;
    const message = titleMessage(node) ?? offMessage(node) ?? portMessage(node);
    if (message !== undefined) faults.push(faultAt(source, node, 'tests', message));
  });
  return faults;
}

const argumentsOf = (call: Node): Node[] => (Array.isArray(call['arguments']) ? call['arguments'].filter(isNode) : []);

function titleMessage(call: Node): string | undefined {
  const [first] = argumentsOf(call);
  const title = textOf(first);
  if (!['test', 'it'].includes(nameOf(call['callee']) ?? '') || title === undefined) return undefined;
  if (/\bshould\b/i.test(title)) return `"${title}": say what is, not what should be`;
  return title.trim().includes(' ') ? undefined : `"${title}": a title is a sentence, subject first, present tense`;
}

function offMessage(call: Node): string | undefined {
  const callee = call['callee'];
  if (!isNode(callee) || callee.type !== 'MemberExpression') return undefined;
  const [object, property] = [nameOf(callee['object']), nameOf(callee['property'])];
  return ['test', 'it', 'describe'].includes(object ?? '') &&
    ['skip', 'only', 'todo', 'skipIf', 'runIf', 'fails'].includes(property ?? '')
    ? `${object}.${property} switches tests off; mend the test or delete it`
    : undefined;
}

function portMessage(call: Node): string | undefined {
  const callee = call['callee'];
  if (!isNode(callee) || nameOf(callee['property']) !== 'listen') return undefined;
  const [first] = argumentsOf(call);
  const port = first?.type === 'ObjectExpression' ? portOf(first) : first;
  return port?.type === 'Literal' && typeof port['value'] === 'number' && port['value'] !== 0
    ? `port ${port['value']} is fixed; listen on 0 and ask for the number`
    : undefined;
}

function portOf(options: Node): Node | undefined {
  const parts = Array.isArray(options['properties']) ? options['properties'].filter(isNode) : [];
  const value = parts.find((part) => nameOf(part['key']) === 'port')?.['value'];
  return isNode(value) ? value : undefined;
}
