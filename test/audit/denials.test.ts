import { expect, test } from 'vitest';
import { Denials } from '../../src/audit/denials.ts';
import { VirtualClock } from '../../src/clock/virtual.ts';
import type { AuditEntry } from '../../src/model/audit.ts';
import { entryOf } from './given.ts';

const denial = (fields: Partial<AuditEntry> = {}): AuditEntry =>
  entryOf('authn.fail', { stage: 'denied', outcome: 'denied', remote: '10.0.0.1:4000', reason: 'RSE4112', ...fields });

test('the first refusal of a source is written at once, and the others of ten seconds as one with their number', () => {
  const clock = new VirtualClock();
  const written: AuditEntry[] = [];
  using denials = new Denials(clock, (entry) => written.push(entry));
  for (let port = 1; port <= 18; port += 1) denials.take(denial({ remote: `10.0.0.1:${port}` }));
  denials.take(denial({ remote: '10.0.0.2:1' }));
  denials.take(denial({ reason: 'RSE4105' }));
  expect(written.map(({ params }) => params)).toEqual([{}, {}, {}]);
  clock.advance(10_000);
  expect(written.slice(3).map(({ remote, params }) => [remote, params])).toEqual([['10.0.0.1:1', { count: 17 }]]);
  denials.take(denial());
  expect(written).toHaveLength(5);
});

test('a flood from ever other sources is summed as one', () => {
  const clock = new VirtualClock();
  const written: AuditEntry[] = [];
  using denials = new Denials(clock, (entry) => written.push(entry));
  for (let host = 0; host < 5000; host += 1) denials.take(denial({ remote: `10.1.${host >> 8}.${host & 255}:1` }));
  clock.advance(10_000);
  expect(written.length).toBeLessThan(210);
  expect(written.at(-1)).toMatchObject({ reason: 'many sources', remote: null, params: { count: 4799 } });
});

test('what was counted is written at the end', () => {
  const written: AuditEntry[] = [];
  const denials = new Denials(new VirtualClock(), (entry) => written.push(entry));
  denials.take(denial());
  denials.take(denial());
  denials[Symbol.dispose]();
  expect(written.at(-1)?.params).toEqual({ count: 1 });
});
