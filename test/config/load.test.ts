import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadDefinition } from '../../src/config/load.ts';
import type { Spec } from '../../src/model/spec.ts';
import { document, documentFaults, faultsIn, folderWith, issuesIn, load } from './given.ts';

const GUIDE = [
  {
    name: 'coredns',
    description: 'CoreDNS DNS server',
    dependencies: [],
    start_command: 'systemctl start coredns',
    stop_command: 'systemctl stop coredns',
    health_check_endpoint: 'http://localhost:53/health',
  },
  {
    name: 'oci-registry',
    description: 'OCI distribution registry',
    dependencies: ['coredns'],
    start_command: 'systemctl start oci-registry',
    stop_command: 'systemctl stop oci-registry',
    health_check_endpoint: 'http://localhost:5000/v2/',
  },
  {
    name: 'orchestrator',
    description: 'Main orchestrator service',
    dependencies: ['coredns', 'oci-registry'],
    start_command: './scripts/start-orchestrator.nu --background',
    stop_command: './scripts/start-orchestrator.nu --stop',
    health_check_endpoint: 'http://localhost:8080/health',
  },
];

const [coredns, registry, orchestrator] = GUIDE.map((service) => ({ ...service }));

const tables = GUIDE.map(
  ({ name, ...service }) =>
    `[services.${name}]\n${Object.entries(service)
      .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
      .join('')}`,
).join('\n');

const SHAPES: Readonly<Record<string, readonly [string, string]>> = {
  'a JSON list of structures': ['platform.json', JSON.stringify(GUIDE, null, 2)],
  'a JSON table by name': ['platform.json', JSON.stringify({ services: byName() })],
  'JSON with comments': ['platform.jsonc', `// the platform\n${JSON.stringify({ services: GUIDE })}`],
  'TOML tables by name': ['platform.toml', tables],
  'a TOML list of tables': ['platform.toml', tables.replaceAll(/\[services\.(.*)\]/g, '[[services]]\nname = "$1"')],
  'a YAML list of structures': ['platform.yaml', JSON.stringify(GUIDE, null, 2)],
  'YAML by name': [
    'platform.yml',
    `services:\n${GUIDE.map(
      ({ name, ...service }) =>
        `  ${name}:\n${Object.entries(service)
          .map(([key, value]) => `    ${key}: ${JSON.stringify(value)}\n`)
          .join('')}`,
    ).join('')}`,
  ],
};

function byName(): Record<string, unknown> {
  return Object.fromEntries(GUIDE.map(({ name, ...service }) => [name, service]));
}

const meaning = ({ origin: _, hash, ...spec }: Spec): unknown => ({ hash, name: spec.name });

describe('the guide', () => {
  test.for(Object.entries(SHAPES))('its services are read from %s', async ([, [file, text]]) => {
    const { definition } = await load({ [file]: text }, { files: [file] });
    const same = document([coredns, registry, orchestrator], { directory: definition.directory });
    expect(definition.services.map(meaning)).toEqual(same.definition.services.map(meaning));
    expect(definition.services.map(({ name }) => name)).toEqual(['coredns', 'oci-registry', 'orchestrator']);
    expect(definition.name).toBe('platform');
  });

  test('its structure means what it says, with the defaults of a service that another program holds', () => {
    const [spec] = document([registry]).definition.services;
    expect(spec).toMatchObject({
      description: 'OCI distribution registry',
      kind: 'service',
      execution: {
        type: 'command',
        start: { argv: ['systemctl', 'start', 'oci-registry'], via: 'exec', source: 'systemctl start oci-registry' },
        stop: { argv: ['systemctl', 'stop', 'oci-registry'] },
        status: null,
      },
      dependencies: [{ name: 'coredns', when: 'ready', need: 'required', onLoss: 'ignore' }],
      readiness: { type: 'probe', probe: { target: { type: 'http', url: 'http://localhost:5000/v2/' } } },
      liveness: { onFailure: 'none' },
      healthCheckEndpoint: 'http://localhost:5000/v2/',
      url: 'http://localhost:5000',
    });
  });

  test('its address on port 53 is taken as it stands', () => {
    const [spec] = document([coredns]).definition.services;
    expect(spec?.healthCheckEndpoint).toBe('http://localhost:53/health');
    expect(spec?.liveness?.probe.target).toMatchObject({ type: 'http', url: 'http://localhost:53/health' });
  });

  test('its .nu scripts run through Nushell', () => {
    const [spec] = document([orchestrator]).definition.services;
    expect(spec?.execution).toMatchObject({
      start: { argv: ['./scripts/start-orchestrator.nu', '--background'], via: 'nushell' },
      stop: { argv: ['./scripts/start-orchestrator.nu', '--stop'], via: 'nushell' },
    });
  });

  test('its names in camelCase are taken from a program', () => {
    const made = document({
      services: {
        coredns: {
          description: 'CoreDNS DNS server',
          startCommand: 'systemctl start coredns',
          stopCommand: 'systemctl stop coredns',
          healthCheckEndpoint: 'http://localhost:53/health',
        },
      },
    });
    expect(made.definition.services.map(meaning)).toEqual(document([coredns]).definition.services.map(meaning));
  });

  test('an empty stop command and a missing description are what the guide leaves out', () => {
    const [spec] = document([{ name: 'a', start_command: 'x', stop_command: '', health_check_endpoint: null }])
      .definition.services;
    expect(spec).toMatchObject({ description: '', execution: { stop: null }, healthCheckEndpoint: null });
  });
});

