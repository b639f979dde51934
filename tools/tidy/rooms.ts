// Who may import whom. The table is the architecture: a room imports only rooms named in its row, all of them on a
// lower level; type-only imports count, and so do `import('…')` types and re-exports. A change here needs an ADR.
import { posix } from 'node:path';
import { type Fault, type Node, type Source, faultAt, isNode, textOf, walk } from './source.ts';

interface Room {
  readonly level: number;
  readonly imports: readonly string[];
}

/** Every room of src/, its level and what it may import. */
export const ROOMS: Readonly<Record<string, Room>> = {
  model: { level: 0, imports: [] },
  core: { level: 1, imports: ['model'] },
  ports: { level: 1, imports: ['model'] },
  contract: { level: 1, imports: ['model'] },
  engine: { level: 2, imports: ['model', 'core', 'ports'] },
  clock: { level: 2, imports: ['model', 'ports'] },
  runtime: { level: 2, imports: ['model', 'ports'] },
  probe: { level: 2, imports: ['model', 'ports'] },
  log: { level: 2, imports: ['model', 'ports'] },
  store: { level: 2, imports: ['model', 'ports'] },
  audit: { level: 2, imports: ['model', 'ports'] },
  // Tokens and what the kernel says of a peer: needed by the daemon, and by the command line without one.
  access: { level: 2, imports: ['model', 'ports'] },
  config: { level: 2, imports: ['model', 'contract'] },
  client: { level: 2, imports: ['model', 'contract', 'ports'] },
  testing: { level: 3, imports: ['model', 'core', 'ports', 'engine', 'clock'] },
  supervisor: {
    level: 3,
    imports: ['model', 'core', 'ports', 'engine', 'clock', 'runtime', 'probe', 'log', 'store', 'audit'],
  },
  api: { level: 4, imports: ['model', 'contract', 'ports', 'supervisor'] },
  daemon: { level: 5, imports: ['model', 'ports', 'config', 'supervisor', 'api', 'clock', 'audit', 'access'] },
  // What programs import: it wires a supervisor, or the client of a daemon, for somebody who holds one object.
  library: { level: 5, imports: ['model', 'contract', 'ports', 'config', 'client', 'supervisor', 'clock', 'api'] },
  // The command line is a program of its own beside the daemon: it makes the clock that it hands to its parts.
  cli: {
    level: 6,
    imports: ['model', 'contract', 'ports', 'clock', 'config', 'client', 'daemon', 'supervisor', 'audit', 'access'],
  },
};

const PURE = ['model', 'core', 'ports'];

/** One import, export-from or import type: where it stands and what it names. */
interface Reference {
  readonly node: Node;
  readonly specifier: string;
}

/** Every module a file names, types included, in source order. */
function referencesOf(source: Source): Reference[] {
  const found: Reference[] = [];
  walk(source.program, (node) => {
    const specifier = isNode(node['source']) ? textOf(node['source']) : undefined;
    if (specifier !== undefined) found.push({ node, specifier });
  });
  return found;
}

/** The path, relative to the root, that a relative import means; undefined for packages and `node:`. */
const targetOf = (path: string, specifier: string): string | undefined =>
  specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), specifier)) : undefined;

/** Imports that the table of rooms does not allow, and files outside any room. */
export function roomFaults(source: Source): Fault[] {
  if (!source.path.startsWith('src/')) return [];
  if (source.path === 'src/index.ts') return indexFaults(source);
  const { room } = source;
  const row = room === undefined ? undefined : ROOMS[room];
  if (room === undefined || row === undefined)
    return [
      faultAt(
        source,
        source.program,
        'rooms',
        `no such room; put the file into one of ${Object.keys(ROOMS).join(', ')}`,
      ),
    ];
  return referencesOf(source).flatMap((reference) => referenceFaults(source, reference, { name: room, row }));
}

function referenceFaults(source: Source, reference: Reference, room: { name: string; row: Room }): Fault[] {
  const { node, specifier } = reference;
  const target = targetOf(source.path, specifier);
  if (target === undefined) {
    return PURE.includes(room.name) && specifier !== 'node:assert/strict'
      ? [
          faultAt(
            source,
            node,
            'pure',
            `${room.name}/ imports "${specifier}"; ask for it through a port, or do it in a room above`,
          ),
        ]
      : [];
  }
  if (!/\.(ts|json)$/.test(target)) return [faultAt(source, node, 'extension', `write the ending: "${specifier}.ts"`)];
  const other = /^src\/([^/]+)\//.exec(target)?.[1];
  if (other === room.name || (other !== undefined && room.row.imports.includes(other))) return [];
  if (other === undefined && target === 'package.json') return [];
  const allowed = room.row.imports.join(', ') || 'nothing';
  const from = other === undefined ? `"${target}"` : `${other}/`;
  return [
    faultAt(
      source,
      node,
      'rooms',
      `${room.name}/ imports ${from}; it may import ${allowed}: move the code, or hand the part in from above`,
    ),
  ];
}

function indexFaults(source: Source): Fault[] {
  const body = Array.isArray(source.program['body']) ? source.program['body'].filter(isNode) : [];
  return body
    .filter((node) => node.type !== 'ExportNamedDeclaration' || !isNode(node['source']))
    .map((node) =>
      faultAt(source, node, 'index', "src/index.ts holds re-exports by name only: export { a } from './room/file.ts'"),
    );
}

/** Import cycles between files, each once, with its full path. Type imports count. */
export function cycleFaults(sources: readonly Source[]): Fault[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const done = new Set<string>();
  const faults: Fault[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const source = byPath.get(path);
    if (source === undefined || done.has(path)) return;
    const at = trail.indexOf(path);
    if (at >= 0) {
      const circle = [...trail.slice(at), path].join(' → ');
      faults.push(
        faultAt(source, source.program, 'cycle', `import cycle: ${circle}; move what both need into a file of its own`),
      );
      return;
    }
    for (const { specifier } of referencesOf(source)) {
      const target = targetOf(path, specifier);
      if (target !== undefined) visit(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  return faults;
}
