/** Folders, socket, daemon and clock of a project, looked at for `rouse doctor`. */
import { lstatSync, readFileSync, statSync, statfsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { bootId } from '../clock/boot.ts';
import type { ApiFinding } from '../contract/api-doctor.ts';
import type { ApiSystem } from '../contract/api-system.ts';
import { stateOf } from '../daemon/socket.ts';
import { type Folders, foldersOf } from '../model/paths.ts';
import type { Examination, Trial } from '../supervisor/machine.ts';
import { connectTo } from './connection.ts';
import type { Project } from './project.ts';
import type { Session } from './session.ts';
import { rouseVersion } from './version.ts';

const OTHERS_WRITE = 0o022;
const MIB = 1024 ** 2;
const SCARCE_BYTES = 200 * MIB;
const FEW_FILES = 1024;
// statfs(2): the numbers of file systems that live in memory.
const IN_MEMORY = [0x0102_1994, 0x8584_58f6];

const ok = (about: ApiFinding['about'], what: string): ApiFinding => ({
  about,
  what,
  state: 'ok',
  why: null,
  mend: null,
});

const WORDS: Readonly<Record<Trial['what'], string>> = {
  user: 'services as other users',
  default: 'no rights to be gained (sandbox = "default")',
  strict: 'a file system that cannot be written (sandbox = "strict")',
  'no-network': 'no network (network = "none")',
  'low-ports': 'ports below 1024 for others than root',
  limits: 'limits of each process',
  groups: 'processes held together in control groups',
};

/** What the machine has and lacks. What it lacks is a note: whether it is a problem depends on what is asked for. */
export function machineFindings({ trials, programs, limits }: Examination): ApiFinding[] {
  const about = 'machine';
  const held = limits.length === 0 ? 'nothing' : limits.join(', ');
  return [
    ok(about, `Node ${process.versions.node}, Rouse ${rouseVersion()}`),
    ...trials.map(({ what, why, mend }): ApiFinding =>
      why === null ? ok(about, WORDS[what]) : { about, what: WORDS[what], state: 'note', why, mend },
    ),
    limits.length === 3
      ? ok(about, `limits of whole services: ${held}`)
      : {
          about,
          what: `limits of whole services: ${held}`,
          state: 'note',
          why: 'control groups limit the rest not',
          mend: null,
        },
    ...programs
      // Nushell is missed only where a definition has scripts of it, and is told there.
      .filter(({ name, path }) => path === null && name !== 'nu')
      .map(({ name, use, package: from }): ApiFinding => ({
        about,
        what: `no ${name}`,
        state: 'note',
        why: `it ${use}`,
        mend: `apt-get install ${from}`,
      })),
    clockFinding(),
    filesFinding(),
  ];
}

function clockFinding(): ApiFinding {
  const what = 'a clock that knows the start of the machine';
  const why = 'after a restart of the machine, what ran before cannot be told from what runs';
  return bootId() !== '' ? ok('machine', what) : { about: 'machine', what, state: 'note', why, mend: 'mount /proc' };
}

function filesFinding(): ApiFinding {
  const what = 'open files of this program';
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(textOf('/proc/self/limits'))?.[1] ?? '';
  if (hard === 'unlimited' || Number(hard) > FEW_FILES || hard === '') return ok('machine', `${what}: ${hard}`);
  return { about: 'machine', what, state: 'note', why: `${hard} are few for many services`, mend: 'ulimit -n 65536' };
}

/** The folders that hold everything of this user. Errors: RSE0107 when a variable names none. */
export function folderFindings({ env }: Session): ApiFinding[] {
  const folders = foldersOf({ env, uid: ownUid(), home: homedir() });
  return [
    ...privacyOf('runtime folder', folders.runtime),
    ...privacyOf('state folder', folders.state),
    ...roomOf(folders),
  ];
}

const ownUid = (): number => process.geteuid?.() ?? 0;

function privacyOf(what: string, path: string): ApiFinding[] {
  const named = `${what} ${path}`;
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [ok('folders', `${named} (is made when it is needed)`)];
  const bad = (why: string, mend: string): ApiFinding[] => [
    { about: 'folders', what: named, state: 'problem', why, mend },
  ];
  if (!stat.isDirectory()) return bad('it is not a folder', `rm ${path}`);
  if (stat.uid !== ownUid() && stat.uid !== 0)
    return bad(`it belongs to user ${stat.uid}`, `chown ${ownUid()} ${path}`);
  if ((stat.mode & OTHERS_WRITE) !== 0) return bad('others can write into it', `chmod go-w ${path}`);
  return [ok('folders', named)];
}

function roomOf({ runtime, state }: Folders): ApiFinding[] {
  const place = nearestThere(state);
  const { bavail, bsize } = statfsSync(place);
  const free = bavail * bsize;
  const what = `room for history and output: ${Math.floor(free / MIB)} MiB`;
  const room: ApiFinding =
    free > SCARCE_BYTES
      ? ok('folders', what)
      : {
          about: 'folders',
          what,
          state: 'note',
          why: 'when it is used up nothing new is started',
          mend: `make room at ${place}`,
        };
  const { type } = statfsSync(nearestThere(runtime));
  const memory: ApiFinding = IN_MEMORY.includes(type)
    ? ok('folders', 'secrets are handed over in memory')
    : {
        about: 'folders',
        what: 'secrets are handed over on a disk',
        state: 'note',
        why: `${runtime} is on no file system that lives in memory`,
        mend: 'ROUSE_RUNTIME_DIR=/run/rouse, or another folder on a tmpfs',
      };
  return [room, memory];
}

function nearestThere(path: string): string {
  const isThere = statSync(path, { throwIfNoEntry: false }) !== undefined;
  return isThere || path === '/' ? path : nearestThere(dirname(path));
}

/** The daemon of the project, where there is one, and its socket. */
export async function daemonFindings(session: Session, project: Project): Promise<ApiFinding[]> {
  const about = 'daemon';
  const { socket } = project.paths;
  const state = await stateOf(socket);
  if (state === 'absent') return [ok(about, `no daemon of "${project.name}" is running`)];
  if (state === 'dead')
    return [{ about, what: `the daemon of "${project.name}"`, state: 'note', why: 'it was killed', mend: 'rouse up' }];
  const what = `socket ${socket}`;
  if (state === 'foreign')
    return [
      {
        about,
        what,
        state: 'problem',
        why: 'it belongs to somebody else: nothing is sent to it',
        mend: `rm ${socket}`,
      },
    ];
  const mode = lstatSync(socket).mode & 0o777;
  const own: ApiFinding =
    mode === 0o600
      ? ok(about, what)
      : { about, what, state: 'problem', why: `its mode is 0${mode.toString(8)}`, mend: `chmod 600 ${socket}` };
  using connection = connectTo(session, project);
  const status = await connection.client.daemon.status();
  return [own, ...runningFindings(status, { version: rouseVersion(), path: session.env['PATH'] ?? '' })];
}

/** What a running daemon says of itself, beside what this command is: `path` is the PATH of who asks. */
export function runningFindings(
  {
    version,
    pid,
    audit,
    listeners,
    tokens,
    path,
  }: Pick<ApiSystem, 'version' | 'pid' | 'audit' | 'listeners' | 'tokens' | 'path'>,
  here: { readonly version: string; readonly path: string },
): ApiFinding[] {
  const about = 'daemon';
  const running = `version ${version}, pid ${pid}`;
  const leftOut = here.path.split(':').filter((folder) => folder !== '' && !path.split(':').includes(folder));
  const addresses = listeners.filter(({ kind }) => kind === 'tcp');
  const open = addresses.filter(({ tls }) => !tls).map(({ address }) => address);
  const where = addresses.map(({ address }) => address).join(', ');
  return [
    version === here.version
      ? ok(about, running)
      : { about, what: running, state: 'note', why: `this program is ${here.version}`, mend: 'rouse daemon upgrade' },
    auditFinding(audit),
    leftOut.length === 0
      ? ok(about, `PATH of programs without a folder: ${path}`)
      : {
          about,
          what: `PATH of programs without a folder: ${path}`,
          state: 'note',
          why: `folders of yours are not in it: ${leftOut.join(', ')}`,
          mend: 'name programs of those folders by their whole paths',
        },
    ...(addresses.length > 0 && tokens === 0
      ? [
          {
            about,
            what: `listens on ${where}`,
            state: 'note',
            why: 'nobody can use it: there is no token',
            mend: 'rouse token new NAME --role viewer',
          } as const,
        ]
      : []),
    ...(addresses.length > 0 && tokens > 0 ? [ok(about, `listens on ${where}, for ${tokens} tokens`)] : []),
    ...open
      .filter((address) => !isLoopback(address))
      .map((address): ApiFinding => ({
        about,
        what: `listens on ${address} without TLS`,
        state: 'problem',
        why: 'tokens can be read on the way',
        mend: '--tls-cert FILE --tls-key FILE',
      })),
  ];
}

const isLoopback = (address: string): boolean => /^(?:127\.|\[::1\]|localhost:)/.test(address);

function auditFinding({ state, why }: ApiSystem['audit']): ApiFinding {
  const about = 'daemon';
  if (state === 'whole') return ok(about, 'audit trail: it can be written, and nothing contradicts it');
  if (state === 'none')
    return { about, what: 'audit trail', state: 'note', why: 'this daemon keeps none', mend: 'rouse daemon upgrade' };
  const reason = why ?? 'it cannot be written';
  return {
    about,
    what: 'audit trail',
    state: 'problem',
    why: reason,
    mend: 'rouse audit verify, and room on its disk',
  };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not there on this machine: then it says nothing.
    return '';
  }
}
