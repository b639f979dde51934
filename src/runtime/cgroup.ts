/** One control group: a folder of the kernel's. No function throws for what the kernel refuses. */
import {
  constants,
  accessSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Links to a folder without folders: its name, and its own `.`. Where links are not counted it is 1. */
const NO_FOLDERS = 2;

/** Makes a group and those above it; why not, or null when it is there. */
export function makeGroup(folder: string): string | null {
  // Another supervisor may remove a group above, that was empty, between two steps of this.
  for (let left = 2; ; left -= 1) {
    try {
      mkdirSync(folder, { recursive: true });
      return null;
    } catch (cause) {
      if (left === 0 || !isCode(cause, 'ENOENT')) return wordsOf(cause);
    }
  }
}

/** Makes a group that is not there yet, in one that is. */
export function makeLeaf(folder: string): 'made' | 'no' {
  try {
    mkdirSync(folder);
    return 'made';
  } catch {
    // Whoever asks goes the longer way, and hears why there.
    return 'no';
  }
}

/** Whether a process executes in the group or below; null when there is no such group. Version 2. */
export function isPopulated(folder: string): boolean | null {
  const text = read(join(folder, 'cgroup.events'));
  return text === null ? null : /^populated 1$/m.test(text);
}

/** Processes in the group and below, in no order; ended ones may be among them. */
export function processesIn(folder: string): readonly number[] {
  const own = (read(join(folder, 'cgroup.procs')) ?? '').split('\n').filter((line) => line !== '');
  return [...own.map(Number), ...groupsIn(folder).flatMap((name) => processesIn(join(folder, name)))];
}

/** SIGKILL to all in the group and below, those that are forked meanwhile included. Version 2, Linux 5.14. */
export function killGroup(folder: string): 'sent' | 'refused' {
  return write(join(folder, 'cgroup.kill'), '1') === null ? 'sent' : 'refused';
}

/** Removes the group and the empty groups that were made below it. `gone` when there was none. */
export function removeGroup(folder: string): 'removed' | 'gone' | 'busy' {
  // Few services make groups of their own.
  const removed = removeLeaf(folder);
  if (removed !== 'busy') return removed;
  for (const name of groupsIn(folder)) removeGroup(join(folder, name));
  return removeLeaf(folder);
}

/** Removes the groups in it that hold nobody: what a program left that was killed before it could remove them. Version 2. */
export function removeEmptyIn(folder: string): void {
  for (const name of groupsIn(folder)) {
    const group = join(folder, name);
    if (isPopulated(group) === false) removeGroup(group);
  }
}

/** Removes the group unless there are groups below it, or processes in it. */
export function removeLeaf(folder: string): 'removed' | 'gone' | 'busy' {
  try {
    rmdirSync(folder);
    return 'removed';
  } catch (cause) {
    return isCode(cause, 'ENOENT') ? 'gone' : 'busy';
  }
}

/** Writes one of its files; why not, or null when it is written. */
export function write(file: string, text: string): string | null {
  try {
    writeFileSync(file, text, { flag: 'r+' });
    return null;
  } catch (cause) {
    return wordsOf(cause);
  }
}

/** Reads one of its files; null when that is not possible. */
export function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // There is no such group, or the kernel does not have that file: both are answers.
    return null;
  }
}

/** Whether the file is there and may be written. */
export function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    return true;
  } catch {
    // The kernel says no; that is the answer.
    return false;
  }
}

/** Names of the groups in it, in no order; empty when there is no such group. */
export function groupsIn(folder: string): readonly string[] {
  try {
    // Each folder in it is one more link to it; few groups have any.
    if (statSync(folder).nlink === NO_FOLDERS) return [];
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    // The group is gone, and all below it.
    return [];
  }
}

const isCode = (cause: unknown, code: string): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === code;

/** `EACCES: permission denied, mkdir '/sys/…'` without the call, which says nothing to people. */
const wordsOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message.replace(/, \w+ '.*'$/, '').replace(/, \w+$/, '') : String(cause);
