/** What services say of themselves by sd_notify(3), from the opening of their socket on; `notify-ear.ts` listens. */
import { dirname } from 'node:path';
import { readyFilePath } from '../model/ready-file.ts';
import type { StartFault } from '../model/reason.ts';
import type { ServiceName, Spec } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import type { Notices } from '../ports/notices.ts';
import type { Report } from '../ports/runtime.ts';
import type { Environment } from './environment.ts';
import { findAccount } from './account.ts';
import { Ear, type Speakers, accessOf } from './notify-ear.ts';
import { NOTIFY_SOCKET, endReceiver, startReceiver } from './notify-receiver.ts';
import { letThrough } from './passage.ts';
import { findProgram } from './program.ts';

/** What the ears need. `path` is where perl is looked for; `runDirectory` is the folder of the project's runs. */
export interface NotifyParts {
  readonly clock: Clock;
  readonly report: Report;
  readonly runDirectory: string;
  readonly path: string;
}

/** What a run needs in its environment to be heard, or why it cannot be. */
export type Opened =
  | { readonly type: 'opened'; readonly environment: Environment }
  | { readonly type: 'fault'; readonly fault: StartFault };

/** The ears of one supervisor, for the runtime that gives it runs. */
export interface Notifying extends Notices {
  /** Opens the socket of a run that is about to be spawned, in its folder, which is there. Never rejects. */
  open(spec: Spec, run: number): Promise<Opened>;
  /** Begins to listen, once the run is spawned or adopted; does nothing for a spec that has no use for it. */
  follow(spec: Spec, run: number, speakers: Speakers): void;
  /** The run is over: nothing is reported any more. Does nothing when nobody listens. */
  forget(service: ServiceName, run: number): void;
}

/** Whether runs of the spec get a socket. */
export function isNotifying(spec: Spec): boolean {
  return spec.watchdogMs !== null || accessOf(spec) !== null;
}

/** The longest path of a socket; unix(7). */
const SOCKET_PATH_BYTES = 107;

/** Ears that hear nobody yet. */
export function createNotifying(parts: NotifyParts): Notifying {
  const ears = new Map<string, Ear>();
  const opened = new Set<string>();
  const key = (service: ServiceName, run: number): string => `${service} ${run}`;
  const folderOf = (service: ServiceName, run: number): string =>
    dirname(readyFilePath(parts.runDirectory, service, run));
  const watchers = new Map<string, Set<() => void>>();
  return {
    open(spec, run) {
      opened.add(key(spec.name, run));
      return open(parts, spec, { folder: folderOf(spec.name, run), run });
    },
    follow(spec, run, speakers) {
      if (!isNotifying(spec)) return;
      // A daemon closes the folders that it finds at its start.
      if (otherUser(spec) !== null) letThrough(parts.runDirectory);
      const place = key(spec.name, run);
      ears.get(place)?.[Symbol.dispose]();
      const changed = (): void => watchers.get(place)?.forEach((tell) => tell());
      const folder = folderOf(spec.name, run);
      const restart = (): Promise<Opened> => open(parts, spec, { folder, run });
      const ear = new Ear(parts, { spec, run, speakers, folder, changed, restart });
      ears.set(place, ear);
      ear.begin();
    },
    forget(service, run) {
      const place = key(service, run);
      const ear = ears.get(place);
      ear?.[Symbol.dispose]();
      ears.delete(place);
      if (opened.delete(place) || ear !== undefined) endReceiver(folderOf(service, run));
    },
    of: (service, run) => ears.get(key(service, run))?.notice ?? null,
    beatAt: (service, run) => ears.get(key(service, run))?.beatAt() ?? null,
    watch(service, run, changed) {
      const place = key(service, run);
      const all = watchers.get(place) ?? new Set();
      watchers.set(place, all.add(changed));
      return {
        [Symbol.dispose]() {
          all.delete(changed);
          if (all.size === 0 && watchers.get(place) === all) watchers.delete(place);
        },
      };
    },
  };
}

async function open(
  { path, runDirectory }: NotifyParts,
  spec: Spec,
  { folder, run }: { readonly folder: string; readonly run: number },
): Promise<Opened> {
  const socket = `${folder}/${NOTIFY_SOCKET}`;
  if (Buffer.byteLength(socket) > SOCKET_PATH_BYTES) return { type: 'fault', fault: tooLong(socket) };
  const perl = findProgram('perl', { path, directory: '/' });
  if (perl.type === 'fault') return { type: 'fault', fault: withoutPerl(perl.fault) };
  const sender = otherUser(spec);
  const stop = sender === null ? null : (letThrough(runDirectory) ?? letThrough(folder));
  if (stop !== null) return { type: 'fault', fault: unreachable(stop) };
  const title = `rouse: hears ${spec.name}, run ${run}`;
  const fault = await startReceiver({ perl: perl.path, folder, title, sender });
  if (fault !== null) return { type: 'fault', fault };
  const beat = spec.watchdogMs === null ? {} : { WATCHDOG_USEC: String(Math.round(spec.watchdogMs * 1000)) };
  return { type: 'opened', environment: { NOTIFY_SOCKET: socket, ...beat } };
}

/** The user of the service where the socket must be his: only root gives something away. */
function otherUser({ confinement: { user } }: Spec): number | null {
  if (user === null || process.geteuid?.() !== 0) return null;
  return findAccount(user)?.uid ?? null;
}

function unreachable(folder: string): StartFault {
  return {
    code: 'refused',
    message: `its user cannot reach its notification socket: "${folder}" lets nobody through`,
    program: null,
    hint: `chmod o+x ${folder}, or set ROUSE_RUNTIME_DIR to a folder elsewhere`,
  };
}

function tooLong(socket: string): StartFault {
  return {
    code: 'refused',
    message: `the path of its notification socket is too long: "${socket}" has more than ${SOCKET_PATH_BYTES} bytes`,
    program: null,
    hint: 'set ROUSE_RUNTIME_DIR to a shorter folder',
  };
}

function withoutPerl({ message }: StartFault): StartFault {
  return {
    code: 'refused',
    message: `perl is needed to hear what it says of itself: ${message}`,
    program: 'perl',
    hint: 'install perl (perl-base is enough), or use another kind of readiness such as ready = { fd = 3 }',
  };
}
