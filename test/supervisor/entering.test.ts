import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newService } from '../../src/model/service.ts';
import type { Spec } from '../../src/model/spec.ts';
import { createConfining } from '../../src/runtime/confining.ts';
import { describeHost } from '../../src/runtime/host.ts';
import { launchingOn } from '../../src/supervisor/entering.ts';
import { given } from '../runtime/given.ts';

let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'enter-')));
  writeFileSync(join(folder, 'plain'), 'text', { mode: 0o644 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const launching = launchingOn(
  {
    host: describeHost('/usr/bin:/bin', { SECRET: 'no', OWN: 'yes' }),
    guard: () => () => null,
    confining: createConfining(),
  },
  () => ({ nuPath: null }),
);
const service = (different: Partial<Spec> = {}): ReturnType<typeof newService> =>
  newService(given('web', { cwd: folder, env: { PORT: '3000' }, inheritEnv: ['OWN'], ...different }), 0);
const shell = (line: string): Spec['execution'] => ({
  type: 'process',
  command: { argv: [line], via: 'shell', source: line, origin: null },
});

describe('a command in the surroundings of a service', () => {
  test('has its folder and its environment, and nothing else of the daemon', () => {
    const { file, args, env, cwd } = launching(service(), { command: ['env', '-0'], more: [] });
    expect([file, args, cwd]).toEqual(['/usr/bin/env', ['-0'], folder]);
    expect(env).toMatchObject({ PORT: '3000', OWN: 'yes', PATH: '/usr/bin:/bin', ROUSE_SERVICE: 'web' });
    expect(env).not.toHaveProperty('SECRET');
  });

  test('is the service’s own, with more words, where none is given', () => {
    expect(launching(service(), { command: null, more: ['a b'] })).toMatchObject({ args: ['a b'] });
    const line = launching(service({ execution: shell('echo one') }), { command: null, more: ['two; rm'] });
    expect([line.file, ...line.args]).toEqual(['/bin/sh', '-c', 'echo one "$@"', 'web', 'two; rm']);
  });

  test('obeys the file mode mask of the service', () => {
    const { file, args } = launching(service({ umask: 0o027 }), { command: ['true'], more: [] });
    expect([file, args[0], args[1]]).toEqual(['/bin/sh', '-c', expect.stringContaining('umask 0027')]);
  });

  test.each([
    ['nonsense', 'RSE2101'],
    ['./plain', 'RSE2113'],
  ])('that cannot be run is refused: %s', (program, code) => {
    expect(() => launching(service(), { command: [program], more: [] })).toThrow(expect.objectContaining({ code }));
  });

  test('is refused where the folder is not there', () => {
    const away = service({ cwd: join(folder, 'gone') });
    expect(() => launching(away, { command: ['true'], more: [] })).toThrow(
      expect.objectContaining({ code: 'RSE2109' }),
    );
  });

  test('must be given for a service that has none', () => {
    const external = service({ execution: { type: 'external' } });
    expect(() => launching(external, { command: null, more: ['x'] })).toThrow(
      expect.objectContaining({ code: 'RSE4020' }),
    );
    expect(launching(external, { command: ['true'], more: [] }).file).toBe('/usr/bin/true');
  });

  test('is run as the live run was started, not as the next will be', () => {
    const live = { ...service(), phase: 'ready' as const, runSpec: given('web', { cwd: '/', env: { PORT: '1' } }) };
    expect(launching(live, { command: ['true'], more: [] })).toMatchObject({ cwd: '/', env: { PORT: '1' } });
    expect(launching({ ...live, phase: 'stopped' }, { command: ['true'], more: [] }).cwd).toBe(folder);
  });
});
