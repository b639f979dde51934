/** What this machine and this program have for confining runs. */
import { existsSync, readFileSync } from 'node:fs';
import type { StartFault } from '../model/reason.ts';
import { FIXED_PATH } from './host.ts';
import { findProgram } from './program.ts';

/** The programs that confine, with the Debian package that each comes with. */
export const CONFINING = {
  setpriv: 'util-linux',
  prlimit: 'util-linux',
  bwrap: 'bubblewrap',
  nice: 'coreutils',
} as const;

/** One of them. */
export type Tool = keyof typeof CONFINING;

/** What can be had. `find` gives an absolute path, or null. */
export interface ConfineWorld {
  readonly uid: number;
  readonly gid: number;
  readonly find: (tool: Tool) => string | null;
  /** Whether limits may be raised above those of this program, and its priority with them. Source: capabilities(7), CAP_SYS_RESOURCE, CAP_SYS_NICE. */
  readonly may: { readonly raise: boolean; readonly hurry: boolean };
  /** The highest that this program may set of each limit, by its name in /proc/self/limits; null = no limit, or not known. */
  readonly most: (name: string) => number | null;
}

const CAPABILITY = { setNice: 23, resource: 24 } as const;

/** This machine. Programs are looked for in the fixed folders alone, whatever the PATH of this program says; found once. */
export function confineWorld(): ConfineWorld {
  const found = new Map<Tool, string>();
  const rights = effectiveRights();
  return {
    uid: process.geteuid?.() ?? 0,
    gid: process.getegid?.() ?? 0,
    find(tool) {
      const known = found.get(tool);
      if (known !== undefined && existsSync(known)) return known;
      const one = findProgram(tool, { path: FIXED_PATH, directory: '/' });
      if (one.type === 'fault') return null;
      found.set(tool, one.path);
      return one.path;
    },
    may: { raise: has(rights, CAPABILITY.resource), hurry: has(rights, CAPABILITY.setNice) },
    most: hardLimit,
  };
}

/** The fault of a program that is needed and is not there. */
export function withoutTool(tool: Tool, forWhat: string): StartFault {
  return {
    code: 'isolation',
    message: `${forWhat} needs \`${tool}\`, which is not in ${FIXED_PATH}`,
    program: tool,
    hint: `install the package ${CONFINING[tool]}`,
  };
}

function effectiveRights(): bigint {
  try {
    const text = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return text === undefined ? 0n : BigInt(`0x${text}`);
  } catch {
    // No /proc: then nothing is promised.
    return 0n;
  }
}

const has = (rights: bigint, bit: number): boolean => ((rights >> BigInt(bit)) & 1n) === 1n;

/** Source: proc_pid_limits(5): name in 26 columns, soft, hard, unit. */
function hardLimit(name: string): number | null {
  try {
    const line = readFileSync('/proc/self/limits', 'utf8')
      .split('\n')
      .find((one) => one.startsWith(`${name} `));
    const hard = line?.slice(name.length).trim().split(/\s+/)[1];
    return hard === undefined || !/^\d+$/.test(hard) ? null : Number(hard);
  } catch {
    return null;
  }
}
