/** What a daemon does without being asked each time: tasks that fall due, and files that are watched. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { ApiParts } from '../api/parts.ts';
import { RouseError } from '../model/errors.ts';
import type { Supervisor } from '../supervisor/port.ts';
import { type Marks, Schedules } from './schedules.ts';
import { WatchFiles, type WatchParts } from './watch-files.ts';

/** What it needs. `marksFile` keeps up to when schedules have been looked after. */
export interface ByItselfParts extends Pick<WatchParts, 'again' | 'say'> {
  readonly supervisor: Supervisor;
  readonly clock: ApiParts['clock'];
  readonly marksFile: string;
  /** Aborts when the daemon ends. */
  readonly ending: AbortSignal;
}

/** Records that a slow turn may leave behind; a gap is followed by a look at everything. */
const CAPACITY = 1000;

/** Begins; ends with the daemon. The watch is off until it is switched on. */
export function doByItself(parts: ByItselfParts): Pick<WatchFiles, 'turn' | 'mode'> {
  const { supervisor, clock, say, again, marksFile, ending } = parts;
  const schedules = new Schedules({
    supervisor,
    clock,
    say,
    read: () => readMarks(marksFile),
    write: (marks) => writeMarks(marksFile, marks, say),
  });
  const watching = new WatchFiles({ supervisor, clock, say, again });
  ending.addEventListener(
    'abort',
    () => {
      schedules[Symbol.dispose]();
      watching[Symbol.dispose]();
    },
    { once: true },
  );
  void follow(parts, { schedules, watching });
  return watching;
}

async function follow(
  { supervisor, ending }: ByItselfParts,
  { schedules, watching }: { readonly schedules: Schedules; readonly watching: WatchFiles },
): Promise<void> {
  const wanted = { types: ['definition.applied', 'service.phase'], services: [], capacity: CAPACITY };
  try {
    for await (const record of supervisor.subscribe(wanted, ending)) {
      if ('body' in record && record.body.type === 'service.phase') schedules.moved(record.body.service);
      else {
        schedules.look();
        watching.follow();
      }
    }
  } catch (error) {
    // The supervisor has ended, and with it what is to be followed.
    if (!(error instanceof RouseError) && !ending.aborted) throw error;
  }
}

function readMarks(path: string): Marks {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
    const marks = Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
    return Object.fromEntries(marks);
  } catch {
    // Not there yet, or not readable: schedules begin now.
    return {};
  }
}

// A mark that is lost costs a run that is not made up for; it must not stop the tasks.
function writeMarks(path: string, marks: Marks, say: (line: string) => void): void {
  try {
    writeFileSync(path, JSON.stringify(marks), { mode: 0o600 });
  } catch (error) {
    say(`schedule: cannot write "${path}": ${error instanceof Error ? error.message : String(error)}`);
  }
}
