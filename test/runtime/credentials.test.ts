import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PLAIN_CONFINEMENT } from '../../src/model/confinement.ts';
import type { Spec } from '../../src/model/spec.ts';
import { type Delivered, createCredentials } from '../../src/runtime/credentials.ts';
import { given } from './given.ts';

const SECRET = "it's\n$HOME `x`";

let base = '';
let folder = '';
let source = '';
beforeEach(() => {
  // Not in the folder of this test run, which nobody else may pass through.
  base = realpathSync(mkdtempSync('/tmp/secrets-'));
  folder = join(base, 'rouse/shop/credentials');
  source = join(base, 'source');
  writeFileSync(source, `${SECRET}\n`, { mode: 0o600 });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const make = () => createCredentials(folder, () => ({}));
const web = (as: 'file' | 'env', different: Partial<Spec> = {}): Spec =>
  given('web', { secrets: { DB: { file: source, as, origin: null } }, ...different });
const delivered = (spec: Spec, run = 1, credentials = make()): Delivered => {
  const given_ = credentials.deliver(spec, run);
  if (given_.type === 'fault') throw new Error(given_.fault.message);
  return given_;
};

test('a service without secrets is given nothing, and no folder is made', () => {
  expect(delivered(given('web'))).toMatchObject({ environment: {}, variables: {}, script: null });
  expect(existsSync(folder)).toBe(false);
});

test('a secret is a file of its exact bytes that its user alone can read', () => {
  expect(delivered(web('file')).environment).toEqual({ CREDENTIALS_DIRECTORY: join(folder, 'web') });
  expect(readFileSync(join(folder, 'web/DB'), 'utf8')).toBe(`${SECRET}\n`);
  expect(statSync(join(folder, 'web/DB')).mode & 0o7777).toBe(0o400);
  expect(statSync(join(folder, 'web')).mode & 0o7777).toBe(0o500);
});

test('a secret that is a variable has no end of line, and a shell that reads the script gets it whole', () => {
  const { variables, script } = delivered(web('env'));
  expect(variables).toEqual({ DB: SECRET });
  expect(execFileSync('/bin/sh', ['-c', `. "${script}"; printf %s "$DB"`], { encoding: 'utf8' })).toBe(SECRET);
  expect(statSync(script ?? '').mode & 0o7777).toBe(0o400);
});

test('a run keeps what it was given, also for the next daemon; the next run gets what is there then', () => {
  const credentials = make();
  delivered(web('env'), 1, credentials);
  writeFileSync(source, 'changed');
  expect(delivered(web('env'), 1, credentials).variables).toEqual({ DB: SECRET });
  expect(delivered(web('env'), 1).variables).toEqual({ DB: SECRET });
  expect(delivered(web('env'), 2, credentials).variables).toEqual({ DB: 'changed' });
});

test('everything is taken away when the run is over, and nothing by a run before it', () => {
  const credentials = make();
  delivered(web('file'), 2, credentials);
  credentials.remove('web', 1);
  expect(existsSync(join(folder, 'web/DB'))).toBe(true);
  credentials.remove('web', 2);
  expect(readdirSync(folder)).toEqual([]);
});

test('what a killed daemon left is taken away, but for runs that live on', () => {
  delivered(web('file'));
  delivered({ ...web('env'), name: 'db' });
  make().sweep((service) => service === 'db');
  expect(readdirSync(folder).toSorted()).toEqual(['.db', 'db']);
});

test('texts are what was handed over, by this daemon or one before, and what would be', () => {
  const credentials = make();
  delivered(web('env'), 1, credentials);
  expect(credentials.texts('web')).toEqual([`${SECRET}\n`]);
  expect(make().texts('web')).toEqual([SECRET]);
  expect(createCredentials(join(base, 'none'), () => web('file').secrets).texts('web')).toEqual([`${SECRET}\n`]);
});

describe('a secret is not handed over', () => {
  const message = (spec = web('file')): string => {
    const given_ = make().deliver(spec, 1);
    return given_.type === 'fault'
      ? `${given_.fault.code}: ${given_.fault.message} (${given_.fault.hint})`
      : 'delivered';
  };
  afterEach(() => expect(existsSync(join(folder, 'web'))).toBe(false));

  test('when its file is not there', () => {
    rmSync(source);
    expect(message()).toContain(`secret: cannot hand over secret "DB": "${source}" does not exist`);
  });

  test.for([0o640, 0o604, 0o660])('when others may use its file (%o)', (mode) => {
    chmodSync(source, mode);
    expect(message()).toContain(`"${source}" has mode 0${mode.toString(8)}: others may use it (chmod 600 ${source})`);
  });

  test('when its file is a link, a folder or a pipe that nobody writes to', () => {
    const real = source;
    source = join(base, 'link');
    symlinkSync(real, source);
    expect(message()).toContain('is a link, and links are not followed');
    source = base;
    expect(message()).toContain('is not a regular file');
    source = join(base, 'pipe');
    execFileSync('mkfifo', ['-m', '600', source]);
    expect(message()).toContain('is not a regular file');
  });

  test('when it is larger than 1 MiB', () => {
    truncateSync(source, 1024 * 1024 + 1);
    expect(message()).toContain('is larger than 1 MiB');
  });

  test('as a variable when it holds a NUL or is too long for one', () => {
    writeFileSync(source, 'a\0b');
    expect(message(web('env'))).toContain('does not fit into a variable');
    writeFileSync(source, 'x'.repeat(140_000));
    expect(message(web('env'))).toContain('does not fit into a variable');
  });

  test('when its file belongs to somebody else, or lies where somebody else can change it', () => {
    chownSync(source, 65_534, 65_534);
    expect(message()).toContain(`"${source}" belongs to user 65534`);
    chownSync(source, 0, 0);
    chmodSync(base, 0o777);
    expect(message()).toContain(`"${base}" can be written by everybody`);
  });

  test('to a user who cannot come to it', () => {
    const spec = web('file', { confinement: { ...PLAIN_CONFINEMENT, user: '65534' } });
    expect(message(spec)).toContain(`user 65534 may not pass through "${base}"`);
  });
});

test('another user can read what it was given, and nothing else there', () => {
  chmodSync(base, 0o711);
  delivered(web('file', { confinement: { ...PLAIN_CONFINEMENT, user: 'nobody' } }));
  delivered({ ...web('env'), name: 'db' });
  const read = (path: string): string =>
    execFileSync('setpriv', ['--reuid=65534', '--clear-groups', '--', 'cat', path], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  expect(read(join(folder, 'web/DB'))).toBe(`${SECRET}\n`);
  for (const other of ['.web', '.db', 'db/DB', '.']) expect(() => read(join(folder, other))).toThrow(/Command failed/);
});

test('what a service puts into its folder is not followed', () => {
  delivered(web('file'));
  chmodSync(join(folder, 'web'), 0o700);
  symlinkSync('/etc/passwd', join(folder, 'web/LINK'));
  execFileSync('mkfifo', [join(folder, 'web/PIPE')]);
  expect(make().texts('web')).toEqual([`${SECRET}\n`]);
  make().sweep(() => false);
  expect(existsSync('/etc/passwd') && readdirSync(folder).length === 0).toBe(true);
});
