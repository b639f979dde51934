// A stack inside a program: a server, a task that needs it, and a worker that is a function. Needs nothing but Node.
// Run it from the checkout: node examples/library/main.ts
import { createServer } from 'node:net';
import { defineStack, isRouseError, up } from '../../src/index.ts';

const port = await new Promise<number>((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const address = server.address();
    server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
  });
});
const serve = `require('node:http').createServer((q, s) => s.end('hello')).listen(${port}, '127.0.0.1')`;
const ask = `fetch('http://127.0.0.1:${port}/').then((r) => r.text()).then(console.log)`;

const demo = defineStack({
  name: 'demo',
  services: {
    web: {
      command: [process.execPath, '-e', serve],
      health: { http: `http://127.0.0.1:${port}/`, startInterval: '50ms' },
    },
    greet: { type: 'task', command: [process.execPath, '-e', ask], dependsOn: ['web'] },
    worker: {
      dependsOn: { greet: 'completed' },
      run: async ({ signal, log, ready }) => {
        log('at work');
        ready();
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      },
    },
  },
});

try {
  await using stack = await up(demo, { timeout: '30s' });
  for (const name of stack.names) console.log(name, (await stack.service(name).status()).state);
  for await (const { service, line } of stack.logs()) console.log(`${service} | ${line}`);
} catch (error) {
  console.error(isRouseError(error) ? `${error.code} ${error.message}` : error);
  process.exitCode = 1;
}
