// Rows about what stops or slows the daemon, and about definitions that want more than they may.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AttackWorld, attackWorld } from './attack-world.ts';

let ground: AttackWorld;
beforeAll(async () => {
  ground = await attackWorld();
});
afterAll(async () => {
  await ground[Symbol.asyncDispose]();
});

/** The answer to a document that would replace the definition. */
async function put(services: unknown, more: object = {}): Promise<{ readonly status: number; readonly body: string }> {
  const before = await ground.stateOf();
  const body = typeof services === 'string' ? services : JSON.stringify({ name: 'shop', services, ...more });
  const answer = await ground.ask('PUT', '/api/v1/definition', { body, headers: ['if-match: *'] });
  if (answer.status >= 400) expect(await ground.stateOf()).toEqual(before);
  return answer;
}

test.for([
  'a; b',
  'a && b',
  'a | b',
  'a > b',
  'a $(b)',
  'a `b`',
  'a $B',
  'a "b',
  'X=1 a',
  '~/a',
  'a {b,c}',
  'a\u0000b',
])('row 10: %j is no command', async (command) => {
  expect((await put({ web: { command } })).status).toBe(422);
});

test('row 10: a definition of the API reaches no shell', async () => {
  const answer = await put({ web: { command: 'id | cat', shell: true } });
  expect(answer.status).toBe(422);
});

test.for(['LD_PRELOAD', 'LD_LIBRARY_PATH', 'NODE_OPTIONS', 'BASH_ENV', 'IFS', 'A=B', 'PERL5LIB', 'GCONV_PATH'])(
  'row 12: the variable %s is refused',
  async (name) => {
    expect((await put({ web: { command: ['/bin/sleep', '1000'], env: { [name]: 'x' } } })).status).toBe(422);
  },
);

test.for(['../web', 'a/b', '..', 'Web', '-web', 'self', '__proto__', 'constructor', 'a\nb', 'a'.repeat(64)])(
  'row 13: %j is no name of a service',
  async (name) => {
    const body = `{"name":"shop","services":{${JSON.stringify(name)}:{"command":["/bin/sleep","1000"]}}}`;
    expect([400, 422]).toContain((await put(body)).status);
  },
);

test('row 23: a pattern that others choke on is matched in time', async () => {
  const started = performance.now();
  const answer = await ground.ask('GET', `/api/v1/logs?q=${encodeURIComponent('^(a+)+$')}`);
  expect(answer.status).toBe(200);
  expect(performance.now() - started).toBeLessThan(1000);
  expect((await ground.ask('GET', `/api/v1/logs?q=${encodeURIComponent('(?<=a)b')}`)).status).toBeGreaterThanOrEqual(
    400,
  );
});

test('row 24: a document as deep as a well, or with keys of every object, is refused in a second', async () => {
  const started = performance.now();
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  expect((await put(`{"name":"shop","services":${deep}}`)).status).toBeGreaterThanOrEqual(400);
  expect((await put('{"name":"shop","__proto__":{"x":1},"services":{}}')).status).toBe(400);
  expect((await put('{"name":"shop","nonsense":1,"services":{}}')).status).toBe(422);
  expect(performance.now() - started).toBeLessThan(1000);
});

test('row 25: a body that is too long is refused, and what is decided on is what was read', async () => {
  // Told by its length alone: whoever still writes when the answer comes may not get to read it.
  const head = 'POST /api/v1/changes HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
  const long = () => ground.raw(`${head}content-length: 307200\r\nconnection: close\r\n\r\n`);
  expect(await ground.refusedWithoutTrace(long, { status: 413, code: 'RSE4103', recorded: 'no' })).toBe('refused');
  const empty = ['content-length: 0', 'content-type: application/json'];
  expect((await ground.ask('POST', '/api/v1/changes', { headers: empty })).status).toBeGreaterThanOrEqual(400);
});

test('row 25: headers that are too long are refused', async () => {
  const answer = await ground.ask('GET', '/healthz', { headers: [`x-long: ${'a'.repeat(40 * 1024)}`] });
  expect(answer.status).toBe(431);
});

test('row 25: two lengths, or a length and chunks, are no request', async () => {
  const before = await ground.stateOf();
  for (const lengths of [
    'content-length: 3\r\ncontent-length: 30',
    'content-length: 3\r\ntransfer-encoding: chunked',
  ]) {
    const text = `POST /api/v1/changes HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${lengths}\r\nconnection: close\r\n\r\n{}x`;
    expect((await ground.raw(text)).status).toBe(400);
  }
  expect(await ground.stateOf()).toEqual(before);
});

test('row 32: images are refused as not yet supported', async () => {
  const answer = await put({ web: { image: 'docker.io/evil' } });
  expect(answer.status).toBe(422);
});
