import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UNKNOWN_GROUND, type Ground } from '../../src/model/ground.ts';
import { PLAIN_POLICY } from '../../src/model/policy.ts';
import { loadRules } from '../../src/config/load.ts';
import { document, documentFaults, faultsOf, folderWith, load } from './given.ts';

const root: Ground = {
  ...UNKNOWN_GROUND,
  uid: 0,
  gid: 0,
  findUser: (user) => ({ root: { uid: 0, gid: 0 }, www: { uid: 33, gid: 33 }, toor: { uid: 0, gid: 0 } })[user] ?? null,
  findGroup: (group) => ({ root: 0, www: 33 })[group] ?? null,
  findProgram: (word) => {
    const path = word.startsWith('/') ? word : `/usr/bin/${word}`;
    return { path, real: path === '/usr/bin/tidy' ? '/usr/bin/python3' : path };
  },
};
const mate: Ground = { ...root, uid: 33, gid: 33 };
const words = (faults: readonly string[]): string[] => faults.map((fault) => fault.replace(/^(\S+) \S+ /, '$1 '));

describe('rules', () => {
  test('are plain where nothing is said', async () => {
    expect((await load({ 'rouse.toml': '[services.a]\ncommand = "x"' })).definition.policy).toEqual(PLAIN_POLICY);
  });

  test('are taken from the definition, paths from its folder', async () => {
    const { definition } = await load({
      'rouse.toml': `listen = ["127.0.0.1:7878", { address = "[::1]:0", tls_cert = "c.pem", tls_key = "/k.pem", insecure_plain_http = true }]
[security]
require_user = true
allowed_hosts = ["Rouse.Example.test:7878"]
trusted_proxies = ["10.0.0.0/8"]
operate_group = "op"
remote_definitions = true
commands = { allow = ["/usr/bin/systemctl start *"] }
api_definitions = { allow_shell = true, allow_root = true, allow_probes = true }
probe_hosts = ["169.254.1.0/24", "Db.test"]
[audit]
on_failure = "warn"`,
    });
    expect(definition.policy).toEqual({
      listen: [
        { host: '127.0.0.1', port: 7878, tls: null, plainHttp: 'loopback-only' },
        {
          host: '::1',
          port: 0,
          tls: { cert: join(definition.directory, 'c.pem'), key: '/k.pem' },
          plainHttp: 'typed-out',
        },
      ],
      allowedHosts: ['rouse.example.test:7878'],
      trustedProxies: ['10.0.0.0/8'],
      groups: { operate: 'op', view: null },
      remoteDefinitions: 'allowed',
      apiDefinitions: { shell: 'allowed', root: 'allowed', probes: 'anywhere' },
      user: 'required',
      commands: [['/usr/bin/systemctl', 'start', '*']],
      probeHosts: ['169.254.1.0/24', 'db.test'],
      auditFailure: 'warn',
      anchorCommand: null,
    });
  });

  test.for([
    ['listen = "7878"', 'RSE1102 "7878" is not an address to listen on'],
    [
      'listen = { address = "127.0.0.1:1", tls_cert = "c" }',
      'RSE1103 "tls_cert" and "tls_key" of a listener go together',
    ],
    [
      'listen = "127.0.0.1:${PORT}"',
      'RSE1301 "listen" cannot hold variables: what is allowed must not depend on who asks',
    ],
    ['security = { require_users = true }', 'RSE1104 unknown key "require_users" in "security"'],
    ['security = { require_user = "true" }', 'RSE1101 "security.require_user" must be true or false'],
    ['security = { allowed_hosts = ["http://a"] }', 'RSE1102 "http://a" is not a host'],
    ['security = { trusted_proxies = ["a"] }', 'RSE1102 "a" is neither an address nor a network'],
    ['security = { commands = { allow = ["true"] } }', 'RSE1102 "true" is not an absolute path'],
    ['security = { commands = { allow = ["/bin/a b*"] } }', 'RSE1102 "*" stands for a whole word'],
    ['security = { view_group = "none-such" }', 'RSE1123 there is no group "none-such" on this machine'],
    ['audit = { on_failure = "ignore" }', 'RSE1102 "audit.on_failure" must be "refuse" or "warn"'],
  ] as const)('%s is refused', async ([line, fault]) => {
    expect(words(await faultsOf(line, { ground: root }))).toContain(fault);
  });

  test('of the file of rules are below those of the definition, and the environment is above both', async () => {
    const folder = folderWith({ 'rules.toml': '[security]\nrequire_user = true\noperate_group = "www"' });
    const rulesFile = { path: join(folder, 'rules.toml'), need: 'required' } as const;
    const text = '[security]\nrequire_user = false\n[services.a]\ncommand = "x"';
    const { definition, origins } = await load({ 'rouse.toml': text }, { ground: { ...root, rulesFile } });
    expect(definition.policy).toMatchObject({ user: 'optional', groups: { operate: 'www' } });
    expect(origins.get('/security/operate_group')?.file).toBe(rulesFile.path);
    const asked = { ...root, rulesFile, userRule: 'required' } as const;
    expect(words(await faultsOf(text, { ground: asked }))).toEqual([
      'RSE1122 "a" does not say as whom it runs, and the daemon is root',
    ]);
  });

  test('of a file that was named and is not there are a fault', async () => {
    const ground = { ...root, rulesFile: { path: '/none/such.toml', need: 'required' } } as const;
    expect((await faultsOf('', { ground })).join(' ')).toMatch(/^RSE0103 .*cannot read "\/none\/such.toml"/);
  });

  test('are read alone where a document stands in place of the files, and files that are gone say nothing', async () => {
    const directory = folderWith({ 'rouse.toml': '[security]\nrequire_user = true\n[services.a]\ncommand = "a |"' });
    const usual = { directory, overlays: [], stdin: null, evaluate: () => Promise.resolve({}), trust: 'skip' } as const;
    expect(await loadRules({ ...usual, files: [join(directory, 'rouse.toml')] })).toMatchObject({ user: 'required' });
    expect(existsSync(join(directory, 'gone.toml'))).toBe(false);
    expect(await loadRules({ ...usual, files: [join(directory, 'gone.toml')] })).toEqual(PLAIN_POLICY);
    writeFileSync(join(directory, 'bad.toml'), '[security');
    await expect(loadRules({ ...usual, files: [join(directory, 'bad.toml')] })).rejects.toMatchObject({
      code: 'RSE0105',
    });
  });
});

