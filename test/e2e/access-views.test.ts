// What each role is shown of a project in which a word stands at every place that is not for everybody's eyes.
import { chmodSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROUTES } from '../../src/api/routes.ts';
import { type World, cliWorld } from './cli-world.ts';

const MARK = 'Marker-7f3a91';
const ENV_MARK = 'Value-c41b02';
const TEXT = `
name = "shop"

[services.web]
command = ["sleep", "1000", "--", "${MARK}-argument"]
cwd = "${MARK}-folder"
env = { SETTING = "${ENV_MARK}", "A_${MARK.replaceAll('-', '_')}" = "${ENV_MARK}-too" }
health = { exec = ["sh", "-c", "echo ${MARK}-output $SETTING >&2; exit 3"], interval = "100ms", retries = 1, on_failure = "none" }
settle = "10ms"
hooks = { before_stop = { command = ["sh", "-c", "echo ${MARK}-hook; exit 4"] } }
labels = { team = "shop" }

[services.lost]
command = ["/opt/${MARK}/program", "${MARK}-argument"]
restart = "no"

[services.gone]
command = ["${MARK}-program"]
restart = "no"

[services.managed]
start_command = ["sh", "-c", "echo ${MARK}-said >&2; exit 5"]
stop_command = ["true", "${MARK}-stop"]
restart = "no"

[services.watched]
command = ["sleep", "1000"]
ready = { file = "/tmp/${MARK}-file" }
start_timeout = "300ms"
restart = "no"
env = { OTHER = "${ENV_MARK}" }
`;
const ROLES = ['viewer', 'operator', 'admin'] as const;

let world: World;
let port = 0;
const tokens = new Map<string, string>();

beforeAll(async () => {
  world = cliWorld(TEXT);
  world.write(`${MARK}-folder/x`, '');
  for (const role of ROLES) {
    const made = (await world.json(['token', 'new', role, '--role', role])) as { readonly token: string };
    tokens.set(role, made.token);
  }
  await world.run(['up', '-d', '--listen', '127.0.0.1:0', '--wait-timeout', '2s']);
  const { listeners } = (await world.json(['daemon', 'status'])) as {
    readonly listeners: readonly { readonly address: string }[];
  };
  port = Number(listeners.map(({ address }) => /^127\.0\.0\.1:(\d+)$/.exec(address)?.[1]).find(Boolean));
  await world.run(['health', 'web']);
  await world.run(['restart', 'web', '--wait-timeout', '2s']);
}, 60_000);

afterAll(() => world[Symbol.asyncDispose]());

interface Answered {
  readonly status: number;
  readonly text: string;
}

function ask(
  role: string,
  path: string,
  more: { readonly accept?: string; readonly method?: string } = {},
): Promise<Answered> {
  const { accept = 'application/json', method = 'GET' } = more;
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${tokens.get(role) ?? ''}`, accept };
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (message) => {
      let text = '';
      message.setEncoding('utf8');
      message.on('data', (chunk: string) => {
        text += chunk;
        // A stream does not end by itself: its first part is what was kept.
        if (accept !== 'application/json' && text.includes('event: service.phase')) message.destroy();
      });
      message.on('close', () => resolve({ status: message.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

const SERVICES = ['web', 'lost', 'gone', 'managed', 'watched'];

/** Every GET route, for each service and each change that there is. */
async function addresses(): Promise<readonly string[]> {
  const { text } = await ask('admin', '/api/v1/changes');
  const changes = (JSON.parse(text) as { readonly data: readonly { readonly id: string }[] }).data.map(({ id }) => id);
  const all = ROUTES.filter(({ method }) => method === 'GET').flatMap(({ path }) => {
    if (path.includes('{name}')) return SERVICES.map((name) => path.replace('{name}', name));
    if (path.includes('{id}')) return changes.map((id) => path.replace('{id}', id));
    return [path.replace('{code}', 'RSE2101')];
  });
  return [
    ...all,
    '/api/v1/services/web/health?ask=true',
    '/api/v1/events?since_seq=0',
    '/api/v1/nothing',
    '/api/v1/services/we',
  ];
}

test.for(['viewer', 'operator'] as const)(
  '%s finds no command, environment, folder or path in any answer',
  async (role) => {
    const paths = await addresses();
    expect(paths.length).toBeGreaterThan(40);
    const shown: string[] = [];
    for (const path of paths) {
      // Output may hold anything: operators read it as it is.
      if (path.includes('/logs') && role === 'operator') continue;
      const { status, text: whole } = await ask(role, path);
      // The last lines of what did not start are output too.
      const text = role === 'operator' ? whole.replaceAll(/"log":\[[^\]]*\]/g, '') : whole;
      if (status === 200) shown.push(path);
      expect([path, text.includes(MARK), text.includes(ENV_MARK), text.includes(world.folder)]).toEqual([
        path,
        false,
        false,
        false,
      ]);
      expect([path, text.includes(MARK.replaceAll('-', '_'))]).toEqual([path, false]);
    }
    expect(shown).toEqual(
      expect.arrayContaining(['/api/v1/services', '/api/v1/events', '/api/v1/services/lost/explain', '/api/v1/system']),
    );
  },
);

test('the same answers hold it for an admin, so that the tests above look at something', async () => {
  const hits: string[] = [];
  for (const path of await addresses()) if ((await ask('admin', path)).text.includes(MARK)) hits.push(path);
  expect(hits).toEqual(
    expect.arrayContaining([
      '/api/v1/services/list',
      '/api/v1/definition',
      '/api/v1/services/lost',
      '/api/v1/services/lost/explain',
      '/api/v1/services/web/checks',
      '/api/v1/events',
    ]),
  );
});

test('an admin finds the value of no variable in any answer but the output of services', async () => {
  const definition = (await ask('admin', '/api/v1/definition')).text;
  expect(definition).toContain('"SETTING":"***"');
  for (const path of await addresses())
    if (!path.includes('/logs') && !path.includes('/checks') && !path.includes('/health') && !path.includes('/events'))
      expect([path, (await ask('admin', path)).text.includes(ENV_MARK)]).toEqual([path, false]);
});

test.for(['viewer', 'operator'] as const)('%s finds none of it in the stream of events', async (role) => {
  const stream = { accept: 'text/event-stream' };
  const { text } = await ask(role, '/api/v1/events?since_seq=0&snapshot=1', stream);
  expect(text).toContain('event: snapshot');
  expect([text.includes(MARK), text.includes(ENV_MARK), text.includes(world.folder)]).toEqual([false, false, false]);
});

test('the file of the tokens is closed to others, and one that is opened lets nobody in', async () => {
  const path = `${world.folder}/state/shop/tokens.json`;
  chmodSync(path, 0o644);
  expect((await ask('admin', '/api/v1/system')).status).toBe(401);
  chmodSync(path, 0o600);
  expect((await ask('admin', '/api/v1/system')).status).toBe(200);
});
