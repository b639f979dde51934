/** Text to tree, by syntax. */
import type { Report } from './fault.ts';
import { parseJson } from './parse-json.ts';
import { parseToml } from './parse-toml.ts';
import { parseYaml } from './parse-yaml.ts';
import type { Source } from './source.ts';
import type { Tree } from './tree.ts';

/** How a definition is written. */
export type Syntax = 'toml' | 'yaml' | 'json' | 'jsonc' | 'script';

const BY_ENDING: Readonly<Record<string, Syntax>> = {
  toml: 'toml',
  yaml: 'yaml',
  yml: 'yaml',
  json: 'json',
  jsonc: 'jsonc',
  ts: 'script',
  mts: 'script',
  js: 'script',
  mjs: 'script',
};

/** The syntax that a file's ending stands for, or null. */
export function syntaxOf(path: string): Syntax | null {
  return BY_ENDING[/\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''] ?? null;
}

/** The syntax of a text without a name: by its first sign, and by its first line that says something. */
export function guessSyntax(text: string): Exclude<Syntax, 'script'> {
  const start = text.trimStart();
  if (start.startsWith('{') || /^\[\s*[{"\]]/.test(start)) return 'jsonc';
  const [line = ''] = start.split('\n').filter((candidate) => !/^\s*(#|$)/.test(candidate));
  return /^\s*\[|^\s*[\w."'-]+\s*=/.test(line) ? 'toml' : 'yaml';
}

/** The tree of a text, or null when its syntax errors were reported. Prototype keys are reported (RSE1104). */
export function parseSource(source: Source, syntax: Exclude<Syntax, 'script'>, report: Report): Tree | null {
  if (syntax === 'toml') return parseToml(source, report);
  if (syntax === 'yaml') return parseYaml(source, report);
  return parseJson(source, syntax === 'jsonc' ? 'allowed' : 'refused', report);
}