describe('the list of commands', () => {
  const list = '[security]\ncommands = { allow = ["/usr/bin/systemctl start *", "/usr/bin/app"] }\n';

  test('lets what is on it through, programs found on the path', async () => {
    const text = `${list}[services.a]\nstart_command = "systemctl start a"\n[services.b]\ncommand = "app"`;
    expect(await faultsOf(text, { ground: root })).toEqual([]);
  });

  test.for([
    ['command = "tidy"', '/usr/bin/tidy'],
    ['start_command = "systemctl start a"\nstop_command = "systemctl stop a"', '/usr/bin/systemctl stop a'],
    ['start_command = "systemctl start a"\nstatus_command = "systemctl is-active a"', '/usr/bin/systemctl is-active a'],
    ['command = "app"\nhealth = { exec = "curl x" }', '/usr/bin/curl x'],
    ['command = "app"\nhooks = { before_start = "rm -f x" }', '/usr/bin/rm -f x'],
    ['command = "app"\nstop = { command = "app quit" }', '/usr/bin/app quit'],
    ['command = "app | b"\nshell = true', '/bin/sh -c "app | b"'],
    ['start_command = "systemctl start ${SERVICE}"', '/usr/bin/systemctl start --root=/x'],
  ])('refuses %s', async ([lines, argv]) => {
    const faults = await faultsOf(`${list}[services.a]\n${lines}`, {
      ground: root,
      environment: { SERVICE: '--root=/x' },
    });
    expect(words(faults)).toEqual([`RSE1121 this command is not on the list of those that may run: ${argv}`]);
  });

  test('holds for the command for anchors', async () => {
    expect(words(await faultsOf(`${list}[audit]\nanchor_command = "keep"`, { ground: root }))).toEqual([
      'RSE1121 this command is not on the list of those that may run: /usr/bin/keep',
    ]);
  });
});

