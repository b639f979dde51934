/**
 * What this machine can keep services from, tried out: each level is built as a run would be, around a program that shows
 * what is left to it. Nothing is believed that was not seen.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { type Confinement, PLAIN_CONFINEMENT } from '../model/confinement.ts';
import { RESOURCES, findHierarchies } from './cgroup-find.ts';
import { findGround } from './cgroup-ground.ts';
import { planConfinement } from './confine.ts';
import { CONFINING, type ConfineWorld, confineWorld } from './confine-tools.ts';
import { wallWords } from './confine-wall.ts';
import { FIXED_PATH } from './host.ts';
import { findProgram } from './program.ts';

/** What was tried. `why` says, in words, why it cannot be had; null = it can. `mend` is what helps, where something does. */
export interface Trial {
  readonly what: 'user' | 'default' | 'strict' | 'no-network' | 'low-ports' | 'limits' | 'groups';
  readonly why: string | null;
  readonly mend: string | null;
}

/** A program that Rouse uses where it is there, with what it is for. `path` null: it is not there. */
export interface UsedProgram {
  readonly name: string;
  readonly path: string | null;
  readonly use: string;
  readonly package: string;
}

/** The machine, tried out. `limits` are the resources that control groups hold a run to. */
export interface Examination {
  readonly trials: readonly Trial[];
  readonly programs: readonly UsedProgram[];
  readonly limits: readonly string[];
}

/** A user that nothing else is likely to be: the first of those that security pages of distributions leave free. */
const NOBODY_ELSE = 61_184;
const TIMEOUT_MS = 5000;

const USES: readonly (readonly [name: string, use: string, from: string])[] = [
  ['setpriv', 'begins services as other users, without rights', CONFINING.setpriv],
  ['prlimit', 'holds each process to limits', CONFINING.prlimit],
  ['bwrap', 'builds strict sandboxes and takes the network away', CONFINING.bwrap],
  ['setsid', 'gives each run a session of its own', 'util-linux'],
  ['fallocate', 'gives the space of old output back', 'util-linux'],
  ['perl', 'receives what services say of themselves (sd_notify)', 'perl-base'],
  ['nu', 'runs scripts of Nushell', 'nushell'],
];

/** Tries everything out; takes some hundred ms. `runDirectory` is where the runs of the project are kept. Never throws. */
export function examine(runDirectory: string): Examination {
  const world = confineWorld();
  const own = { ...PLAIN_CONFINEMENT, user: world.uid === 0 ? String(NOBODY_ELSE) : null };
  return {
    trials: [
      tried('user', own, world, (seen) => userFault(seen, world)),
      tried('default', { ...own, sandbox: 'default' }, world, rightsFault),
      tried('strict', { ...own, sandbox: 'strict' }, world, rightsFault),
      tried('no-network', { ...own, network: 'none' }, world, () => null),
      tried('low-ports', { ...own, lowPorts: 'allowed' }, world, (seen) =>
        has(seen, 'CapEff', 10) ? null : 'the right to them did not reach the program',
      ),
      limitsTrial(world),
      groupsTrial(runDirectory),
    ],
    programs: USES.map(([name, use, from]) => {
      const found = findProgram(name, { path: FIXED_PATH, directory: '/' });
      return { name, use, package: from, path: found.type === 'fault' ? null : found.path };
    }),
    limits: heldLimits(),
  };
}

/** Builds it around `cat /proc/self/status`, and looks at what that shows. */
function tried(
  what: Trial['what'],
  confinement: Confinement,
  world: ConfineWorld,
  fault: (status: string) => string | null,
): Trial {
  const plan = planConfinement({ name: 'doctor', confinement }, world);
  if (!('drop' in plan)) return { what, why: plan.message, mend: plan.hint };
  const program = ['/bin/cat', '/proc/self/status'];
  const wall =
    plan.bwrap === null
      ? []
      : wallWords(plan.bwrap, confinement, { directory: '/', files: program.slice(0, 1), folders: [], what: 'run' });
  if (!Array.isArray(wall)) return { what, why: 'the wall cannot be built', mend: null };
  const [file = '', ...args] = [...plan.drop, ...wall, ...program];
  const { status, stdout, stderr, error } = spawnSync(file, args, quiet);
  const words = stderr?.trim().split('\n').at(-1) ?? '';
  const mend = plan.bwrap === null ? null : userNamespaces();
  if (error !== undefined) return { what, why: error.message, mend };
  if (status !== 0) return { what, why: words === '' ? `it ended with ${status ?? 'a signal'}` : words, mend };
  return { what, why: fault(stdout), mend: null };
}

const quiet = { encoding: 'utf8', timeout: TIMEOUT_MS, env: { PATH: FIXED_PATH, LANG: 'C' }, cwd: '/' } as const;

const field = (status: string, name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';

const has = (status: string, set: string, bit: number): boolean =>
  ((BigInt(`0x${field(status, set) || '0'}`) >> BigInt(bit)) & 1n) === 1n;

function userFault(status: string, { uid }: ConfineWorld): string | null {
  const wanted = uid === 0 ? NOBODY_ELSE : uid;
  const seen = field(status, 'Uid').split(/\s+/);
  return seen.every((one) => one === String(wanted)) ? null : `it ran as ${seen.join(', ')}, not as ${wanted}`;
}

function rightsFault(status: string): string | null {
  if (field(status, 'NoNewPrivs') !== '1') return 'programs inside can still gain rights (NoNewPrivs is 0)';
  return BigInt(`0x${field(status, 'CapEff') || '0'}`) === 0n || process.geteuid?.() !== 0
    ? null
    : `capabilities are left: ${field(status, 'CapEff')}`;
}

function limitsTrial(world: ConfineWorld): Trial {
  const what = 'limits';
  const prlimit = world.find('prlimit');
  if (prlimit === null) return { what, why: '`prlimit` is not there', mend: `apt-get install ${CONFINING.prlimit}` };
  const { stdout } = spawnSync(prlimit, ['--nofile=32', '--', '/bin/sh', '-c', 'ulimit -n'], quiet);
  return { what, why: stdout?.trim() === '32' ? null : 'a limit that was set did not hold', mend: null };
}

function groupsTrial(runDirectory: string): Trial {
  const { unified } = findGround(runDirectory);
  const why = 'why' in unified ? unified.why : null;
  const mend =
    why === null ? null : 'run the daemon as a service with its own control group (Delegate=yes), or as root';
  return { what: 'groups', why, mend };
}

function heldLimits(): readonly string[] {
  const found = findHierarchies(textOf('/proc/self/mountinfo'), textOf('/proc/self/cgroup'));
  const unified = found.unified === null ? [] : textOf(`${found.unified}/cgroup.controllers`).trim().split(/\s+/);
  return RESOURCES.filter((resource) => unified.includes(resource) || found.separate.has(resource));
}

/** What helps where user namespaces are forbidden. */
function userNamespaces(): string | null {
  const clone = '/proc/sys/kernel/unprivileged_userns_clone';
  if (existsSync(clone) && textOf(clone).trim() === '0') return 'sysctl -w kernel.unprivileged_userns_clone=1';
  const apparmor = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';
  if (existsSync(apparmor) && textOf(apparmor).trim() === '1')
    return 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0';
  return textOf('/proc/sys/user/max_user_namespaces').trim() === '0'
    ? 'sysctl -w user.max_user_namespaces=10000'
    : null;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not there on this machine: then it says nothing.
    return '';
  }
}
