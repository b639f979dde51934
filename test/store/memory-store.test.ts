import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../src/store/memory-store.ts';
import { ALL, EMPTY, exit, numbered, storeTests } from './contract.ts';

describe('a store in memory', () => {
  storeTests(memoryStore);

  test('shares nothing with another', () => {
    const store = memoryStore();
    store.append({ ...EMPTY, records: numbered(1, exit('web')) });
    expect(memoryStore().records(ALL)).toEqual([]);
  });
});