describe('accounts', () => {
  test.for([
    [root, 'user = "nobody-here"', 'RSE1123 there is no user "nobody-here" on this machine'],
    [root, 'group = "nobody-here"', 'RSE1123 there is no group "nobody-here" on this machine'],
    [mate, 'user = "root"', 'RSE1123 "a" cannot run as user "root": the daemon runs as user 33 and is not root'],
    [mate, 'group = "root"', 'RSE1123 "a" cannot run as group "root": the daemon runs as user 33 and is not root'],
  ] as const)('are refused: %#', async ([ground, line, fault]) => {
    expect(words(await faultsOf(`[services.a]\ncommand = "x"\n${line}`, { ground }))).toEqual([fault]);
  });

  test('of its own are taken by who is not root', async () => {
    expect(await faultsOf('[services.a]\ncommand = "x"\nuser = "www"\ngroup = "www"', { ground: mate })).toEqual([]);
  });

  test('must be said where they are required, root too, but not for what another program holds', async () => {
    const text = `security = { require_user = true }\n[services.a]\ncommand = "x"\nuser = "root"\n[services.b]\nstart_command = "x"`;
    expect(await faultsOf(text, { ground: root })).toEqual([]);
    expect(await faultsOf(text.replace('user = "root"\n', ''), { ground: root })).toHaveLength(1);
    expect(await faultsOf(text.replace('user = "root"\n', ''), { ground: UNKNOWN_GROUND })).toEqual([]);
  });
});

describe('a document of the API', () => {
  const present = {
    policy: { ...PLAIN_POLICY, user: 'required', commands: [['/usr/bin/app']] },
    services: [],
  } as const;
  const api = { made: 'api', ground: root, present } as const;

  test('keeps the rules that there are, and cannot hold any', () => {
    const services = { a: { command: 'app', user: 'www' } };
    expect(document({ services }, api).definition.policy).toEqual(present.policy);
    expect(documentFaults({ services, security: {}, listen: '127.0.0.1:1', audit: {} }, api)).toEqual(
      ['security', 'listen', 'audit'].map(
        (key) => `RSE1120 ${key} "${key}" is a rule of the project and cannot stand in a definition of the API`,
      ),
    );
    expect(words(documentFaults({ services: { a: { command: 'other', user: 'www' } } }, api))).toEqual([
      'RSE1121 this command is not on the list of those that may run: /usr/bin/other',
    ]);
  });

  test.for([
    [{ command: 'app', user: 'root' }, 'RSE1124 "a" of a definition of the API asks for root'],
    [{ command: 'app', user: 'toor' }, 'RSE1124 "a" of a definition of the API asks for root'],
    [
      { command: 'app', user: 'www', group: 'root' },
      'RSE1124 "a" of a definition of the API asks for the group of root',
    ],
    [
      { start_command: 'app' },
      'RSE1124 "a" of a definition of the API asks for commands that run as the daemon, which is root',
    ],
    [
      { command: 'app', user: 'www', secrets: { A: '/etc/shadow' } },
      'RSE1124 secret "A" of "a" names a file, which a definition of the API cannot: the daemon reads it',
    ],
  ] as const)('may not ask for %o', ([service, fault]) => {
    expect(words(documentFaults({ services: { a: service } }, api))).toEqual([fault]);
    const services = document({ services: { a: service } }, { ground: root }).definition.services;
    expect(documentFaults({ services: { a: service } }, { ...api, present: { ...present, services } })).toEqual([]);
    const policy = { ...present.policy, apiDefinitions: { ...PLAIN_POLICY.apiDefinitions, root: 'allowed' } } as const;
    expect(documentFaults({ services: { a: service } }, { ...api, present: { policy, services: [] } })).toEqual([]);
  });

  test('may use a shell and ask other machines where the rules allow it', () => {
    const apiDefinitions = { shell: 'allowed', root: 'refused', probes: 'anywhere' } as const;
    const services = { a: { command: 'a | b', shell: true, health: 'http://db.test/' } };
    const open = { made: 'api', present: { policy: { ...PLAIN_POLICY, apiDefinitions }, services: [] } } as const;
    expect(documentFaults({ services }, open)).toEqual([]);
    const refused = new Set(documentFaults({ services }, { made: 'api' }).map((fault) => fault.slice(0, 7)));
    expect([...refused]).toEqual(['RSE1107', 'RSE1113']);
  });
});
