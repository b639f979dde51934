/** Keys that reach into every object of a program: no document may hold them, at any depth. */
import type { Report } from './fault.ts';
import type { Path, Tree } from './tree.ts';

/** The keys. */
export const PROTOTYPE_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** Reports each of them (RSE1104). */
export function refusePrototypeKeys(tree: Tree, path: Path, report: Report): void {
  if (tree.type === 'list')
    tree.elements.forEach((element, index) => refusePrototypeKeys(element, [...path, index], report));
  if (tree.type !== 'table') return;
  for (const [key, entry] of tree.entries) {
    const at = [...path, key];
    if (PROTOTYPE_KEYS.includes(key))
      report({ code: 'RSE1104', message: `"${key}" cannot be a key`, span: entry.key, path: at });
    refusePrototypeKeys(entry.value, at, report);
  }
}
