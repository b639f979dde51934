// All rules over a set of files. On the command line: `node tools/tidy/check.ts [path prefix]…`, faults as
// `path:line rule: message`, exit 1 when there are any.
//
// A rule may be broken where a comment on the line, or on the line above, says why: `// breaks RULE: reason`.
// For a rule about the whole file the comment stands anywhere in it. A comment that excuses nothing is a fault too.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { banFaults } from './bans.ts';
import { bundleFaults } from './bundle.ts';
import { cycleFaults, roomFaults } from './rooms.ts';
import { castFaults, docstringFaults, functionFaults, lengthFaults } from './shape.ts';
import { type Fault, type Source, faultAt, lineAt, parse } from './source.ts';
import { mirrorFaults, testFaults } from './tests.ts';
import { commentFaults, nameFaults, phaseFaults } from './words.ts';

const RULES: readonly ((source: Source) => Fault[])[] = [
  roomFaults,
  banFaults,
  bundleFaults,
  lengthFaults,
  functionFaults,
  castFaults,
  docstringFaults,
  nameFaults,
  commentFaults,
  phaseFaults,
  testFaults,
];
const WHOLE_FILE = ['file-length', 'names', 'mirror', 'cycle'];
const FOLDERS = ['src', 'test', 'scripts', 'tools'];

/** A tree to check: file texts by path, `/` between the parts, relative to the root. */
export type Tree = Readonly<Record<string, string>>;

/** Every fault of a tree, sorted by path and line. A file that cannot be parsed is one fault. */
export function check(tree: Tree): Fault[] {
  const faults: Fault[] = [];
  const sources: Source[] = [];
  for (const [path, text] of Object.entries(tree)) {
    try {
      sources.push(parse(path, text));
    } catch (cause) {
      faults.push({ rule: 'syntax', path, line: 1, message: cause instanceof Error ? cause.message : String(cause) });
    }
  }
  const cycles = cycleFaults(sources.filter(({ path }) => path.startsWith('src/')));
  for (const source of sources) {
    const own = RULES.flatMap((rule) => rule(source));
    const mirror = mirrorFaults(source, (path) => path in tree);
    faults.push(...excuse(source, [...own, ...mirror, ...cycles.filter(({ path }) => path === source.path)]));
  }
  return faults.toSorted((a, b) => a.path.localeCompare(b.path) || a.line - b.line);
}

function excuse(source: Source, faults: readonly Fault[]): Fault[] {
  const excuses = source.comments.flatMap((comment) => {
    const [, rule, reason] = /^\s*breaks ([a-z-]+)(?:: (.{10,}))?/s.exec(comment.text) ?? [];
    return rule === undefined ? [] : [{ comment, rule, reason, line: lineAt(source.text, comment.end) }];
  });
  const covers = (line: number, fault: Fault): boolean =>
    WHOLE_FILE.includes(fault.rule) || line === fault.line || line === fault.line - 1;
  const open = faults.filter((fault) => !excuses.some(({ rule, line }) => rule === fault.rule && covers(line, fault)));
  const wrong = excuses.filter(
    ({ rule, reason, line }) =>
      reason === undefined || !faults.some((fault) => fault.rule === rule && covers(line, fault)),
  );
  const message = 'excuses nothing, or gives no reason: // breaks RULE: why this place needs it';
  return [...open, ...wrong.map(({ comment }) => faultAt(source, comment, 'breaks', message))];
}

/** The tree of a checkout: all TypeScript below src, test, scripts and tools. */
export function readTree(root: string): Tree {
  const folders = FOLDERS.filter((folder) => existsSync(join(root, folder)));
  const paths = folders.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root })).toSorted();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** A fault as one line for people. */
export const faultLine = ({ rule, path, line, message }: Fault): string => `${path}:${line} ${rule}: ${message}`;

if (import.meta.main) {
  const prefixes = process.argv.slice(2);
  const faults = check(readTree(join(import.meta.dirname, '../..'))).filter(
    ({ path }) => prefixes.length === 0 || prefixes.some((prefix) => path.startsWith(prefix)),
  );
  for (const fault of faults) process.stdout.write(`${faultLine(fault)}\n`);
  process.stdout.write(`${faults.length} faults\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
