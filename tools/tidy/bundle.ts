// What must be true of a source so that it means the same alone and within the bundle of the command line, which is
// CommonJS and lies in dist/cli, as deep below the root as every room.
import { type Fault, type Node, type Source, faultAt, isNode, textOf, walk } from './source.ts';

const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];

/** Waiting while a module loads, and places of other files told from the own place in a way that the bundle changes. */
export function bundleFaults(source: Source): Fault[] {
  if (!source.path.startsWith('src/')) return [];
  const faults: Fault[] = [];
  walk(source.program, (node, above) => {
    const waits = node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node['await'] === true);
    if (waits && !above.some(({ type }) => FUNCTIONS.includes(type)))
      faults.push(faultAt(source, node, 'bundle', 'a module that waits cannot be bundled; wait within a function'));
    if (node.type === 'MetaProperty' && !namesPlace(above))
      faults.push(
        faultAt(source, node, 'bundle', "name a file from the root: new URL('../../package.json', import.meta.url)"),
      );
  });
  return faults;
}

/** Whether `import.meta.x` stands beside a path that climbs to the root: then it means the same in src/ and dist/. */
function namesPlace(above: readonly Node[]): boolean {
  const [property, call] = [above.at(-1), above.at(-2)];
  const key = isNode(property?.['property']) ? property['property']['name'] : undefined;
  if (!['url', 'dirname', 'filename'].includes(String(key))) return false;
  const args = Array.isArray(call?.['arguments']) ? call['arguments'].filter(isNode) : [];
  return args.some((argument) => /^\.\.\/\.\.(\/|$)/.test(textOf(argument) ?? ''));
}
