import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seededRandom } from '../../src/clock/random.ts';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { type Spares, createSpares } from '../../src/runtime/spares.ts';

let runDirectory: string;
beforeEach(() => {
  runDirectory = mkdtempSync(join(tmpdir(), 'spares-'));
});
afterEach(() => rmSync(runDirectory, { recursive: true, force: true }));

interface Given {
  readonly isNeeded?: boolean;
  readonly setsid?: string | null;
  readonly group?: string;
}

/** A quiet machine where groups have names alone. `lines` are those that the launcher got. */
function given({ isNeeded = true, setsid = '/usr/bin/setsid', group }: Given = {}): {
  spares: Spares;
  timers: VirtualClock;
  lines: string[];
  dismissed: string[];
  told: string[];
  name: () => string;
} {
  const timers = new VirtualClock();
  const lines: string[] = [];
  const dismissed: string[] = [];
  const told: string[] = [];
  const spares = createSpares({
    clock: timers,
    random: seededRandom(1),
    runDirectory,
    setsid,
    setpriv: '/usr/bin/setpriv',
    isNeeded: () => isNeeded,
    launcher: {
      prepare(line) {
        lines.push(line);
        return 'yes';
      },
      tellSpare: (spare, which) => void told.push(`${spare} ${which}`),
    },
    trees: { reserve: (name) => group ?? `/groups/${name}`, dismiss: (group) => void dismissed.push(group) },
  });
  return { spares, timers, lines, dismissed, told, name: () => lines.at(-1)?.split(' ')[0] ?? '' };
}

test('a spare is made when all has been quiet for a moment, and taken once it has said who it is', () => {
  const { spares, timers, lines, name } = given();
  spares.stir();
  spares.stir();
  expect(spares.take()).toBeNull();
  timers.runNext();
  expect(lines).toEqual([`${name()} /usr/bin/setsid /usr/bin/setpriv /groups/${name().slice('.spare/'.length)}`]);
  expect(spares.take()).toBeNull();
  expect(spares.heard(`${name()} ${process.pid}`)).toBe('yes');
  expect(spares.take()).toMatchObject({ path: join(runDirectory, name()) });
  expect(spares.take()).toBeNull();
});

test('no spare is made while nothing runs that it could replace, nor without sessions', () => {
  for (const { spares, timers, lines } of [given({ isNeeded: false }), given({ setsid: null })]) {
    spares.stir();
    timers.runNext();
    expect(lines).toEqual([]);
  }
});

test('a spare whose process has gone is not handed out', () => {
  const { spares, timers, dismissed, name } = given();
  spares.stir();
  timers.runNext();
  // No process has that number on any machine.
  spares.heard(`${name()} ${2 ** 22 + 1}`);
  expect(spares.take()).toBeNull();
  expect(dismissed).toHaveLength(1);
});

test('a spare that is given up leaves neither group nor folder', () => {
  const { spares, timers, dismissed, name } = given();
  spares.stir();
  timers.runNext();
  expect(existsSync(join(runDirectory, name()))).toBe(true);
  spares.drop();
  expect(dismissed).toHaveLength(1);
  expect(existsSync(join(runDirectory, '.spare'))).toBe(false);
});

test('no second spare is made before the last can certainly not take its line', () => {
  const { spares, timers, lines, told, name } = given();
  const quiet = (): void => {
    spares.stir();
    timers.runNext();
  };
  quiet();
  spares.heard(`${name()} ${process.pid}`);
  spares.take();
  quiet();
  expect(lines).toHaveLength(1);
  spares.tell('web/3');
  expect(told).toEqual([`${name()} web/3`]);
  quiet();
  expect(lines).toHaveLength(1);
  mkdirSync(join(runDirectory, 'web', '3'), { recursive: true });
  writeFileSync(join(runDirectory, 'web', '3', 'record'), 'shim 10\n');
  quiet();
  expect(lines).toHaveLength(1);
  writeFileSync(join(runDirectory, 'web', '3', 'record'), 'shim 10\nproc 11\n');
  quiet();
  expect(lines).toHaveLength(2);
});

test('no second spare is made while anybody may still be in the group of one that was given up', () => {
  const group = join(runDirectory, 'group');
  mkdirSync(group);
  const { spares, timers, lines } = given({ group });
  const quiet = (): void => {
    spares.stir();
    timers.runNext();
  };
  quiet();
  spares.drop();
  quiet();
  expect(lines).toHaveLength(1);
  rmSync(group, { recursive: true });
  quiet();
  expect(lines).toHaveLength(2);
});

test('after three spares that died before anybody took them none is made', () => {
  const { spares, timers, lines, name } = given();
  for (let count = 0; count < 4; count += 1) {
    spares.stir();
    timers.runNext();
    spares.heard(name());
  }
  expect(lines).toHaveLength(3);
});

test('what is said about a run is nothing that spares hear', () => {
  expect(given().spares.heard('web/3')).toBe('no');
  // Of an earlier daemon, say.
  expect(given().spares.heard('.spare/old')).toBe('yes');
});
