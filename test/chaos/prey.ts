// Processes of a project that chaos may kill, found in /proc.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** Which: main processes of services, launchers, or receivers of what services say. */
export type Prey = 'services' | 'launchers' | 'receivers';

/** Their process ids. `root` is the project's folder; `mark` is in the environment of every process of a service. */
export function pidsOf(
  prey: Prey,
  { root, mark }: { readonly root: string; readonly mark: string },
): readonly number[] {
  const isPrey = (pid: string): boolean => {
    switch (prey) {
      case 'services':
        return leadsSession(pid) && environmentOf(pid).includes(mark) && commandOf(pid).includes('life.sh');
      case 'launchers':
        // Shims are forks of it, and look like it but for the session that it leads.
        return leadsSession(pid) && commandOf(pid).includes(`/.shim launch ${root}`);
      case 'receivers':
        return commandOf(pid).startsWith('rouse: hears') && readlinkSync(`/proc/${pid}/cwd`).startsWith(root);
      default:
        return prey satisfies never;
    }
  };
  return readdirSync('/proc')
    .filter((pid) => {
      try {
        return /^\d+$/.test(pid) && isPrey(pid);
      } catch {
        // It ended meanwhile.
        return false;
      }
    })
    .map(Number);
}

const commandOf = (pid: string): string => readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');

const environmentOf = (pid: string): string => readFileSync(`/proc/${pid}/environ`, 'latin1');

function leadsSession(pid: string): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3] === pid;
}
