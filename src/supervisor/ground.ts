/** The machine, as far as it decides what a definition may ask for. */
import type { Ground } from '../model/ground.ts';
import { findAccount } from '../runtime/account.ts';
import { gidOf } from '../runtime/confine-account.ts';
import { daemonPath } from '../runtime/host.ts';
import { findProgram, realOf } from '../runtime/program.ts';

const RULES_FILE = '/etc/rouse/config.toml';

/**
 * The ground of this machine for a program with that environment, which names the file of rules (`ROUSE_CONFIG`) and may
 * ask for users (`ROUSE_REQUIRE_USER=1`). It must be the program's own, never what somebody sends.
 */
export function groundOf(environment: Readonly<Record<string, string | undefined>>): Ground {
  const named = environment['ROUSE_CONFIG'] ?? '';
  const uid = process.getuid?.() ?? -1;
  return {
    rulesFile: named === '' ? { path: RULES_FILE, need: 'optional' } : { path: named, need: 'required' },
    userRule: environment['ROUSE_REQUIRE_USER'] === '1' ? 'required' : 'as-written',
    uid,
    gid: process.getgid?.() ?? -1,
    findUser: findAccount,
    findGroup: gidOf,
    findProgram: (word, directory) => {
      const found = findProgram(word, { path: daemonPath(environment, uid), directory });
      return found.type === 'fault' ? null : { path: found.path, real: realOf(found.path) };
    },
  };
}
