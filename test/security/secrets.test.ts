// Rows about what is confided to a service, and about what a service can reach of the daemon and of others.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROUTES } from '../../src/api/routes.ts';
import { type World, until } from '../e2e/daemon-world.ts';
import { type AttackWorld, asStranger, attackWorld } from './attack-world.ts';

const ENTRY = join(import.meta.dirname, '../../bin/rouse.js');
const KEY = 'k3y-0f-the-keeper-5f1e';
const VARIABLE = 'v4riable-0f-the-keeper-77aa';
const TOLD = 't0ld-by-the-teller-91c3';
const KEEPER = 61_260;

/** What a service that was broken into tries; whatever it gets is told by a line that begins with "got". */
const attackOn = ({ paths }: World): string =>
  [
    `curl -s -o /dev/null --unix-socket ${paths.socket} http://localhost/api/v1/system && echo got socket`,
    ...[paths.runtime, paths.state, paths.credentials, paths.logs, paths.runs].map(
      (folder) => `ls ${folder} >/dev/null 2>&1 && echo got ${folder}`,
    ),
    ...[
      `${paths.credentials}/keeper/API_KEY`,
      `${paths.credentials}/.keeper`,
      paths.audit,
      paths.store,
      paths.daemonLog,
      paths.tokens,
    ].map((file) => `cat ${file} >/dev/null 2>&1 && echo got ${file}`),
    `for each in /proc/[0-9]*/environ; do grep -qsa ${VARIABLE.slice(0, -4)} $each && echo got $each; done`,
    `test -e ${paths.runtime} && echo seen`,
    'echo tried; exec sleep 1000',
  ].join('\n');

const services = (shop: World): string => `
[services.keeper]
command = "sleep 1000"
user = "${KEEPER}"
secrets = { API_KEY = "key", AS_VARIABLE = { file = "variable", as = "env" } }
[services.teller]
command = ["/bin/sh", "-c", ${JSON.stringify('cat $CREDENTIALS_DIRECTORY/TOLD; echo; exec sleep 1000')}]
user = "61263"
secrets = { TOLD = "told" }
[services.spy]
command = ["/bin/sh", "-c", ${JSON.stringify(attackOn(shop))}]
cwd = "/"
user = "61261"
depends_on = ["keeper"]
[services.walled]
command = ["/bin/sh", "-c", ${JSON.stringify(attackOn(shop))}]
cwd = "/"
user = "61262"
sandbox = "strict"
depends_on = ["keeper"]
`;

let ground: AttackWorld;
beforeAll(async () => {
  ground = await attackWorld((shop) => {
    for (const [name, text] of Object.entries({ key: KEY, variable: VARIABLE, told: TOLD }))
      writeFileSync(join(shop.root, name), text, { mode: 0o600 });
    return services(shop);
  });
});
afterAll(async () => {
  await ground[Symbol.asyncDispose]();
});

function rouse(...words: readonly string[]): string {
  const { root, order } = ground.shop;
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: root,
    ROUSE_RUNTIME_DIR: order.folders.runtime,
    ROUSE_STATE_DIR: order.folders.state,
  };
  return execFileSync(process.execPath, [ENTRY, ...words], { cwd: root, env, encoding: 'utf8' });
}

async function pidOf(name: string): Promise<number> {
  return (await ground.shop.connect().services.list()).find((each) => each.name === name)?.pid ?? 0;
}

const SECRETS = new RegExp([KEY, VARIABLE, TOLD].join('|'));

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function commandLines(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        // It ended between the two looks.
        return '';
      }
    });
}

test('row 20: a service has its secrets as files that are its own, and as the variable that it asked for', async () => {
  const { credentials } = ground.shop.paths;
  const path = join(credentials, 'keeper', 'API_KEY');
  expect(readFileSync(path, 'utf8')).toBe(KEY);
  const { mode, uid } = statSync(path);
  expect([mode & 0o777, uid]).toEqual([0o400, KEEPER]);
  const environment = readFileSync(`/proc/${await pidOf('keeper')}/environ`, 'utf8');
  expect(environment).toContain(VARIABLE);
  expect(environment).not.toContain(KEY);
});

