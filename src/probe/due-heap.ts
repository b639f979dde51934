/**
 * What is due next: a binary heap of entries that know their own place, so that one can be moved or taken out in
 * logarithmic time. Equal moments come out in the order in which they were put in.
 */

/** Something that is due at a moment. Made by `entry`; belongs to one heap. */
export interface Entry {
  /** Calls out when the moment has come. */
  readonly fire: () => void;
  dueAt: number;
  order: number;
  /** Where it lies in the heap; -1 = not in it. */
  place: number;
}

/** An entry that is in no heap yet. */
export function entry(fire: () => void): Entry {
  return { fire, dueAt: 0, order: 0, place: -1 };
}

/** Entries by moment. */
export interface DueHeap {
  /** Puts the entry in, or moves it when it is in. Units: of the caller's clock. */
  put(entry: Entry, dueAt: number): void;
  /** Takes the entry out; does nothing when it is not in. */
  remove(entry: Entry): void;
  /** The entry that is due first; undefined when there is none. */
  first(): Entry | undefined;
  size(): number;
}

/** An empty heap. */
export function dueHeap(): DueHeap {
  const heap: Entry[] = [];
  let order = 0;
  return {
    put: (one, dueAt) => {
      if (one.place >= 0) removeAt(heap, one.place);
      one.dueAt = dueAt;
      one.order = order++;
      siftUp(heap, one, heap.length);
    },
    remove: (one) => {
      if (one.place >= 0) removeAt(heap, one.place);
    },
    first: () => heap[0],
    size: () => heap.length,
  };
}

function removeAt(heap: Entry[], place: number): void {
  const gone = heap[place];
  const last = heap.pop();
  if (gone !== undefined) gone.place = -1;
  if (last === undefined || last === gone) return;
  // The last may belong above or below the gap.
  siftUp(heap, last, place);
  if (last.place === place) siftDown(heap, last, place);
}

function siftUp(heap: Entry[], one: Entry, from: number): void {
  let at = from;
  while (at > 0) {
    const above = heap[(at - 1) >> 1];
    if (above === undefined || isBefore(above, one)) break;
    settle(heap, above, at);
    at = (at - 1) >> 1;
  }
  settle(heap, one, at);
}

function siftDown(heap: Entry[], one: Entry, from: number): void {
  let at = from;
  for (;;) {
    const [left, right] = [heap[at * 2 + 1], heap[at * 2 + 2]];
    if (left === undefined) break;
    const child = right !== undefined && isBefore(right, left) ? right : left;
    if (isBefore(one, child)) break;
    const next = child.place;
    settle(heap, child, at);
    at = next;
  }
  settle(heap, one, at);
}

function settle(heap: Entry[], one: Entry, place: number): void {
  heap[place] = one;
  one.place = place;
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order);
}