describe('files', () => {
  const web = '[services.web]\ncommand = "node web.js"\n';

  test('later files win, key by key', async () => {
    const { definition } = await load(
      {
        'a.toml': `${web}env = { A = "1", B = "1" }\nautostart = false\n`,
        'b.yaml': 'services:\n  web:\n    env: { B: "2" }\n  db:\n    command: postgres\n',
      },
      { files: ['a.toml', 'b.yaml'] },
    );
    expect(definition.services.map(({ name, env, autostart }) => [name, env, autostart])).toEqual([
      ['web', { A: '1', B: '2' }, 'no'],
      ['db', {}, 'yes'],
    ]);
    expect(definition.files.map((file) => file.replace(/^.*\//, ''))).toEqual(['a.toml', 'b.yaml']);
  });

  test('an included file is read first and loses; its paths start from its own folder', async () => {
    const { definition } = await load({
      'rouse.toml': `include = ["parts/db.toml"]\n${web}[services.db]\nautostart = false\n`,
      'parts/db.toml': '[services.db]\ncommand = "postgres"\ncwd = "pg"\n',
    });
    const db = definition.services.find(({ name }) => name === 'db');
    expect(db?.autostart).toBe('no');
    expect(db?.cwd).toBe(join(definition.directory, 'parts/pg'));
    expect(definition.services.find(({ name }) => name === 'web')?.cwd).toBe(definition.directory);
  });

  test('files that include each other are told with the circle', async () => {
    const faults = await faultsIn({ 'rouse.toml': 'include = "b.toml"', 'b.toml': 'include = ["rouse.toml"]' });
    expect(faults).toEqual([
      'RSE0103 b.toml:1:12+12 files include each other in a circle: rouse.toml › b.toml › rouse.toml',
    ]);
  });

  test('overlays and then the local file go on top', async () => {
    const files = {
      'rouse.toml': `${web}env = { A = "0", B = "0", C = "0" }`,
      'rouse.prod.toml': '[services.web.env]\nB = "prod"\nC = "prod"',
      'rouse.local.yaml': 'services: { web: { env: { C: local } } }',
    };
    const { definition } = await load(files, { overlays: ['prod'] });
    expect(definition.services[0]?.env).toEqual({ A: '0', B: 'prod', C: 'local' });
    expect((await load(files)).definition.services[0]?.env).toEqual({ A: '0', B: '0', C: 'local' });
  });

  test('an overlay that does not exist is a fault', async () => {
    const [fault] = await faultsIn({ 'rouse.toml': web }, { overlays: ['prod'] });
    expect(fault).toContain('RSE0101  cannot find the overlay "prod"');
  });

  test('standard input is taken for what it looks like', async () => {
    for (const stdin of [
      web,
      'services:\n  web:\n    command: node web.js\n',
      '[{"name": "web", "command": "node web.js"}]',
    ]) {
      const { definition } = await load({}, { files: ['-'], stdin, project: 'shop' });
      expect(definition.services[0]?.execution).toMatchObject({ command: { argv: ['node', 'web.js'] } });
      expect(definition.services[0]?.origin?.file).toBe('<stdin>');
    }
  });

  test('a script is evaluated; its values have the file for a place', async () => {
    const evaluate = (): Promise<unknown> => Promise.resolve({ services: { web: { command: 'x', dependsOn: [3] } } });
    const faults = await faultsIn({ 'rouse.config.ts': '' }, { evaluate });
    expect(faults).toEqual(['RSE1101 rouse.config.ts:1:1+1 "depends_on[0]" of "web" must be a text']);
  });

  test('what a script failed with is a fault like another', async () => {
    const [fault] = await faultsIn({ 'rouse.config.ts': '' });
    expect(fault).toBe('RSE0103 rouse.config.ts:1:1+1 nothing is evaluated here');
  });

  test('a file whose ending says nothing is refused', async () => {
    const [fault] = await faultsIn({ 'a.conf': web }, { files: ['a.conf'] });
    expect(fault).toBe('RSE0103 a.conf:1:1+1 cannot read "<folder>/a.conf": its ending says nothing of its syntax');
  });

  test('a syntax error keeps what refers to the file from being reported', async () => {
    const files = { 'rouse.toml': 'include = "t.toml"\n[services.web]\nuse = "api"\n', 't.toml': '[templates.api\n' };
    expect((await issuesIn(files)).map(({ code }) => code)).toEqual(['RSE0105']);
  });

  test('all files are looked at, and their faults come in the order of files and lines', async () => {
    const faults = await faultsIn(
      { 'a.toml': '[services.a]\ncommand = "x"\nsettle = 1\ncolour = "red"\n', 'b.toml': 'nmae = "x"\n[services.b]\n' },
      { files: ['a.toml', 'b.toml'] },
    );
    expect(faults).toEqual([
      'RSE1111 a.toml:3:10+1 "settle" of "a" needs its unit',
      'RSE1104 a.toml:4:1+6 unknown key "colour" in service "a"',
      'RSE1104 b.toml:1:1+4 unknown key "nmae" in the definition',
      'RSE1103 b.toml:2:1+12 "b" does not say how it runs',
    ]);
  });

  test('faults of the graph are reported together with the others', async () => {
    const issues = await issuesIn(
      { 'rouse.toml': '[services.a]\ncommand = "x"\ndepends_on = ["b"]\nsettle = 1' },
      {
        check: (specs) =>
          specs.flatMap((spec) =>
            spec.dependencies.map(({ name, origin }) => ({
              code: 'RSE1203' as const,
              message: `${spec.name} ${name}`,
              origin,
              length: 3,
              path: [],
              suggestion: null,
              hint: null,
              also: [],
              services: [],
            })),
          ),
      },
    );
    expect(issues.map(({ code, origin }) => [code, origin?.line, origin?.column])).toEqual([
      ['RSE1203', 3, 15],
      ['RSE1111', 4, 10],
    ]);
  });

  test('more than 10,000 services are refused', async () => {
    const services = Array.from({ length: 10_001 }, (_, index) => `{"name":"s${index}","command":"x"}`);
    const faults = await faultsIn({ 'a.json': `[${services.join(',')}]` }, { files: ['a.json'] });
    expect(faults).toEqual(['RSE1116 services the definition has 10001 services, 10000 at most']);
  });

  test('more than 1,000 files are refused', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `f${index}.json`);
    const files = Object.fromEntries(names.map((name) => [name, '{}']));
    const faults = await faultsIn({ ...files, 'rouse.json': JSON.stringify({ include: names }) });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('RSE1116');
  });
});

describe('what is known of a definition', () => {
  const text = [
    '[defaults]',
    'env = { LEVEL = "${LEVEL:-info}" }',
    '[services.web]',
    'command = "node ${project.dir}/web.js ${HOME}"',
  ].join('\n');

  test('the resolved document is merged and filled in, in short names', async () => {
    const { resolved, definition } = await load({ 'rouse.toml': text }, { environment: { HOME: '/root' } });
    expect(resolved).toEqual({
      name: definition.name,
      services: { web: { env: { LEVEL: 'info' }, command: `node ${definition.directory}/web.js /root` } },
    });
  });

  test('the resolved document means the same', async () => {
    const { resolved, definition } = await load({ 'rouse.toml': text }, { environment: { HOME: '/root' } });
    const again = document(resolved, { directory: definition.directory }).definition.services[0];
    expect(again?.env).toEqual(definition.services[0]?.env);
    expect(again?.execution).toMatchObject({ command: { argv: ['node', `${definition.directory}/web.js`, '/root'] } });
  });

  test('each of its values has an origin', async () => {
    const { origins } = await load({ 'rouse.toml': text }, { environment: { HOME: '/root' } });
    const places = [...origins].map(([pointer, { line, column }]) => `${pointer} ${line}:${column}`);
    expect(places).toContain('/services/web/env/LEVEL 2:17');
    expect(places).toContain('/services/web 3:1');
    expect(places).toContain('/services/web/command 4:11');
  });

  test('the names of the environment that it asks for are known, set or not', async () => {
    const { variables } = await load({ 'rouse.toml': text }, { environment: { HOME: '/root', OTHER: 'x' } });
    expect(variables).toEqual(['HOME', 'LEVEL']);
  });

  test('variables come from .env, over it .env.local, over it the environment', async () => {
    const { definition } = await load(
      {
        'rouse.toml': '[services.a]\ncommand = "x"\nenv = { A = "${A}", B = "${B}", C = "${C}" }',
        '.env': 'A=env\nB=env\nC=env',
        '.env.local': 'B=local\nC=local',
      },
      { environment: { C: 'shell', A: undefined } },
    );
    expect(definition.services[0]?.env).toEqual({ A: 'env', B: 'local', C: 'shell' });
  });

  test('an equal definition has an equal hash, wherever its lines stand', async () => {
    const files = { 'rouse.toml': text };
    const directory = folderWith(files);
    const options = { files: [], directory, overlays: [], stdin: null, project: 'a', trust: 'skip' } as const;
    const rest = { evaluate: () => Promise.resolve(null), check: () => [], environment: { HOME: '/root' } };
    const one = await loadDefinition({ ...options, ...rest });
    const two = await loadDefinition({ ...options, ...rest, stdin: `\n\n${text}`, files: ['-'] });
    const three = await loadDefinition({ ...options, ...rest, environment: { HOME: '/home' } });
    expect(two.definition.hash).toBe(one.definition.hash);
    expect(three.definition.hash).not.toBe(one.definition.hash);
  });
});

describe('a definition that did not come from a file', () => {
  const hello = { services: { a: { command: 'echo hi' } } };

  test('has no origins, and the name of its folder', () => {
    const { definition } = document(hello);
    expect(definition).toMatchObject({ name: 'shop', directory: '/srv/shop', files: [] });
    expect(definition.services[0]).toMatchObject({ origin: null, cwd: '/srv/shop' });
  });

  test('may hold functions to run when a program made it, and only then', () => {
    const made = { services: { a: { run: () => undefined } } };
    expect(document(made).definition.services[0]).toMatchObject({
      execution: { type: 'function' },
      readiness: { type: 'settle', settleMs: 0 },
    });
    expect(documentFaults(made, { made: 'api' })).toEqual([
      'RSE1101 services.a.run a function can only be given by a program',
      'RSE1103 services.a.command "a" does not say how it runs',
    ]);
  });

  test('gets no shell, no files and no foreign hosts over the API', () => {
    const asked = {
      services: {
        a: { command: 'echo hi; ls', shell: true, env_file: '/etc/passwd', health: 'http://example.test/' },
      },
      include: ['/etc/x.toml'],
    };
    expect(documentFaults(asked, { made: 'api' }).map((fault) => fault.slice(0, 7))).toEqual([
      'RSE1106',
      'RSE1107',
      'RSE1107',
      'RSE0106',
      'RSE1113',
    ]);
    expect(documentFaults(hello, { made: 'api' })).toEqual([]);
  });

  test('is refused with the paths of its faults', () => {
    expect(documentFaults({ services: { a: { command: 'x', env: { A: 1 } } } })).toEqual([
      'RSE1101 services.a.env.A "env.A" of "a" must be a text',
    ]);
  });

  test.for([null, 3, 'x', true])('%s is no definition', (value) => {
    const faults = documentFaults(value);
    expect(faults).toEqual(
      value === null ? [] : ['RSE1101  a definition is a table with "services", or a list of services'],
    );
  });

  test('a value that contains itself is refused', () => {
    const circle: Record<string, unknown> = {};
    circle['services'] = { a: circle };
    expect(documentFaults(circle)).toContain('RSE1101 services.a this value contains itself');
  });
});
