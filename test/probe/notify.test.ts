import { expect, test } from 'vitest';
import type { Notice } from '../../src/ports/notices.ts';
import type { ProbeSubject } from '../../src/ports/prober.ts';
import { notifyKind } from '../../src/probe/notify.ts';
import { given } from '../core/given.ts';

const asked = async (notice: Notice | null): Promise<{ answer: string; message: string; isWatching: boolean }> => {
  const watch = (): Disposable => ({ [Symbol.dispose]: () => undefined });
  const kind = notifyKind({ of: () => notice, beatAt: () => null, watch });
  const subject: ProbeSubject = {
    service: 'api',
    run: 1,
    question: 'readiness',
    probe: {
      target: { type: 'notify', access: 'main' },
      intervalMs: 1000,
      startIntervalMs: 1000,
      timeoutMs: 1000,
      failureThreshold: 1,
      successThreshold: 1,
      graceMs: 0,
    },
    spec: given.service('api').spec,
    cadence: 'starting',
  };
  using asker = kind.open(subject, () => undefined);
  return { ...(await asker.ask(new AbortController().signal)), isWatching: asker.isWatching() };
};

test('a run is ready once it has said so', async () => {
  expect(await asked({ ready: 'no', failing: 'no', stranger: null })).toMatchObject({
    answer: 'fail',
    isWatching: true,
  });
  expect(await asked({ ready: 'yes', failing: 'no', stranger: null })).toMatchObject({ answer: 'pass' });
});

test('who was not listened to is named, with the way to listen to him', async () => {
  const { answer, message } = await asked({ ready: 'no', failing: 'no', stranger: 77 });
  expect(answer).toBe('fail');
  expect(message).toContain('process 77');
  expect(message).toContain('notify = "all"');
});

test('while nobody listens to the run yet, it is asked again and again', async () => {
  expect(await asked(null)).toMatchObject({ answer: 'fail', isWatching: false });
});
