/**
 * Which commands are on their way, noted on disk, so that those of a daemon that was killed can be found and ended.
 *
 * `<run directory>/.commands/<name>`, one small file for each command while it is on its way. The note is written before
 * the spawn, because nobody can write it after a kill that came in between.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a command is for. An order to start is carried out, whoever gave it; half an order leaves a mess. */
export type Purpose = 'start' | 'stop' | 'status' | 'hook';

/** A command as it was noted. `place` tells the notes of one run from those of others. */
export interface CommandNote {
  readonly purpose: Purpose;
  readonly service: string;
  readonly run: number;
  readonly cookie: string;
}

const FOLDER = '.commands';

/** Notes a command until the result is disposed. Never throws: without the note a later daemon ends one command less. */
export function noteCommand(runDirectory: string, note: CommandNote): Disposable {
  const folder = join(runDirectory, FOLDER);
  const file = join(folder, note.cookie.replaceAll(/[^A-Za-z0-9._@-]/g, '-'));
  const text = `${note.purpose} ${note.service} ${note.run} ${note.cookie}\n`;
  try {
    writeFileSync(file, text, { mode: 0o600 });
  } catch {
    // Most likely the first of all: there is no folder yet.
    attempt(() => mkdirSync(folder, { recursive: true, mode: 0o700 }));
    attempt(() => writeFileSync(file, text, { mode: 0o600 }));
  }
  return { [Symbol.dispose]: () => attempt(() => rmSync(file, { force: true })) };
}

/** What is noted; notes that cannot be read are left out. Shapes: in no order. */
export function notedCommands(runDirectory: string): readonly CommandNote[] {
  const folder = join(runDirectory, FOLDER);
  return namesIn(folder)
    .map((name) => read(join(folder, name)))
    .filter((note) => note !== null);
}

/** Takes back all notes with that cookie. */
export function forgetCommand(runDirectory: string, { cookie }: CommandNote): void {
  const name = cookie.replaceAll(/[^A-Za-z0-9._@-]/g, '-');
  attempt(() => rmSync(join(runDirectory, FOLDER, name), { force: true }));
}

const PURPOSES: Readonly<Record<string, Purpose>> = { start: 'start', stop: 'stop', status: 'status', hook: 'hook' };

function read(file: string): CommandNote | null {
  try {
    const [, word = '', service, run, cookie] = /^(\w+) (\S+) (\d+) (\S+)\n$/.exec(readFileSync(file, 'utf8')) ?? [];
    const purpose = PURPOSES[word];
    if (purpose === undefined || service === undefined || cookie === undefined) return null;
    return { purpose, service, run: Number(run), cookie };
  } catch {
    // Its command ended meanwhile, or the note is not complete: then there was no spawn.
    return null;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // No command was ever noted here.
    return [];
  }
}

function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // A full disk or a folder that was taken away: the command itself is not worse for it.
  }
}
