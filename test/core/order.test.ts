import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Graph } from '../../src/core/graph.ts';
import { closure, compileGraph } from '../../src/core/graph.ts';
import { criticalPath, impactOf, numbersOf, resolveOrder, wavesOf } from '../../src/core/order.ts';
import { NotFoundError } from '../../src/model/errors.ts';

/** `a`, `b>a` (b needs a), `c>a,b`. */
const graphOf = (...lines: readonly string[]): Graph => {
  const compiled = compileGraph(
    lines.map((line) => {
      const [name = '', needs = ''] = line.split('>');
      return { name, dependencies: needs === '' ? [] : needs.split(',').map((each) => ({ name: each })) };
    }),
  );
  if (compiled.type === 'faulty') throw new Error('the fixture is faulty');
  return compiled.graph;
};
const complex = graphOf('A', 'B>A', 'C>B', 'D>B', 'E>C', 'F>D', 'G>E,F');
const all = (graph: Graph): Uint8Array => new Uint8Array(graph.size).fill(1);

describe('the order of targets', () => {
  test('the guide: the order of service-c is service-a, service-b, service-c', () => {
    const graph = graphOf('service-a', 'service-b>service-a', 'service-c>service-b');
    expect(resolveOrder(graph, ['service-c'])).toEqual(['service-a', 'service-b', 'service-c']);
  });

  test('what the targets do not need is left out', () => {
    expect(resolveOrder(complex, ['E', 'D'])).toEqual(['A', 'B', 'C', 'D', 'E']);
  });

  test('no target, no order', () => {
    expect(resolveOrder(complex, [])).toEqual([]);
  });

  test('an unknown target is refused with the nearest name', () => {
    const graph = graphOf('database', 'web>database');
    const refused = () => resolveOrder(graph, ['web', 'databse']);
    expect(refused).toThrow(NotFoundError);
    expect(refused).toThrow('cannot find "databse": no service has that name');
    expect(() => numbersOf(graph, ['databse'])).toThrow(
      expect.objectContaining({ code: 'RSE4001', hint: 'did you mean "database"?' }),
    );
  });
});

describe('the memory of orders', () => {
  test('the same targets give the very same answer, in any order and named twice', () => {
    const graph = graphOf('a', 'b>a', 'c>b');
    const first = resolveOrder(graph, ['b', 'c']);
    resolveOrder(graph, ['a']);
    expect(resolveOrder(graph, ['c', 'b', 'c'])).toBe(first);
  });

  test('a long list of targets is remembered as it was asked', () => {
    const names = Array.from({ length: 2000 }, (_, index) => `s${index}`);
    const graph = graphOf(...names);
    const first = resolveOrder(graph, names);
    expect(resolveOrder(graph, [...names])).toBe(first);
    expect(resolveOrder(graph, names.toReversed())).toEqual(first);
  });

  test('a list that the caller changes afterwards is another question', () => {
    const graph = graphOf('a', 'b>a', 'c>b');
    const targets = ['a'];
    resolveOrder(graph, targets);
    targets.push('c');
    expect(resolveOrder(graph, targets)).toEqual(['a', 'b', 'c']);
  });

  test('a new graph has a memory of its own', () => {
    expect(resolveOrder(graphOf('a', 'b>a'), ['b'])).toEqual(['a', 'b']);
    expect(resolveOrder(graphOf('a', 'b'), ['b'])).toEqual(['b']);
  });

  test('no more than 256 answers are kept, the oldest goes first', () => {
    const names = Array.from({ length: 300 }, (_, index) => `s${index}`);
    const graph = graphOf(...names);
    const answers = names.map((name) => resolveOrder(graph, [name]));
    expect(resolveOrder(graph, ['s299'])).toBe(answers[299]);
    expect(resolveOrder(graph, ['s44'])).toBe(answers[44]);
    expect(resolveOrder(graph, ['s43'])).not.toBe(answers[43]);
  });
});

describe('waves', () => {
  test('the complex graph of the guide starts in five waves', () => {
    expect(wavesOf(complex, all(complex))).toEqual([['A'], ['B'], ['C', 'D'], ['E', 'F'], ['G']]);
  });

  test('the waves of a part hold only that part', () => {
    expect(wavesOf(complex, closure(complex, [4], 'needs'))).toEqual([['A'], ['B'], ['C'], ['E']]);
    expect(wavesOf(complex, new Uint8Array(7))).toEqual([]);
  });

  test('the waves one after another are the order', () => {
    expect(wavesOf(complex, all(complex)).flat()).toEqual(resolveOrder(complex, ['G']));
  });
});

describe('the critical path', () => {
  test('without weights it is the longest chain, and of equal ones the first declared', () => {
    expect(criticalPath(complex, all(complex))).toEqual(['A', 'B', 'C', 'E', 'G']);
  });

  test('of equal chains the first declared counts, not the first in a list', () => {
    const graph = graphOf('a', 'b', 'c>b,a');
    expect(criticalPath(graph, all(graph))).toEqual(['a', 'c']);
  });

  test('with weights it is the chain that takes longest', () => {
    const weights = [1, 1, 1, 5, 1, 1, 1];
    expect(criticalPath(complex, all(complex), (index) => weights[index] ?? 0)).toEqual(['A', 'B', 'D', 'F', 'G']);
  });

  test('one slow service outweighs a long chain', () => {
    const graph = graphOf('a', 'b>a', 'c>b', 'slow');
    expect(criticalPath(graph, all(graph), (index) => (index === 3 ? 10 : 1))).toEqual(['slow']);
  });

  test('of nobody it is empty', () => {
    expect(criticalPath(complex, new Uint8Array(7))).toEqual([]);
  });

  test('any path is a chain of needs, and no service lies on a heavier one', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(weights, (row) => {
        const weightOf = (index: number): number => row[index] ?? 0;
        const path = numbersOf(complex, criticalPath(complex, all(complex), weightOf));
        const sum = path.reduce((total, index) => total + weightOf(index), 0);
        expect(sum).toBe(heaviest(complex, weightOf));
        for (const [place, index] of path.slice(1).entries()) {
          expect([...complex.needs.subarray(complex.needStart[index], complex.needStart[index + 1])]).toContain(
            path[place],
          );
        }
      }),
    );
  });
});

describe('the impact of a stop', () => {
  test('the nearest are named first, then by declaration, and never the service itself', () => {
    expect(impactOf(complex, 1)).toEqual(['C', 'D', 'E', 'F', 'G']);
    const graph = graphOf('far>near2', 'db', 'near2>db', 'near1>db', 'both>db,far');
    expect(impactOf(graph, 1)).toEqual(['near2', 'near1', 'both', 'far']);
  });

  test('a service that nobody needs affects nobody', () => {
    expect(impactOf(complex, 6)).toEqual([]);
  });
});

/** The weight of the heaviest chain, by trying them all. */
function heaviest(graph: Graph, weightOf: (index: number) => number): number {
  const from = (index: number): number => {
    const needs = [...graph.needs.subarray(graph.needStart[index], graph.needStart[index + 1])];
    return weightOf(index) + Math.max(0, ...needs.map(from));
  };
  return Math.max(...Array.from({ length: graph.size }, (_, index) => from(index)));
}
