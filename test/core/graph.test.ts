import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Graph, GraphNode } from '../../src/core/graph.ts';
import { closure, compileGraph, dependentsOf, inOrder, needsOf } from '../../src/core/graph.ts';

/** `a`, `b>a` (b needs a), `c>a,b`. */
const nodes = (...lines: readonly string[]): GraphNode[] =>
  lines.map((line) => {
    const [name = '', needs = ''] = line.split('>');
    return { name, dependencies: needs === '' ? [] : needs.split(',').map((each) => ({ name: each })) };
  });

const sound = (input: readonly GraphNode[]): Graph => {
  const compiled = compileGraph(input);
  if (compiled.type === 'faulty') throw new Error(`faulty: ${JSON.stringify(compiled.faults)}`);
  return compiled.graph;
};

const orderOf = (input: readonly GraphNode[]): string => {
  const graph = sound(input);
  return Array.from(graph.order, (index) => graph.names[index]).join(',');
};

const cyclesOf = (input: readonly GraphNode[]): string[] => {
  const compiled = compileGraph(input);
  if (compiled.type === 'sound') return [];
  return compiled.faults.flatMap((fault) =>
    fault.type === 'cycle' ? fault.path.map((each) => input[each.index]?.name).join('›') : [],
  );
};

describe('the startup order', () => {
  test('the chain of the guide starts as A, B, C', () => {
    expect(orderOf(nodes('A', 'B>A', 'C>B'))).toBe('A,B,C');
  });

  test('the diamond of the guide starts as A, B, C, D', () => {
    expect(orderOf(nodes('A', 'B>A', 'C>A', 'D>B,C'))).toBe('A,B,C,D');
  });

  test('the complex graph of the guide starts as A, B, C, D, E, F, G', () => {
    expect(orderOf(nodes('A', 'B>A', 'C>B', 'D>B', 'E>C', 'F>D', 'G>E,F'))).toBe('A,B,C,D,E,F,G');
  });

  test('the order does not depend on the order of declaration, but for ties', () => {
    expect(orderOf(nodes('G>E,F', 'F>D', 'E>C', 'D>B', 'C>B', 'B>A', 'A'))).toBe('A,B,D,C,F,E,G');
  });

  test('ties go to the service that was declared first', () => {
    expect(orderOf(nodes('z', 'y', 'x>z', 'w>y'))).toBe('z,y,x,w');
  });

  test('a service without needs comes before one that has some, even if it was declared last', () => {
    expect(orderOf(nodes('b>a', 'a', 'c'))).toBe('a,c,b');
  });

  test('a graph without services has an empty order', () => {
    expect(orderOf([])).toBe('');
  });

  test('a dependency named twice counts once in depth and twice as an edge', () => {
    const graph = sound(nodes('a', 'b>a,a'));
    expect([...graph.depth]).toEqual([0, 1]);
    expect([...needsOf(graph, 1)]).toEqual([0, 0]);
    expect([...dependentsOf(graph, 0)]).toEqual([1, 1]);
  });

  test('edges are known both ways, with their place in the list of the dependent', () => {
    const graph = sound(nodes('a', 'b', 'c>b,a'));
    expect([...needsOf(graph, 2)]).toEqual([1, 0]);
    expect([...dependentsOf(graph, 0)]).toEqual([2]);
    expect([...graph.dependentEdge]).toEqual([1, 0]);
  });

  test('a chain of 100,000 links compiles without exhausting the stack', () => {
    const chain = Array.from({ length: 100_000 }, (_, index) => ({
      name: `s${index}`,
      dependencies: index === 0 ? [] : [{ name: `s${index - 1}` }],
    }));
    expect(sound(chain).depth.at(-1)).toBe(99_999);
  });
});

describe('the faults of a graph', () => {
  test('the cycle of the guide is found with its full path', () => {
    expect(cyclesOf(nodes('a>c', 'b>a', 'c>b'))).toEqual(['a›c›b']);
  });

  test('a cycle begins with the service that was declared first, whoever leads into it', () => {
    expect(cyclesOf(nodes('entry>c', 'b>c', 'c>d', 'd>b'))).toEqual(['b›c›d']);
  });

  test('every knot is reported once, and what only leads into one is not', () => {
    expect(cyclesOf(nodes('a>b', 'b>a', 'x>y', 'y>z', 'z>x', 'free', 'above>a'))).toEqual(['a›b', 'x›y›z']);
  });

  test('of cycles that share their end, one is reported', () => {
    expect(cyclesOf(nodes('a>b', 'b>a,c', 'c>a'))).toEqual(['a›b']);
  });

  test('a service that needs itself is a fault of its own, not a cycle', () => {
    expect(compileGraph(nodes('a', 'b>a,b'))).toEqual({
      type: 'faulty',
      faults: [{ type: 'self', index: 1, edge: 1 }],
    });
  });

  test('an unknown dependency names the edge', () => {
    expect(compileGraph(nodes('a', 'b>a,c'))).toEqual({
      type: 'faulty',
      faults: [{ type: 'unknown', index: 1, edge: 1 }],
    });
  });

  test('a name declared twice is a fault at its second place', () => {
    expect(compileGraph(nodes('a', 'b', 'a'))).toEqual({ type: 'faulty', faults: [{ type: 'duplicate', index: 2 }] });
  });

  test('all faults are reported at once, cycles last', () => {
    const compiled = compileGraph(nodes('a>b', 'b>a', 'c>c', 'd>e'));
    expect(compiled.type === 'faulty' && compiled.faults.map((fault) => fault.type)).toEqual([
      'self',
      'unknown',
      'cycle',
    ]);
  });
});

