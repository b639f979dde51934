import { expect, test } from 'vitest';
import type { ApiGraph } from '../../../src/contract/api-graph.ts';
import { graphDot, graphMermaid, graphTree, partOf } from '../../../src/cli/render/graph.ts';
import { ready } from '../services.ts';

const UNICODE = { color: 'off', glyphs: 'unicode' } as const;
const edge = (from: string, to: string, more: Partial<ApiGraph['edges'][number]> = {}): ApiGraph['edges'][number] => ({
  from,
  to,
  when: 'ready',
  need: 'required',
  on_loss: 'ignore',
  ...more,
});
const DIAMOND: ApiGraph = {
  services: ['a', 'b', 'c', 'd'],
  edges: [edge('b', 'a'), edge('c', 'a', { need: 'optional' }), edge('d', 'b'), edge('d', 'c', { when: 'completed' })],
  waves: [['a'], ['b', 'c'], ['d']],
  critical_path: ['a', 'b', 'd'],
};

test('a tree begins with what nobody needs, and does not repeat what was shown', () => {
  const graph = { ...DIAMOND, edges: [...DIAMOND.edges, edge('a', 'z')], services: [...DIAMOND.services, 'z'] };
  expect(graphTree({ graph, live: [], critical: 'plain' }, UNICODE)).toEqual([
    'd',
    '├─ b',
    '│  └─ a',
    '│     └─ z',
    '└─ c (completed)',
    '   └─ a (optional) (above)',
  ]);
});

test('a live tree shows the state of each service', () => {
  expect(
    graphTree({ graph: partOf(DIAMOND, ['b'], 'needs'), live: [ready('a')], critical: 'marked' }, UNICODE),
  ).toEqual(['b *', '└─ ● a * ready']);
});

test('the part of a graph is what a service needs, or who needs it', () => {
  expect(partOf(DIAMOND, ['b'], 'needs').services).toEqual(['a', 'b']);
  expect(partOf(DIAMOND, ['c'], 'needed')).toEqual({
    services: ['c', 'd'],
    edges: [edge('d', 'c', { when: 'completed' })],
    waves: [['c'], ['d']],
    critical_path: ['d'],
  });
});

test('Mermaid and Graphviz draw arrows in starting order', () => {
  expect(graphMermaid({ graph: DIAMOND, live: [], critical: 'marked' })).toEqual([
    'flowchart LR',
    '  s0["a"]',
    '  s1["b"]',
    '  s2["c"]',
    '  s3["d"]',
    '  s0 --> s1',
    '  s0 -.-> s2',
    '  s1 --> s3',
    '  s2 -->|completed| s3',
    '  classDef critical stroke-width:3px',
    '  class s0,s1,s3 critical',
  ]);
  expect(graphDot({ graph: partOf(DIAMOND, ['c'], 'needs'), live: [], critical: 'plain' })).toEqual([
    'digraph services {',
    '  rankdir=LR;',
    '  node [shape=box];',
    '  "a";',
    '  "c";',
    '  "a" -> "c" [style=dashed];',
    '}',
  ]);
});
