/**
 * Conflicts that cannot be kept: a service that requires both sides of one could never be up, whichever side it is
 * itself; and one that Rouse only watches cannot be made to give way.
 */
import type { Issue } from '../model/errors.ts';
import type { ServiceName, Spec } from '../model/spec.ts';
import type { Graph } from './graph.ts';
import { STRENGTH, conflictsOf } from './graph.ts';

/** RSE1206 for each pair that cannot be, once. Shapes: `specs` as numbered by `graph`; `services` name the pair, then who requires both. */
export function findConflictFaults(specs: readonly Spec[], graph: Graph): readonly Issue[] {
  const issues: Issue[] = [];
  if (graph.conflicts.length === 0) return issues;
  for (let left = 0; left < graph.size; left += 1) {
    for (const right of conflictsOf(graph, left)) {
      if (right < left) continue;
      const issue = faultOf(specs, graph, [left, right]);
      if (issue !== null) issues.push(issue);
    }
  }
  return issues;
}

function faultOf(specs: readonly Spec[], graph: Graph, [left, right]: readonly [number, number]): Issue | null {
  const first = specs[left];
  const second = specs[right];
  if (first === undefined || second === undefined) return null;
  const teller = first.conflicts.includes(second.name) ? first : second;
  const other = teller === first ? second : first;
  const watched = [other, teller].find((spec) => spec.kind === 'external');
  if (watched !== undefined) {
    const message = `"${teller.name}" conflicts with "${other.name}", and "${watched.name}" is external: Rouse cannot stop it`;
    return issueAt(teller, { message, hint: 'remove the conflict', services: [teller.name, other.name] });
  }
  const below = requirersOf(graph, left);
  const culprit = [...requirersOf(graph, right)].filter((each) => below.has(each)).toSorted(byNumber)[0];
  if (culprit === undefined) return null;
  const name = specs[culprit]?.name ?? '';
  const rest = { hint: 'remove the conflict, or the dependency', services: [teller.name, other.name] };
  if (name === teller.name || name === other.name) {
    const needed = name === teller.name ? other.name : teller.name;
    return issueAt(teller, { ...rest, message: `"${name}" conflicts with "${needed}", which it requires` });
  }
  const message = `"${teller.name}" conflicts with "${other.name}", and "${name}" requires both`;
  return issueAt(teller, { ...rest, message, services: [...rest.services, name] });
}

/** The service and everything that requires it, directly or not. */
function requirersOf(graph: Graph, index: number): ReadonlySet<number> {
  const found = new Set([index]);
  for (const each of found) {
    for (let place = graph.dependentStart[each] ?? 0; place < (graph.dependentStart[each + 1] ?? 0); place += 1) {
      if (graph.dependentStrength[place] === STRENGTH.required) found.add(graph.dependents[place] ?? 0);
    }
  }
  return found;
}

function issueAt(
  spec: Spec,
  words: { readonly message: string; readonly hint: string; readonly services: readonly ServiceName[] },
): Issue {
  const place = { origin: spec.origin, length: spec.name.length, path: ['services', spec.name, 'conflicts'] };
  return { code: 'RSE1206', ...words, ...place, suggestion: null, also: [] };
}

const byNumber = (left: number, right: number): number => left - right;
