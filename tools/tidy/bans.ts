// Words of the platform that one room owns, each with what to use instead. Rows are data, so that a new ban is a row.
import { type Fault, type Node, type Source, faultAt, isNode, nameOf, textOf, walk } from './source.ts';

interface Ban {
  readonly rule: string;
  /** What is banned: a global name, `object.property`, `new Date()` without arguments, or a module. */
  readonly words: readonly string[];
  /** Prefixes of the paths where it is allowed. */
  readonly allowed: readonly string[];
  readonly instead: string;
}

const BANS: readonly Ban[] = [
  {
    rule: 'time',
    words: [
      'Date.now',
      'new Date()',
      'performance.now',
      'process.hrtime',
      'process.uptime',
      'AbortSignal.timeout',
      'setTimeout',
      'setInterval',
      'node:timers',
      'node:timers/promises',
      'node:perf_hooks',
    ],
    allowed: ['src/clock/'],
    instead: 'take a Clock (src/ports/clock.ts): now(), monotonic(), after()',
  },
  {
    rule: 'chance',
    words: ['Math.random', 'randomUUID', 'crypto.randomUUID', 'crypto.getRandomValues', 'randomInt'],
    allowed: ['src/clock/'],
    instead: 'take a Random (src/ports/random.ts), or the draw that the event carries',
  },
  {
    rule: 'spawn',
    words: ['node:child_process', 'child_process', 'node:cluster'],
    allowed: ['src/runtime/', 'src/probe/', 'src/daemon/spawn.ts', 'src/cli/spawn.ts'],
    instead: 'start programs through the Runtime port; only runtime/, probe/, daemon/spawn.ts and cli/spawn.ts spawn',
  },
  {
    rule: 'print',
    words: ['process.exit', 'process.abort', 'console', 'process.stdout', 'process.stderr'],
    allowed: ['src/cli/'],
    instead: 'return a value, throw a RouseError or report an event; only cli/ prints and exits',
  },
];

// The simulator's command line measures real seconds; e2e, examples and benches meet the real world on purpose.
const TEST_RULES = ['time', 'chance'];
const REAL_WORLD = [
  'test/e2e/',
  'test/security/',
  'test/docs/',
  'test/examples/',
  'test/bench/',
  'test/chaos/',
  'test/regressions/',
  'test/clock/',
  'test/sim/run.ts',
  'test/setup/',
  'test/workshop/',
];

/** Uses of what another room owns. Below test/ only time and chance are banned, and not where the real world is met. */
export function banFaults(source: Source): Fault[] {
  const rows = BANS.filter((ban) =>
    source.path.startsWith('src/')
      ? !ban.allowed.some((prefix) => source.path.startsWith(prefix))
      : source.path.startsWith('test/') &&
        TEST_RULES.includes(ban.rule) &&
        !REAL_WORLD.some((prefix) => source.path.startsWith(prefix)),
  );
  if (rows.length === 0) return [];
  const faults: Fault[] = [];
  walk(source.program, (node, above) => {
    const word = wordOf(node, above.at(-1));
    const ban = word === undefined ? undefined : rows.find((row) => row.words.includes(word));
    if (ban !== undefined) faults.push(faultAt(source, node, ban.rule, `"${word}" is not used here; ${ban.instead}`));
  });
  return faults;
}

/** The banned form that a node may be, as the table spells it; undefined for everything else. */
function wordOf(node: Node, parent: Node | undefined): string | undefined {
  if (node.type === 'MemberExpression') return memberWord(node);
  if (node.type === 'NewExpression' || node.type === 'CallExpression') {
    const args = node['arguments'];
    return nameOf(node['callee']) === 'Date' && Array.isArray(args) && args.length === 0 ? 'new Date()' : undefined;
  }
  if (isNode(node['source'])) return textOf(node['source']);
  const name = nameOf(node);
  return name !== undefined && parent !== undefined && isReference(node, parent) ? name : undefined;
}

function memberWord(node: Node): string | undefined {
  const object = nameOf(node['object']);
  const property = nameOf(node['property']) ?? textOf(node['property']);
  if (object === 'globalThis' || object === 'global') return property;
  return object === undefined ? undefined : `${object}.${property}`;
}

/** Whether an identifier reads a variable, and is not the name of a property, a member, a type or a declaration. */
function isReference(node: Node, parent: Node): boolean {
  switch (parent.type) {
    case 'MemberExpression':
      return parent['object'] === node || parent['computed'] === true;
    case 'Property':
      return parent['value'] === node;
    case 'ImportSpecifier':
      return parent['imported'] === node;
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'TSPropertySignature':
    case 'TSMethodSignature':
    case 'TSQualifiedName':
    case 'TSTypeReference':
    case 'ExportSpecifier':
    case 'LabeledStatement':
      return false;
    default:
      return true;
  }
}
