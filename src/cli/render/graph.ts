/** The graph of services as a tree, as Mermaid and as Graphviz. */
import type { ApiGraph } from '../../contract/api-graph.ts';
import type { ApiService } from '../../contract/api-service.ts';
import { escapeLine } from './escape.ts';
import { type Style, glyph, mark, paint } from './style.ts';

/** What is drawn. `live`: the present state of each service, empty when no daemon is asked. */
export interface Drawing {
  readonly graph: ApiGraph;
  readonly live: readonly ApiService[];
  /** Whether the longest chain is marked. */
  readonly critical: 'marked' | 'plain';
}

/**
 * A tree with the services that nobody needs at the left and what they need below; a service that was shown before
 * ends with `(above)`.
 */
export function graphTree(drawing: Drawing, style: Style): string[] {
  const { graph } = drawing;
  const needed = new Set(graph.edges.map(({ to }) => to));
  const roots = graph.services.filter((name) => !needed.has(name));
  const shown = new Set<string>();
  const lines: string[] = [];
  const visit = (name: string, indent: string, note: string): void => {
    const edges = graph.edges.filter(({ from }) => from === name);
    const again = shown.has(name) && edges.length > 0;
    lines.push(`${indent}${label(drawing, name, style)}${note}${again ? paint(style, 'faint', ' (above)') : ''}`);
    if (again) return;
    shown.add(name);
    const base = indent.replace(mark(style, 'branch'), mark(style, 'pipe')).replace(mark(style, 'corner'), '  ');
    edges.forEach((edge, index) => {
      const branch = mark(style, index === edges.length - 1 ? 'corner' : 'branch');
      visit(edge.to, `${base}${branch} `, edgeNote(edge));
    });
  };
  for (const root of roots) visit(root, '', '');
  return lines;
}

function label({ graph, live, critical }: Drawing, name: string, style: Style): string {
  const service = live.find((candidate) => candidate.name === name);
  const text = escapeLine(name);
  const painted = critical === 'marked' && graph.critical_path.includes(name) ? paint(style, 'strong', text) : text;
  const star = critical === 'marked' && graph.critical_path.includes(name) ? ' *' : '';
  return service === undefined
    ? `${painted}${star}`
    : `${glyph(style, service.state)} ${painted}${star} ${paint(style, 'faint', service.state)}`;
}

function edgeNote(edge: ApiGraph['edges'][number]): string {
  const notes = [
    edge.when === 'ready' ? '' : edge.when,
    edge.need === 'required' ? '' : edge.need === 'order' ? 'only after it' : 'optional',
    edge.on_loss === 'ignore' ? '' : `on loss: ${edge.on_loss}`,
  ].filter((part) => part !== '');
  return notes.length === 0 ? '' : ` (${notes.join(', ')})`;
}

/** A Mermaid flowchart; an arrow points from a dependency to who needs it, in starting order. */
export function graphMermaid({ graph, critical }: Drawing): string[] {
  const ids = new Map(graph.services.map((name, index) => [name, `s${index}`]));
  const nodes = graph.services.map((name) => `  ${ids.get(name)}["${quoteMermaid(name)}"]`);
  const edges = graph.edges.map(({ from, to, when, need }) => {
    const line = need === 'required' ? '-->' : '-.->';
    const word = need === 'order' ? 'after' : when;
    const text = word === 'ready' ? '' : `|${word}|`;
    return `  ${ids.get(to)} ${line}${text} ${ids.get(from)}`;
  });
  const path = graph.critical_path.map((name) => ids.get(name)).join(',');
  const marked =
    critical === 'marked' && path !== '' ? ['  classDef critical stroke-width:3px', `  class ${path} critical`] : [];
  return ['flowchart LR', ...nodes, ...edges, ...marked];
}

const quoteMermaid = (name: string): string => escapeLine(name).replaceAll('"', '&quot;');

/** A Graphviz digraph; an arrow points from a dependency to who needs it. */
export function graphDot({ graph, critical }: Drawing): string[] {
  const isCritical = (name: string): boolean => critical === 'marked' && graph.critical_path.includes(name);
  const nodes = graph.services.map((name) => `  ${quoteDot(name)}${isCritical(name) ? ' [penwidth=3]' : ''};`);
  const edges = graph.edges.map(({ from, to, when, need }) => {
    const word = need === 'order' ? 'after' : when;
    const traits = [word === 'ready' ? '' : `label=${quoteDot(word)}`, need === 'required' ? '' : 'style=dashed']
      .filter((trait) => trait !== '')
      .join(', ');
    return `  ${quoteDot(to)} -> ${quoteDot(from)}${traits === '' ? '' : ` [${traits}]`};`;
  });
  return ['digraph services {', '  rankdir=LR;', '  node [shape=box];', ...nodes, ...edges, '}'];
}

const quoteDot = (name: string): string => `"${escapeLine(name).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/**
 * The part of a graph that `names` and what they need make up (`needs`), or they and who needs them (`needed`).
 * Shapes: services and edges in the order of the whole graph; waves and longest chain cut down to what is left.
 */
export function partOf(graph: ApiGraph, names: readonly string[], direction: 'needs' | 'needed'): ApiGraph {
  const kept = new Set(names);
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    for (const { from, to } of graph.edges) {
      const [here, there] = direction === 'needs' ? [from, to] : [to, from];
      if (here !== name || kept.has(there)) continue;
      kept.add(there);
      queue.push(there);
    }
  }
  const keep = (list: readonly string[]): string[] => list.filter((name) => kept.has(name));
  return {
    services: keep(graph.services),
    edges: graph.edges.filter(({ from, to }) => kept.has(from) && kept.has(to)),
    waves: graph.waves.map(keep).filter((wave) => wave.length > 0),
    critical_path: keep(graph.critical_path),
  };
}