describe('the closure', () => {
  const graph = sound(nodes('a', 'b>a', 'c>b', 'd', 'e>b,d'));
  const names = (marks: Uint8Array): string =>
    inOrder(graph, marks)
      .map((index) => graph.names[index])
      .join(',');

  test('the needs of a service are everything below it, and itself', () => {
    expect(names(closure(graph, [2], 'needs'))).toBe('a,b,c');
  });

  test('the dependents of a service are everything above it, and itself', () => {
    expect(names(closure(graph, [0], 'dependents'))).toBe('a,b,c,e');
  });

  test('the closure of nobody is empty, and a target named twice counts once', () => {
    expect(names(closure(graph, [], 'needs'))).toBe('');
    expect(names(closure(graph, [3, 3], 'needs'))).toBe('d');
  });
});

// The oracle knows nothing of arrays, levels or queues: sets of names, recursion, and all pairs.
const reaches = (input: readonly GraphNode[], from: string): Set<string> => {
  const found = new Set<string>();
  const visit = (name: string): void => {
    for (const { name: next } of input.find((node) => node.name === name)?.dependencies ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(from);
  return found;
};

const depthOf = (input: readonly GraphNode[], name: string): number => {
  const needs = input.find((node) => node.name === name)?.dependencies ?? [];
  return needs.length === 0 ? 0 : 1 + Math.max(...needs.map((need) => depthOf(input, need.name)));
};

const anyGraph = fc.integer({ min: 2, max: 9 }).chain((size) => {
  const edge = fc.tuple(fc.nat(size - 1), fc.nat(size - 1)).filter(([from, to]) => from !== to);
  return fc.array(edge, { maxLength: 14 }).map((edges) =>
    Array.from({ length: size }, (_, index): GraphNode => ({
      name: `s${index}`,
      dependencies: edges.filter(([from]) => from === index).map(([, to]) => ({ name: `s${to}` })),
    })),
  );
});

describe('any graph, against a slow oracle', () => {
  test('a cycle is found exactly when some service reaches itself, and each is a true cycle', () => {
    fc.assert(
      fc.property(anyGraph, (input) => {
        const circular = input.some((node) => reaches(input, node.name).has(node.name));
        const compiled = compileGraph(input);
        expect(compiled.type === 'faulty').toBe(circular);
        if (compiled.type === 'sound') return;
        for (const fault of compiled.faults) {
          if (fault.type !== 'cycle') throw new Error(`no ${fault.type} was planted`);
          const indices = fault.path.map((each) => each.index);
          expect(new Set(indices).size).toBe(indices.length);
          expect(indices[0]).toBe(Math.min(...indices));
          for (const [place, { index, edge }] of fault.path.entries()) {
            const next = fault.path[(place + 1) % fault.path.length]?.index ?? -1;
            expect(input[index]?.dependencies[edge]?.name).toBe(`s${next}`);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('every knot has a cycle reported, so that mending all of them needs few rounds', () => {
    fc.assert(
      fc.property(anyGraph, (input) => {
        const compiled = compileGraph(input);
        const reported = new Set(
          compiled.type === 'sound'
            ? []
            : compiled.faults.flatMap((fault) => (fault.type === 'cycle' ? fault.path.map((each) => each.index) : [])),
        );
        for (const [index, node] of input.entries()) {
          const reach = reaches(input, node.name);
          if (!reach.has(node.name)) continue;
          const knot = [...input.keys()].filter(
            (other) => other === index || (reach.has(`s${other}`) && reaches(input, `s${other}`).has(node.name)),
          );
          expect(knot.some((each) => reported.has(each))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('the order sorts by depth, then by declaration, and is the same every time', () => {
    fc.assert(
      fc.property(anyGraph, (input) => {
        const compiled = compileGraph(input);
        if (compiled.type === 'faulty') return;
        const expected = [...input.keys()].toSorted(
          (left, right) => depthOf(input, `s${left}`) - depthOf(input, `s${right}`) || left - right,
        );
        expect([...compiled.graph.order]).toEqual(expected);
        expect([...compiled.graph.depth]).toEqual(input.map((node) => depthOf(input, node.name)));
        expect(orderOf(structuredClone(input))).toBe(orderOf(input));
      }),
      { numRuns: 500 },
    );
  });

  test('both closures hold exactly whom the oracle reaches', () => {
    fc.assert(
      fc.property(anyGraph, fc.nat(8), (input, pick) => {
        const compiled = compileGraph(input);
        if (compiled.type === 'faulty') return;
        const target = pick % input.length;
        const below = reaches(input, `s${target}`);
        const needs = closure(compiled.graph, [target], 'needs');
        const dependents = closure(compiled.graph, [target], 'dependents');
        for (const [index, { name }] of input.entries()) {
          expect(needs[index]).toBe(Number(index === target || below.has(name)));
          expect(dependents[index]).toBe(Number(index === target || reaches(input, name).has(`s${target}`)));
        }
      }),
      { numRuns: 300 },
    );
  });
});
