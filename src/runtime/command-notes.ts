/**
 * Which commands are on their way, noted on disk, so that those of a daemon that was killed can be found and ended.
 *
 * `<run directory>/.commands/<name>`, one small file for each command while it is on its way. The note is written before
 * the spawn, because nobody can write it after a kill that came in between.
 */
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { namesIn } from './folder-names.ts';
import type { Identity } from './process-group.ts';
import { bootId } from './run-folder.ts';

/** What a command is for. An order to start is carried out, whoever gave it; half an order leaves a mess. */
export type Purpose = 'start' | 'stop' | 'status' | 'hook';

/** A command as it was noted. `place` tells the notes of one run from those of others. */
export interface CommandNote {
  readonly purpose: Purpose;
  readonly service: string;
  readonly run: number;
  readonly cookie: string;
  /** Its process, once there is one. */
  readonly identity: Identity | null;
  /** Of a command of an earlier boot nothing is left, and its numbers are those of others now. */
  readonly boot: 'same' | 'other';
}

/** A note while its command is on its way. Disposing takes it back. */
export interface KeptNote extends Disposable {
  /** Adds who the command is. */
  began(identity: Identity): void;
}

const FOLDER = '.commands';

/** Notes a command until the result is disposed. Never throws: without the note a later daemon ends one command less. */
export function noteCommand(runDirectory: string, note: Omit<CommandNote, 'identity' | 'boot'>): KeptNote {
  const file = fileOf(runDirectory, note.cookie);
  const text = `${note.purpose} ${note.service} ${note.run} ${note.cookie} ${bootId() ?? '-'}\n`;
  attempt(() => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600 });
  });
  return {
    began: ({ pid, startTime }) => attempt(() => appendFileSync(file, `${pid} ${startTime ?? '-'}\n`)),
    [Symbol.dispose]: () => attempt(() => rmSync(file, { force: true })),
  };
}

/** What is noted; notes that cannot be read are left out. Shapes: in no order. */
export function notedCommands(runDirectory: string): readonly CommandNote[] {
  const folder = join(runDirectory, FOLDER);
  return namesIn(folder)
    .map((name) => read(join(folder, name)))
    .filter((note) => note !== null);
}

/** Takes the note back. */
export function forgetCommand(runDirectory: string, { cookie }: CommandNote): void {
  attempt(() => rmSync(fileOf(runDirectory, cookie), { force: true }));
}

const fileOf = (runDirectory: string, cookie: string): string =>
  join(runDirectory, FOLDER, cookie.replaceAll(/[^A-Za-z0-9._@-]/g, '-'));

const PURPOSES: Readonly<Record<string, Purpose>> = { start: 'start', stop: 'stop', status: 'status', hook: 'hook' };

function read(file: string): CommandNote | null {
  try {
    const [first = '', second = ''] = readFileSync(file, 'utf8').split('\n');
    const [, word = '', service, run, cookie, boot] = /^(\w+) (\S+) (\d+) (\S+) (\S+)$/.exec(first) ?? [];
    const [, pid, startTime] = /^(\d+) (\d+)$/.exec(second) ?? [];
    const purpose = PURPOSES[word];
    if (purpose === undefined || service === undefined || cookie === undefined) return null;
    const identity = pid === undefined || startTime === undefined ? null : { pid: Number(pid), startTime };
    const isOver = boot !== (bootId() ?? '-');
    return { purpose, service, run: Number(run), cookie, identity, boot: isOver ? 'other' : 'same' };
  } catch {
    // Its command ended meanwhile, or the note is not complete: then there was no spawn.
    return null;
  }
}

function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // A full disk or a folder that was taken away: the command itself is not worse for it.
  }
}
