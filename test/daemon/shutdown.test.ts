import { expect, test } from 'vitest';
import { type EndMode, type Endings, Shutdown } from '../../src/daemon/shutdown.ts';

const BY = { via: 'rouse', name: 'rouse' } as const;

function given(fields: Partial<Endings> = {}): { shutdown: Shutdown; steps: string[] } {
  const steps: string[] = [];
  const ending = new AbortController();
  ending.signal.addEventListener('abort', () => steps.push('streams'));
  const step = (name: string): Promise<void> => {
    steps.push(name);
    return Promise.resolve();
  };
  const shutdown = new Shutdown({
    supervisor: { down: () => step('services'), [Symbol.asyncDispose]: () => step('supervisor') },
    api: { close: () => step('socket') },
    ending,
    trail: { [Symbol.asyncDispose]: () => step('trail') },
    lock: { [Symbol.dispose]: () => steps.push('lock') },
    say: () => undefined,
    ...fields,
  });
  return { shutdown, steps };
}

test.for([
  ['services-too', ['services', 'streams', 'socket', 'supervisor', 'trail', 'lock']],
  ['daemon-alone', ['streams', 'socket', 'supervisor', 'trail', 'lock']],
] as const)('the end %s goes in order', async ([mode, order]) => {
  const { shutdown, steps } = given();
  expect(shutdown.state).toBe('running');
  shutdown.begin(mode, 'asked', BY);
  expect(shutdown.state).toBe('stopping');
  await shutdown.ended;
  expect(steps).toEqual(order);
});

test('the end begins once', async () => {
  const { shutdown, steps } = given();
  for (const mode of ['daemon-alone', 'services-too'] satisfies EndMode[]) shutdown.begin(mode, 'asked', BY);
  await shutdown.ended;
  expect(steps).not.toContain('services');
});

test('a step that fails is said, and the others are done', async () => {
  const said: string[] = [];
  const { shutdown, steps } = given({
    say: (line) => said.push(line),
    api: { close: () => Promise.reject(new Error('it is stuck')) },
  });
  shutdown.begin('services-too', 'asked', BY);
  await shutdown.ended;
  expect(said).toEqual(['stopping: asked', 'cannot close the socket: it is stuck', 'ended']);
  expect(steps).toEqual(['services', 'streams', 'supervisor', 'trail', 'lock']);
});
