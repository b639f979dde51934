// The shape of files and functions: lengths, parameters, casts, docstrings.
import { type Comment, type Fault, type Node, type Source, faultAt, isNode, lineAt, nameOf, walk } from './source.ts';

const FILE_LINES = { code: 300, test: 500 };
const FUNCTION_LINES = 60;
const PARAMETERS = 4;
const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];
const SIGNATURES = [
  'TSMethodSignature',
  'TSDeclareFunction',
  'TSEmptyBodyFunctionExpression',
  'TSAbstractMethodDefinition',
];
// Where the outside is parsed once into model types; only there may a type be asserted.
const EDGES = ['src/api/', 'src/config/', 'src/store/', 'src/contract/'];

const isTest = (path: string): boolean => path.startsWith('test/');

/** Files that are too long to be read in one go. */
export function lengthFaults(source: Source): Fault[] {
  const limit = isTest(source.path) ? FILE_LINES.test : FILE_LINES.code;
  const lines = source.text.trimEnd().split('\n').length;
  if (lines <= limit) return [];
  return [
    {
      rule: 'file-length',
      path: source.path,
      line: limit + 1,
      message: `${lines} lines, ${limit} at most; split by question answered`,
    },
  ];
}

/** Functions that are too long, take too many values, or take a bare yes or no. Tests' own callbacks are not measured. */
export function functionFaults(source: Source): Fault[] {
  const faults: Fault[] = [];
  walk(source.program, (node) => {
    const parameters = Array.isArray(node['params']) ? node['params'].filter(isNode) : [];
    if (![...FUNCTIONS, ...SIGNATURES].includes(node.type)) return;
    const lines = lineAt(source.text, node.end) - lineAt(source.text, node.start) + 1;
    if (lines > FUNCTION_LINES && !isTest(source.path))
      faults.push(
        faultAt(
          source,
          node,
          'function-length',
          `${lines} lines, ${FUNCTION_LINES} at most; let the parent branch and give the leaves a name`,
        ),
      );
    if (parameters.length > PARAMETERS)
      faults.push(
        faultAt(
          source,
          node,
          'parameters',
          `${parameters.length} parameters, ${PARAMETERS} at most; they are a record: pass one`,
        ),
      );
    for (const parameter of isTest(source.path) ? [] : parameters.filter(isYesOrNo))
      faults.push(
        faultAt(
          source,
          parameter,
          'boolean-parameter',
          "a bare true or false says nothing at the call; use a union: { reason: 'timeout' }",
        ),
      );
  });
  return faults;
}

function isYesOrNo(parameter: Node): boolean {
  const annotation = isNode(parameter['typeAnnotation']) ? parameter['typeAnnotation']['typeAnnotation'] : undefined;
  if (isNode(annotation) && annotation.type === 'TSBooleanKeyword') return true;
  if (parameter.type !== 'AssignmentPattern' || !isNode(parameter['right'])) return false;
  const left = parameter['left'];
  return typeof parameter['right']['value'] === 'boolean' || (isNode(left) && isYesOrNo(left));
}

/** Type assertions away from the edge, and comments that switch the compiler off. */
export function castFaults(source: Source): Fault[] {
  if (!source.path.startsWith('src/')) return [];
  const faults: Fault[] = [];
  for (const comment of source.comments.filter(({ text }) => /^\s*@ts-(ignore|nocheck|expect-error)/.test(text)))
    faults.push(faultAt(source, comment, 'cast', 'the compiler is not switched off in src/; narrow the type'));
  if (EDGES.some((edge) => source.path.startsWith(edge))) return faults;
  walk(source.program, (node) => {
    if (
      node.type === 'TSTypeAssertion' ||
      node.type === 'TSNonNullExpression' ||
      (node.type === 'TSAsExpression' && !isConst(node))
    )
      faults.push(
        faultAt(
          source,
          node,
          'cast',
          'no casts away from the edge; parse with a schema of contract/, narrow with a guard, or use satisfies',
        ),
      );
  });
  return faults;
}

function isConst(node: Node): boolean {
  const annotation = node['typeAnnotation'];
  return isNode(annotation) && annotation.type === 'TSTypeReference' && nameOf(annotation['typeName']) === 'const';
}

/** Exports of src/ without a docstring whose first line is a sentence. Re-exports and later overloads need none. */
export function docstringFaults(source: Source): Fault[] {
  if (!source.path.startsWith('src/')) return [];
  const documented = new Set<string>();
  const faults: Fault[] = [];
  walk(source.program, (node) => {
    const isExport = node.type === 'ExportNamedDeclaration' || node.type === 'ExportDefaultDeclaration';
    const declaration = node['declaration'];
    if (!isExport || !isNode(declaration)) return;
    const name = exportedName(declaration);
    const comment = docstringBefore(source, node);
    if (comment !== undefined && firstSentence(comment) !== undefined) documented.add(name);
    else if (!documented.has(name))
      faults.push(
        faultAt(source, node, 'docstring', `"${name}" needs /** what it answers or does, as a sentence. */ above it`),
      );
  });
  return faults;
}

function exportedName(declaration: Node): string {
  const [first] = Array.isArray(declaration['declarations'])
    ? declaration['declarations'].filter(isNode)
    : [declaration];
  return nameOf(first?.['id']) ?? 'default';
}

function docstringBefore(source: Source, node: Node): Comment | undefined {
  return source.comments.find(
    ({ kind, text, end }) =>
      kind === 'Block' && text.startsWith('*') && end <= node.start && source.text.slice(end, node.start).trim() === '',
  );
}

function firstSentence(comment: Comment): string | undefined {
  const words = comment.text.replace(/^\s*\*+/gm, '').trim();
  return /^[^@\s]+\s[^@]+?[.:?!](\s|$)/s.exec(words)?.[0];
}
