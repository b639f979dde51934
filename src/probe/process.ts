/** Whether a process lives: the run's own, or any of a name. Source: proc(5), `/proc/<pid>/stat`, `comm`, `cmdline`. */
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ServiceName } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import { type Answer, type ProbeKind, fail, pass, polled } from './kind.ts';

/** The process id of a run as the runtime reported it, or null. */
export type PidOf = (service: ServiceName, run: number) => number | null;

/** How long one reading of all processes serves all questions; ms. */
const FRESH_MS = 250;

/** A kind that passes while the process is there and is no zombie. */
export function processKind(clock: Clock, pidOf: PidOf): ProbeKind {
  const names = processNames(clock);
  return {
    price: 'dear',
    key: ({ service, run, probe: { target } }) =>
      target.type === 'process' && target.name !== null ? `named ${target.name}` : `of ${service} ${run}`,
    open: ({ service, run, probe: { target } }) => {
      assert(target.type === 'process');
      const { name } = target;
      return polled(() => (name === null ? askOwn(pidOf(service, run)) : askNamed(name, names)));
    },
  };
}

async function askOwn(pid: number | null): Promise<Answer> {
  if (pid === null) return fail('no process of its own is known');
  return (await isAlive(pid)) ? pass(`process ${pid} lives`) : fail(`process ${pid} is gone`);
}

async function askNamed(name: string, names: () => Promise<ReadonlyMap<string, number>>): Promise<Answer> {
  const pid = (await names()).get(name);
  return pid === undefined ? fail(`no process named "${name}"`) : pass(`process ${pid} lives`);
}

async function isAlive(pid: number): Promise<boolean> {
  try {
    return !isZombie(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // No such folder: the process is gone.
    return false;
  }
}

/** The state is the first field after the name, which is in parentheses and may hold any character. */
function isZombie(stat: string): boolean {
  return ['Z', 'X'].includes(stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3));
}

/** The names of all living processes with one process id each; read anew when the last reading is old. */
function processNames(clock: Clock): () => Promise<ReadonlyMap<string, number>> {
  let readAt = -Infinity;
  let reading: Promise<ReadonlyMap<string, number>> = Promise.resolve(new Map());
  return () => {
    if (clock.monotonic() - readAt > FRESH_MS) {
      readAt = clock.monotonic();
      reading = readNames();
    }
    return reading;
  };
}

async function readNames(): Promise<ReadonlyMap<string, number>> {
  const names = new Map<string, number>();
  for (const folder of await readdir('/proc')) {
    const pid = Number(folder);
    if (Number.isInteger(pid)) for (const name of await namesOf(pid)) names.set(name, pid);
  }
  return names;
}

async function namesOf(pid: number): Promise<readonly string[]> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    if (isZombie(stat)) return [];
    const comm = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    // The kernel cuts this name after 15 bytes and programs change it; the command line has the program's own.
    const [program = ''] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    return [comm, basename(program)];
  } catch {
    // It ended while we were reading.
    return [];
  }
}
