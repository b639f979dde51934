import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { WatchFiles } from '../../src/daemon/watch-files.ts';
import { DefinitionError } from '../../src/model/errors.ts';
import type { Definition, WatchRule } from '../../src/model/spec.ts';
import { change, definition, spec, view } from '../api/fake-supervisor.ts';

let folder: string;
let watching: WatchFiles;
let clock: VirtualClock;
let happened: string[];
let present: Definition;
let next: Definition | Error;
let desired: 'up' | 'down';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rouse-watch-'));
  for (const path of ['dist/deep', 'node_modules/x']) mkdirSync(join(folder, path), { recursive: true });
  for (const path of ['rouse.toml', 'dist/a.js', 'dist/a.map']) writeFileSync(join(folder, path), 'first');
  [clock, happened, desired] = [new VirtualClock(), [], 'up'];
});
afterEach(() => {
  watching[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function watch(rule: Partial<WatchRule> = {}): Promise<void> {
  const usual = { paths: [join(folder, 'dist/**')], ignore: [join(folder, '**/*.map')], debounceMs: 100 };
  const web = spec('web', { watch: { ...usual, action: 'restart', cascade: 'no', ...rule } });
  present = definition([web], { files: [join(folder, 'rouse.toml')], directory: folder });
  next = present;
  watching = new WatchFiles({
    clock,
    say: () => undefined,
    again: () => (next instanceof Error ? Promise.reject(next) : Promise.resolve(next)),
    supervisor: {
      definition: () => present,
      service: () => view('web', { desired }),
      reload: (wanted, by) => {
        happened.push(`${by.name} reloads ${wanted.hash}`);
        present = wanted;
        return { added: ['x'], changed: [], removed: [], unchanged: [], changes: [] };
      },
      request: ({ action, services, dependents, by }) => {
        happened.push(`${by.name} ${action} ${services.join(',')} ${dependents}`);
        return change('1');
      },
      signal: (services, { signal, scope }) => void happened.push(`${signal} ${services.join(',')} ${scope}`),
      note: (body) => {
        if (body.type === 'files.changed') happened.push(`${body.result}: ${body.text.replaceAll(`${folder}/`, '')}`);
      },
    },
  });
  watching.turn('on');
  await watching.settled();
}

/** Lets the slow look find what has changed, and the files rest. */
async function rest(): Promise<void> {
  clock.advance(5000);
  await watching.settled();
  clock.advance(1000);
  await watching.settled();
  // What a look has found is read anew, which takes a turn or two of its own.
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

const write = (path: string, text = 'second, and longer'): void => writeFileSync(join(folder, path), text);

describe('files of a service', () => {
  test('that change restart it, once for all of them', async () => {
    await watch();
    write('dist/a.js');
    write('dist/deep/new.js');
    await rest();
    expect(happened).toEqual(['watch restart web leave', 'restarted: dist/a.js and 1 more']);
    await rest();
    expect(happened.length).toBe(2);
  });

  test('that are gone count as changed', async () => {
    await watch();
    rmSync(join(folder, 'dist/a.js'));
    await rest();
    expect(happened).toEqual(['watch restart web leave', 'restarted: dist/a.js']);
  });

  test('that are ignored, or lie elsewhere, do nothing', async () => {
    await watch({ paths: [join(folder, '**')], ignore: [join(folder, '**/*.map'), join(folder, 'dist/a.js')] });
    for (const path of ['dist/a.map', 'dist/a.js', 'node_modules/x/y.js']) write(path);
    await rest();
    expect(happened).toEqual([]);
  });

  test('restart what depends on it where they cascade', async () => {
    await watch({ cascade: 'yes' });
    write('dist/a.js');
    await rest();
    expect(happened[0]).toBe('watch restart web include');
  });

  test('send a signal in place of a restart', async () => {
    await watch({ action: 'SIGHUP' });
    write('dist/a.js');
    await rest();
    expect(happened).toEqual(['SIGHUP web main', 'signalled: dist/a.js']);
  });

  test('leave alone what was stopped by hand', async () => {
    await watch();
    desired = 'down';
    write('dist/a.js');
    await rest();
    expect(happened).toEqual([]);
  });
});

describe('the definition', () => {
  test('that changes is reloaded', async () => {
    await watch();
    next = definition([], { hash: 'new', files: present.files, directory: folder });
    write('rouse.toml');
    await rest();
    expect(happened).toEqual(['watch reloads new', 'reloaded: rouse.toml: 1 new, 0 changed, 0 gone']);
  });

  test('with a fault changes nothing, and the faults are told', async () => {
    await watch();
    const origin = { file: join(folder, 'rouse.toml'), line: 3, column: 1 };
    const rest_ = { origin, length: 1, path: [], suggestion: null, hint: null, also: [], services: [] };
    next = new DefinitionError([{ code: 'RSE1104', message: 'unknown key "x"', ...rest_ }]);
    write('rouse.toml');
    await rest();
    expect(happened).toEqual(['refused: rouse.toml: RSE1104 rouse.toml:3: unknown key "x"']);
  });

  test('that says the same as before is told to, and not reloaded', async () => {
    await watch();
    write('.env');
    await rest();
    expect(happened).toEqual(['unchanged: .env']);
  });

  test('that watches other files from now on is followed', async () => {
    await watch();
    const other = spec('web', {
      hash: 'other',
      watch: { paths: [join(folder, 'src.js')], ignore: [], debounceMs: 50, action: 'restart', cascade: 'no' },
    });
    next = definition([other], { hash: 'new', files: present.files, directory: folder });
    write('rouse.toml');
    await rest();
    await watching.settled();
    happened = [];
    write('dist/a.js');
    write('src.js');
    await rest();
    expect(happened).toEqual(['watch restart web leave', 'restarted: src.js']);
  });
});

test('what is switched off watches nothing', async () => {
  await watch();
  watching.turn('off');
  write('dist/a.js');
  write('rouse.toml');
  await rest();
  expect([happened, watching.mode]).toEqual([[], 'off']);
});
