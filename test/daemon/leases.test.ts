import { describe, expect, test } from 'vitest';
import { type LeaseKeeper, Leases } from '../../src/daemon/leases.ts';
import type { Actor } from '../../src/model/change.ts';
import { type FakeSupervisor, fakeSupervisor, view } from '../api/fake-supervisor.ts';

const JO: Actor = { via: 'cli', name: 'jo' };

interface Given {
  readonly leases: Leases;
  readonly supervisor: FakeSupervisor;
  readonly ends: string[];
  readonly said: string[];
  readonly settle: () => Promise<void>;
}

function given(fields: Partial<LeaseKeeper> = {}): Given {
  const supervisor = fakeSupervisor();
  const ends: string[] = [];
  const said: string[] = [];
  let ids = 0;
  const leases = new Leases({
    supervisor,
    newId: () => {
      ids += 1;
      return `lease-${ids}`;
    },
    isStopping: () => false,
    end: (why) => ends.push(why),
    life: 'of-an-up',
    say: (line) => said.push(line),
    ...fields,
  });
  const settle = async (): Promise<void> => {
    supervisor.endChange('1');
    // The change settles, then what is wanted is looked at: two turns.
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  return { leases, supervisor, ends, said, settle };
}

describe('a lease of everything that is lost', () => {
  test('ends the daemon that an up had started', () => {
    const { leases, ends, supervisor } = given();
    leases.take({ scope: 'all' }, JO).lost();
    expect([ends, supervisor.asked]).toEqual([['the terminal of jo is gone'], []]);
  });

  test('stops all services of any other daemon, which stays', async () => {
    const { leases, ends, supervisor, settle } = given({ life: 'its-own' });
    leases.take({ scope: 'all' }, JO).lost();
    expect(supervisor.asked).toMatchObject([{ action: 'down', services: [], dependents: 'include', by: JO }]);
    supervisor.views = [];
    await settle();
    expect(ends).toEqual([]);
  });

  test('ends nothing while another terminal holds something', () => {
    const { leases, ends, supervisor } = given();
    leases.take({ scope: 'services', services: ['web'] }, JO);
    leases.take({ scope: 'all' }, JO).lost();
    expect(ends).toEqual([]);
    expect(supervisor.asked).toMatchObject([{ action: 'down' }]);
  });
});

describe('a lease of some services that is lost', () => {
  test('stops them, and the daemon of an up when nothing is wanted any more', async () => {
    const { leases, ends, supervisor, settle } = given();
    leases.take({ scope: 'services', services: ['web'] }, JO).lost();
    expect(supervisor.asked).toMatchObject([{ action: 'stop', services: ['web'], dependents: 'include' }]);
    supervisor.views = [view('web', { desired: 'down' }), view('db', { desired: 'down' })];
    await settle();
    expect(ends).toEqual(['nothing is wanted any more']);
  });

  test('leaves the daemon while something else is wanted', async () => {
    const { leases, ends, supervisor, settle } = given();
    leases.take({ scope: 'services', services: ['web'] }, JO).lost();
    supervisor.views = [view('web', { desired: 'down' }), view('db')];
    await settle();
    expect(ends).toEqual([]);
  });

  test('says why when it cannot stop them', () => {
    const { leases, said, supervisor } = given();
    const lease = leases.take({ scope: 'services', services: ['web'] }, JO);
    supervisor.refuse = new Error('the store is full');
    lease.lost();
    expect(said).toEqual(['cannot stop what a lost terminal held: the store is full']);
  });
});

test('a lease that is given up stops nothing, and its stream may end', () => {
  const { leases, ends, supervisor } = given();
  const lease = leases.take({ scope: 'all' }, JO);
  expect([leases.count, leases.detach(lease.id), leases.count, lease.given.aborted]).toEqual([1, 'done', 0, true]);
  lease.lost();
  expect([ends, supervisor.asked, leases.detach(lease.id)]).toEqual([[], [], 'unknown']);
});

test('a lease is lost once', () => {
  const { leases, ends } = given();
  const lease = leases.take({ scope: 'all' }, JO);
  lease.lost();
  lease.lost();
  expect(ends).toHaveLength(1);
});

test('a lease of an unknown service is not given', () => {
  const { leases } = given();
  expect(() => leases.take({ scope: 'services', services: ['nope'] }, JO)).toThrow(
    expect.objectContaining({ code: 'RSE4001' }),
  );
  expect(leases.count).toBe(0);
});

test('a lease that ends with the daemon stops nothing more, and no other is given', () => {
  const state = { stopping: 'no' };
  const { leases, ends, supervisor } = given({ isStopping: () => state.stopping === 'yes' });
  const lease = leases.take({ scope: 'all' }, JO);
  state.stopping = 'yes';
  lease.lost();
  expect([ends, supervisor.asked]).toEqual([[], []]);
  expect(() => leases.take({ scope: 'all' }, JO)).toThrow(expect.objectContaining({ code: 'RSE3007' }));
});
