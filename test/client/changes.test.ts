import { expect, test } from 'vitest';
import { changesClient } from '../../src/client/changes.ts';
import type { Session } from '../../src/client/session.ts';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { ConnectionError, RouseError } from '../../src/model/errors.ts';

const LOST = new ConnectionError('RSE3001', 'cannot reach the daemon: nobody listens');

/** A session whose answers are these in turn, the last one for ever; time passes by itself. */
function answering(...answers: readonly (object | Error)[]): { readonly session: Session; readonly asked: string[] } {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const session = {
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (delayMs: number, fire: () => void) => {
        queueMicrotask(() => {
          clock.advance(delayMs);
          fire();
        });
        return { [Symbol.dispose]: () => undefined };
      },
    },
    call: (_method: string, path: string) => {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push(path);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
  return { session: session as unknown as Session, asked };
}

test('a wait goes on by the same id when the daemon is lost and found again', async () => {
  const { session, asked } = answering({ ended_at: null }, LOST, LOST, { ended_at: 'now' });
  await expect(changesClient(session).settled('12')).resolves.toEqual({ ended_at: 'now' });
  expect(asked).toEqual(Array.from({ length: 4 }, () => '/api/v1/changes/12/wait'));
});

test('a daemon that does not come back within ten seconds is given up', async () => {
  const { session, asked } = answering(LOST);
  await expect(changesClient(session).settled('12')).rejects.toBe(LOST);
  expect(asked.length).toBeGreaterThan(5);
});

test('whoever waits is asked what to do at every loss, and may give up', async () => {
  const { session } = answering(LOST, new RouseError('RSE3007', 'cannot wait: the daemon is stopping'), LOST);
  const losses: string[] = [];
  // oxlint-disable-next-line require-await -- it has an answer at once
  const lost = async (loss: RouseError): Promise<void> => {
    losses.push(loss.code);
    if (losses.length === 3) throw loss;
  };
  await expect(changesClient(session).settled('12', undefined, lost)).rejects.toBe(LOST);
  expect(losses).toEqual(['RSE3001', 'RSE3007', 'RSE3001']);
});

test('a refusal is no loss', async () => {
  const refusal = new RouseError('RSE4002', 'cannot find change "12"');
  const { session, asked } = answering(refusal);
  await expect(changesClient(session).settled('12')).rejects.toBe(refusal);
  expect(asked).toHaveLength(1);
});