test('row 20: a secret is in no answer, even to an admin', async () => {
  await until(() => rouse('logs', 'teller', '--no-prefix').includes('***'), 'it has told it, hidden');
  const routes = ROUTES.filter(({ method, stream }) => method === 'GET' && stream !== 'always');
  for (const { path } of routes)
    for (const name of ['keeper', 'teller']) {
      const { body } = await ground.ask('GET', path.replaceAll('{name}', name).replaceAll('{id}', 'x'));
      expect([path, SECRETS.test(body)]).toEqual([path, false]);
    }
  for (const words of [
    ['status'],
    ['logs'],
    ['logs', '--json'],
    ['explain', 'keeper'],
    ['events'],
    ['audit'],
    ['doctor'],
  ])
    expect([words, SECRETS.test(rouseOrNot(words))]).toEqual([words, false]);
});

// `doctor` ends with 1 where it finds something.
function rouseOrNot(words: readonly string[]): string {
  try {
    return rouse(...words);
  } catch (error) {
    return JSON.stringify(error);
  }
}

test('row 20: a secret is in no list of processes, on no record, and on no disk but where it is handed over', async () => {
  for (let nth = 0; nth < 5; nth += 1) {
    await ground.ask('POST', '/api/v1/services/keeper/restart', { body: '{"dependents":"ignore"}' });
    expect(commandLines().some((line) => SECRETS.test(line))).toBe(false);
  }
  const { runtime, state, credentials, logs } = ground.shop.paths;
  const found = [...filesBelow(runtime), ...filesBelow(state)].filter((file) =>
    SECRETS.test(readFileSync(file, 'latin1')),
  );
  // What a service prints itself stands in its output; nobody but the daemon reads the file of it.
  expect(found.filter((file) => !file.startsWith(`${credentials}/`) && !file.startsWith(`${logs}/`))).toEqual([]);
  for (const file of found)
    expect([file, asStranger(['cat', file]).text]).toEqual([file, expect.stringMatching('denied')]);
  expect(found.filter((file) => file.startsWith(`${logs}/`) && /keeper/.test(file))).toEqual([]);
  expect(SECRETS.test(JSON.stringify(ground.records()))).toBe(false);
});

test('row 20: secrets that were handed over are gone when their service has ended', async () => {
  const { credentials } = ground.shop.paths;
  await ground.ask('POST', '/api/v1/services/teller/stop', { body: '{}' });
  await expect
    .poll(() => readdirSync(credentials).filter((name) => name.includes('teller')), { timeout: 10_000 })
    .toEqual([]);
});

test.for(['spy', 'walled'])(
  'row 17: %s, as a user of its own, reaches nothing of the daemon or of other services',
  async (name) => {
    await until(() => rouse('logs', name, '--no-prefix').includes('tried'), 'it has tried everything');
    const lines = rouse('logs', name, '--no-prefix').split('\n');
    expect(lines.filter((line) => line.includes('got '))).toEqual([]);
    // The runtime folder may be passed through; behind the wall it is not there at all.
    expect(lines.some((line) => line.includes('seen'))).toBe(name === 'spy');
  },
);

test('row 17: the same attack does reach it all when it is no user of its own that tries', () => {
  // Root is no stranger: what is refused above is refused for who asks, and not because nothing was there.
  const text = execFileSync('/bin/sh', ['-c', attackOn(ground.shop).replace('exec sleep 1000', '')], {
    encoding: 'utf8',
  });
  for (const what of ['socket', ground.shop.paths.runtime, ground.shop.paths.audit, ground.shop.paths.store])
    expect(text).toContain(`got ${what}`);
  expect(text).toMatch(/got \/proc\/\d+\/environ/);
});
