import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { document, faultsOf, issuesIn, specOf } from './given.ts';

const a = (lines: string): string => `${lines}\n[services.a]\ncommand = "x"\n`;

const valueOf = async (
  text: string,
  vars = '',
  environment: Record<string, string> = {},
): Promise<string | undefined> => (await specOf(`${a(vars)}env = { V = '''${text}''' }`, { environment })).env['V'];

describe('a variable', () => {
  test('of the environment', async () => {
    expect(await valueOf('<${X}>', '', { X: 'y' })).toBe('<y>');
    expect(await valueOf('${X}', '', { X: '' })).toBe('');
  });

  test('that is not set or empty gives way to its default', async () => {
    expect(await valueOf('${X:-d}')).toBe('d');
    expect(await valueOf('${X:-d}', '', { X: '' })).toBe('d');
    expect(await valueOf('${X:-${Y:-${Z:-deep}}}')).toBe('deep');
    expect(await valueOf('${X:-}')).toBe('');
    expect(await valueOf('${X:-d}', '', { X: 'y' })).toBe('y');
  });

  test('of [vars], which may use others, and be a number', async () => {
    const vars = '[vars]\nport = 3000\non = true\nhost = "${H:-localhost}"\nbase = "http://${vars.host}:${vars.port}"';
    expect(await valueOf('${vars.base}/ ${vars.on}', vars)).toBe('http://localhost:3000/ true');
  });

  test('of the project and of the service', async () => {
    const spec = await specOf(
      'name = "shop"\n[services.web]\ncommand = "x"\nenv = { V = "${project.name} ${service.name}" }',
    );
    expect(spec.env['V']).toBe('shop web');
    expect(await valueOf('${project.dir}')).toMatch(/rouse-config-/);
  });

  test('of the address of another service: its url, else what its check asks', () => {
    const services = {
      web: { command: 'x', env: { DB: '${services.db.url}', API: '${services.my.api.url}' } },
      db: { command: 'x', url: 'postgres://localhost:${vars.port}/shop' },
      'my.api': { command: 'x', health: { http: 'http://localhost:80${vars.port}/healthz?x=y' } },
    };
    const [web] = document({ vars: { port: 43 }, services }).definition.services;
    expect(web?.env).toEqual({ DB: 'postgres://localhost:43/shop', API: 'http://localhost:8043' });
  });

  test('in a duration, an address or a list is filled in before it is read', async () => {
    const text = a('[vars]\nt = "3s"');
    const spec = await specOf(
      `${text}settle = "\${vars.t}"\ndepends_on = ["\${vars.d:-b}"]\nlabels = { x = "\${X:-y}" }`,
    );
    expect(spec).toMatchObject({ readiness: { settleMs: 3000 }, dependencies: [{ name: 'b' }], labels: { x: 'y' } });
  });

  test('in a template knows the service that uses it', async () => {
    const text = '[templates.t]\ncommand = "run ${service.name}"\n[services.a]\nuse = "t"\n';
    expect((await specOf(text)).execution).toMatchObject({ command: { argv: ['run', 'a'] } });
  });

  test('with a doubled dollar sign is none', async () => {
    expect(await valueOf('$${X} $X $')).toBe('${X} $X $');
  });

  test('is not read a second time', async () => {
    expect(await valueOf('${X}', '', { X: '${Y} $$' })).toBe('${Y} $$');
  });
});

