// A program against the public types: what must compile, and what must not.
import { type Stack, defineStack, up } from '../../src/index.ts';

export const shop = defineStack({
  name: 'shop',
  services: {
    db: { command: 'db', health: { exec: 'true', interval: '2s' } },
    migrate: { type: 'task', command: 'migrate', dependsOn: ['db'] },
    worker: { run: async ({ signal, log, ready }) => (ready(), log(String(signal.aborted))) },
    api: { command: ['node', 'api.js'], dependsOn: { db: 'ready', migrate: { when: 'completed', optional: true } } },
  },
});

export function exact(): Stack<'db' | 'migrate' | 'worker' | 'api'> {
  return shop;
}

export async function use(): Promise<void> {
  await using stack = await up(shop, { only: ['api'], timeout: '60s' });
  stack.service('api').url satisfies string | null;
  // @ts-expect-error a name that is not there
  stack.service('apii');
  // @ts-expect-error a target that is not there
  await up(shop, { only: ['apii'] });
  // @ts-expect-error a state that is not there
  await stack.service('db').waitFor('redy');
  for await (const event of stack.events()) if (event.type === 'service.phase') event.to satisfies string;
}

// @ts-expect-error a dependency that is not there invents no service
defineStack({ name: 'a', services: { a: { command: 'a', dependsOn: ['b'] }, c: { command: 'c' } } });

// @ts-expect-error nobody depends on himself
defineStack({ name: 'a', services: { a: { command: 'a', dependsOn: ['a'] } } });

// @ts-expect-error nor in a table, beside others
defineStack({ name: 'a', services: { a: { command: 'a', dependsOn: { a: 'ready' } }, b: { command: 'b' } } });

// @ts-expect-error a condition that is not there
defineStack({ name: 'a', services: { a: { command: 'a', dependsOn: { b: 'redy' } }, b: { command: 'b' } } });

// @ts-expect-error a key that is not there
defineStack({ name: 'a', services: { a: { comand: 'a' } } });
