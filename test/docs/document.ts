// The fenced blocks of a page, and the page carried out: each marked block in order, in one folder of its own that holds
// a copy of examples/. After `run` in the first line of a fence: `exit=6` is the code that is expected (0 otherwise);
// `file=NAME` writes the block to that file. `prints="COMMAND"` demands that the command prints the block.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** A fenced block. `line` is where its text begins, from 1. */
export interface Block {
  readonly language: string;
  readonly marks: ReadonlyMap<string, string>;
  readonly text: string;
  readonly line: number;
}

/** The pages whose blocks are carried out. */
export function pages(): readonly string[] {
  const guide = readdirSync(join(ROOT, 'docs/guide')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...guide.toSorted().map((name) => `docs/guide/${name}`)];
}

/** The blocks of a page, in order. */
export function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```(\w+)([^\n]*)\n(.*?)^```$/gms)].map((match) => ({
    language: match[1] ?? '',
    marks: marksOf(match[2] ?? ''),
    text: match[3] ?? '',
    line: text.slice(0, match.index).split('\n').length + 1,
  }));
}

function marksOf(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/(\w+)(?:="([^"]*)"|=(\S+))?/g)].map((m) => [m[1] ?? '', m[2] ?? m[3] ?? '']));
}