describe('a variable that cannot be filled in', () => {
  test.for([
    ['${X}', 'RSE1302 4:14+4 ${X} is not set'],
    ['a ${X:?give me ${Y:-one}}', 'RSE1302 4:16+23 ${X} is not set: give me one'],
    ['${vars.x}', 'RSE1302 4:14+9 ${vars.x} is not set'],
    ['${servic.name}', 'RSE1301 4:14+14 there is no variable "servic.name"'],
    ['${project.root}', 'RSE1301 4:14+15 there is no variable "project.root"'],
    ['${service.host}', 'RSE1301 4:14+15 there is no variable "service.host"'],
    ['${services.b.url}', 'RSE1301 4:14+17 there is no service "b"'],
    ['${services.a.url}', 'RSE1302 4:14+17 service "a" has no address'],
    ['x${X', 'RSE1301 4:15+3 "${" is not closed'],
    ['${port:auto}', 'RSE1301 4:14+12 "${port:…}" is not yet supported in this version'],
    ['${toString}', 'RSE1302 4:14+11 ${toString} is not set'],
  ] as const)('is shown where it stands: %s', async ([text, fault]) => {
    const faults = await faultsOf(`${a('')}env = { V = "${text}" }`);
    expect(faults.map((line) => line.replace('rouse.toml:', ''))).toEqual([fault]);
  });

  test('is shown with the nearest name, and with where to set it', async () => {
    const [near] = await issuesIn({ 'rouse.toml': `${a('[vars]\ntagg = "x"')}env = { V = "\${vars.tag}" }` });
    expect(near?.hint).toBe('did you mean ${vars.tagg}?');
    const [unset] = await issuesIn({ 'rouse.toml': `${a('')}env = { V = "\${PG}" }` });
    expect(unset?.hint).toBe('set it in the environment or in .env, or give a default: ${PG:-…}');
  });

  test('is shown in the block of a YAML text where it stands', async () => {
    const text = 'services:\n  a:\n    command: x\n    env:\n      V: >\n        one\n        ${X}\n';
    const [issue] = await issuesIn({ 'rouse.yaml': text });
    expect(issue).toMatchObject({ code: 'RSE1302', origin: { line: 7, column: 9 }, length: 4 });
  });

  test('is shown once, in the template, however many services use it', async () => {
    const services = ['b', 'c', 'd'].map((name) => `[services.${name}]\nuse = "t"\n`).join('');
    expect(await faultsOf(`[templates.t]\ncommand = "x \${X}"\n${services}`)).toEqual([
      'RSE1302 rouse.toml:2:14+4 ${X} is not set',
    ]);
  });
});

describe('variables in a circle', () => {
  test('are shown with the whole circle, also when nobody uses them', async () => {
    expect(await faultsOf(a('[vars]\na = "${vars.b}"\nb = "x${vars.c}"\nc = "${vars.a}"'))).toEqual([
      'RSE1301 rouse.toml:2:6+9 variables need each other in a circle: vars.b › vars.c › vars.a › vars.b',
    ]);
    expect(await faultsOf(a('[vars]\na = "${vars.a:-x}"'))).toHaveLength(1);
  });

  test('are found across services too', () => {
    const services = {
      a: { command: 'x', url: '${services.b.url}' },
      b: { command: 'x', url: '${services.a.url}' },
    };
    expect(() => document({ services })).toThrow(
      'variables need each other in a circle: services.b.url › services.a.url › services.b.url',
    );
  });

  test('are not made by a default inside a default', async () => {
    const deep = Array.from({ length: 40 }, () => '${A:-').join('') + '}'.repeat(40);
    expect((await faultsOf(`${a('')}env = { V = "${deep}" }`))[0]).toContain('variables are nested deeper than 32');
  });
});

describe('the names that are asked for', () => {
  property.prop([
    fc.array(
      fc.tuple(
        fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/),
        fc.string().filter((text) => !text.includes('$')),
      ),
    ),
  ])('every text with its variables comes back with their values', (parts) => {
    const environment = Object.fromEntries(parts);
    const text = parts.map(([name]) => `<\${${name}}>`).join('');
    const made = document({ services: { a: { command: 'x', labels: { text } } } }, { environment });
    expect(made.definition.services[0]?.labels['text']).toBe(parts.map(([name]) => `<${environment[name]}>`).join(''));
    expect(made.variables).toEqual(Object.keys(environment).toSorted());
  });
});
