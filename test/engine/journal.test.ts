import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { Journal } from '../../src/engine/journal.ts';
import { RouseError } from '../../src/model/errors.ts';
import type { RecordBody } from '../../src/model/record.ts';
import { newService } from '../../src/model/service.ts';
import type { Batch, EventStore } from '../../src/ports/event-store.ts';
import { memoryStore } from '../../src/store/memory-store.ts';
import { given } from '../core/given.ts';
import { BY } from './given.ts';

const NOTHING = { services: [], changes: [] } as const;
const word = (service: string): RecordBody => ({ type: 'service.exit', service, run: 1, exitCode: 0, signal: null });

class Desk {
  readonly clock = new VirtualClock();
  readonly batches: Batch[] = [];
  readonly told: number[] = [];
  readonly said: string[] = [];
  mended = 0;
  disk: 'fine' | 'full' = 'fine';
  tries = 0;
  readonly journal: Journal;

  constructor() {
    const kept = memoryStore();
    const store: EventStore = {
      ...kept,
      append: (batch) => {
        this.tries += 1;
        if (this.disk === 'full') throw new RouseError('RSE3008', 'cannot write the state: no space left');
        kept.append(batch);
        this.batches.push(batch);
      },
    };
    this.journal = new Journal({
      clock: this.clock,
      store,
      told: (records) => void this.told.push(...records.map(({ seq }) => seq)),
      mended: () => void (this.mended += 1),
      say: (line) => void this.said.push(line),
    });
  }

  write(...services: readonly string[]): void {
    this.journal.write(services.map(word), NOTHING, BY);
  }
}

test('a record is numbered, kept, and then told', () => {
  const on = new Desk();
  on.write('db', 'web');
  on.write('api');
  expect(on.batches.map(({ records }) => records.map(({ seq }) => seq))).toEqual([[1, 2], [3]]);
  expect(on.told).toEqual([1, 2, 3]);
  on.journal.write([], NOTHING, BY);
  expect(on.batches).toHaveLength(2);
});

test('nobody is told of what could not be kept, until it is', () => {
  const on = new Desk();
  on.disk = 'full';
  on.write('db');
  on.write('web');
  expect([on.told, on.journal.fault?.code]).toEqual([[], 'RSE3008']);
  on.disk = 'fine';
  on.clock.advance(1000);
  expect([on.told, on.journal.fault, on.mended]).toEqual([[1, 2], null, 1]);
});

test('while nothing can be written it is tried once a second, however much happens', () => {
  const on = new Desk();
  on.disk = 'full';
  for (let round = 0; round < 1000; round += 1) on.write('db');
  expect(on.tries).toBe(1);
  on.clock.advance(3000);
  expect(on.tries).toBe(4);
});

test('of what is held back the newest states and a bounded number of records are kept', () => {
  const on = new Desk();
  const { spec } = given.service('db');
  on.disk = 'full';
  for (let run = 1; run <= 60_000; run += 1)
    on.journal.write([word('db')], { services: [{ ...newService(spec, 0), run }], changes: [] }, BY);
  on.disk = 'fine';
  on.clock.advance(1000);
  const [batch] = on.batches;
  expect([on.batches.length, batch?.services.map(({ run }) => run)]).toEqual([1, [60_000]]);
  expect([batch?.records.length, batch?.records.at(-1)?.seq]).toEqual([20_000, 60_000]);
});

test('what is held back is written at the end, if that can be done by then', () => {
  const on = new Desk();
  on.disk = 'full';
  on.write('db');
  on.disk = 'fine';
  on.journal[Symbol.dispose]();
  expect(on.batches).toHaveLength(1);
  on.clock.advance(5000);
  expect(on.batches).toHaveLength(1);
});

test('that nothing can be written is said once, and that it can be again', () => {
  const on = new Desk();
  on.disk = 'full';
  on.write('db');
  on.clock.advance(3000);
  on.write('web');
  expect(on.said).toEqual(['cannot write the state: no space left; nothing new is started until it can be']);
  on.disk = 'fine';
  on.clock.advance(1000);
  expect(on.said.slice(1)).toEqual(['the state is written again, with all that was held back']);
});
