import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Entry, dueHeap, entry } from '../../src/probe/due-heap.ts';

test('entries come out by moment, equal ones in the order in which they were put in', () => {
  const step = fc.record({
    number: fc.nat(30),
    dueAt: fc.nat(10),
    what: fc.constantFrom('put', 'put', 'remove', 'take'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = dueHeap();
      const entries = Array.from({ length: 31 }, () => entry(() => undefined));
      // The oracle: a list in the order of putting in, sorted when asked.
      let model: { one: Entry; dueAt: number }[] = [];
      const first = (): Entry | undefined => model.toSorted((a, b) => a.dueAt - b.dueAt)[0]?.one;
      for (const { number, dueAt, what } of steps) {
        const one = what === 'take' ? heap.first() : entries[number];
        if (one === undefined) continue;
        model = model.filter((known) => known.one !== one);
        if (what === 'put') {
          heap.put(one, dueAt);
          model.push({ one, dueAt });
        } else heap.remove(one);
        expect(heap.first()).toBe(first());
        expect(heap.size()).toBe(model.length);
      }
    }),
  );
});

test('an entry that is in no heap can be taken out', () => {
  const heap = dueHeap();
  heap.put(
    entry(() => undefined),
    1,
  );
  heap.remove(entry(() => undefined));
  expect(heap.size()).toBe(1);
});
