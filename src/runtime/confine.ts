/**
 * From what a definition asks for to the words that wrap a launch (ADR 0049).
 *
 *     [nice -n N] [setpriv … --] [bwrap … -- sh -c …] PROGRAM
 *
 * | asked for                       | what is done |
 * |---------------------------------|--------------|
 * | nothing                         | setpriv: no program can give rights (no_new_privs); no core |
 * | `user`, `group`                 | setpriv: the user, its own groups, no capability in any set, no_new_privs |
 * | ... and `sandbox = "none"`      | setpriv: user and groups alone |
 * | `low_ports`                     | setpriv leaves the one capability in all sets |
 * | `sandbox = "strict"`            | setpriv as above, then a wall around it |
 * | `network = "none"`              | a wall that has a network of its own and hides nothing else, unless it is strict |
 *
 * Nothing that was asked for is left away in silence: it is a fault (`isolation`), but for limits, which are reported.
 * Variables that change how the dynamic loader of a program works are set after the rights are given up: what wraps is
 * executed by root. Source: setpriv(1), capabilities(7), prctl(2) PR_SET_NO_NEW_PRIVS, ld.so(8).
 */
import type { ConfinedBy } from '../model/held.ts';
import type { StartFault } from '../model/reason.ts';
import type { Spec } from '../model/spec.ts';
import { type As, asWhom, isFault } from './confine-account.ts';
import { type LimitsPlan, planLimits } from './confine-limits.ts';
import { type ConfineWorld, withoutTool } from './confine-tools.ts';
import { isWalled } from './confine-wall.ts';

/** How a run is confined on this machine. */
export interface ConfinePlan {
  /** Whom it becomes; null when it stays who the daemon is. */
  readonly as: As | null;
  /** Words that give rights up, each program absolute; empty when there is nothing to give up. */
  readonly drop: readonly string[];
  /** The same for a process that can gain no rights already. */
  readonly dropGainless: readonly string[];
  /** Absolute path of bwrap, where a wall is needed. */
  readonly bwrap: string | null;
  readonly limits: LimitsPlan;
  readonly held: ConfinedBy;
}

type Wanted = Pick<Spec, 'name' | 'confinement'>;

/** Names of variables that programs in secure-execution mode do not believe. Source: glibc, unsecvars.h; ld.so(8). */
const UNSAFE =
  /^(LD_.*|GLIBC_TUNABLES|GCONV_PATH|GETCONF_DIR|HOSTALIASES|LOCALDOMAIN|LOCPATH|MALLOC_.*|NIS_PATH|NLSPATH|RES(OLV_HOST_CONF|_OPTIONS)|TZDIR|RESOLV_.*)$/;

/** Whether a variable is to be kept from what wraps a run. */
export function isUnsafe(name: string): boolean {
  return UNSAFE.test(name);
}

/** The plan, or why it cannot be had. Never throws. */
export function planConfinement(spec: Wanted, world: ConfineWorld): ConfinePlan | StartFault {
  const { confinement } = spec;
  const as = asWhom(confinement, world);
  if (as !== null && isFault(as)) return as;
  const whole = refusalOf(spec, as, world);
  if (whole !== null) return whole;
  const setpriv = world.find('setpriv');
  if (as !== null && setpriv === null) return withoutTool('setpriv', `beginning it as ${nameOf(as)}`);
  const bwrap = isWalled(confinement) ? world.find('bwrap') : null;
  if (isWalled(confinement) && bwrap === null)
    return withoutTool('bwrap', confinement.sandbox === 'strict' ? 'sandbox = "strict"' : 'network = "none"');
  const limits = planLimits(confinement, world);
  const nice = limits.nice === null ? [] : [world.find('nice') ?? 'nice', '-n', String(limits.nice), '--'];
  return {
    as,
    drop: [...nice, ...(setpriv === null ? [] : dropWords(setpriv, spec, as))],
    dropGainless: [...nice, ...(setpriv === null || as === null ? [] : dropWords(setpriv, spec, as))],
    bwrap,
    limits,
    held: {
      user: {
        name: as === null ? ownName(confinement.user) : as.name,
        uid: as?.uid ?? world.uid,
        gid: as?.gid ?? world.gid,
      },
      sandbox: confinement.sandbox,
      gains: gainsOf(confinement, setpriv),
      network: confinement.network,
      limits: limits.held,
    },
  };
}

/** One who stays who he is gives up the gaining of rights, which a wall would take as well. */
function dropWords(setpriv: string, spec: Wanted, as: As | null): readonly string[] {
  if (as !== null) return [setpriv, ...rightsOf(spec, as), '--'];
  return isGainless(spec) ? [setpriv, '--no-new-privs', '--'] : [];
}

/** Whether its process gives up the gaining of rights itself, whoever it becomes: not where it may gain some, or a wall sees to that. */
export function isGainless({ confinement }: Pick<Spec, 'confinement'>): boolean {
  return confinement.sandbox !== 'none' && !isWalled(confinement);
}

/** What cannot be had together. */
function refusalOf({ confinement }: Wanted, as: As | null, world: ConfineWorld): StartFault | null {
  const { sandbox, lowPorts } = confinement;
  const fault = (message: string, hint: string): StartFault => ({ code: 'isolation', message, program: null, hint });
  if (sandbox === 'strict' && (as?.uid ?? world.uid) === 0)
    return fault(
      'sandbox = "strict" keeps nothing from root',
      'set user to one that is not root, e.g. user = "nobody"; or ask for sandbox = "default"',
    );
  if (lowPorts === 'refused' || (as?.uid ?? world.uid) === 0) return null;
  if (world.uid !== 0)
    return fault('only a daemon of root can let it listen below port 1024', 'use a port from 1024 on');
  return isWalled(confinement)
    ? fault(
        'ports below 1024 cannot be had behind a wall: the right to them does not reach into it',
        'use a port from 1024 on, or sandbox = "default" and network = "host"',
      )
    : null;
}

function rightsOf({ confinement: { sandbox, lowPorts } }: Wanted, as: As): readonly string[] {
  const who = [`--reuid=${as.uid}`, `--regid=${as.gid}`, as.groups === 'own' ? '--init-groups' : '--clear-groups'];
  const more = lowPorts === 'allowed' && as.uid !== 0 ? ',+net_bind_service' : '';
  if (sandbox === 'none')
    return more === '' ? who : [...who, `--inh-caps=+net_bind_service`, '--ambient-caps=+net_bind_service'];
  if (as.uid === 0) return [...who, '--no-new-privs'];
  return [
    ...who,
    '--no-new-privs',
    `--inh-caps=-all${more}`,
    `--ambient-caps=-all${more}`,
    `--bounding-set=-all${more}`,
  ];
}

function gainsOf(confinement: Spec['confinement'], setpriv: string | null): ConfinedBy['gains'] {
  if (isWalled(confinement)) return 'enforced';
  if (confinement.sandbox === 'none') return 'none';
  return setpriv === null ? { unavailable: '`setpriv` is not there: install the package util-linux' } : 'enforced';
}

const nameOf = (as: As): string => `user "${as.name ?? as.uid}"`;
const ownName = (user: string | null): string | null => (user === null || /^\d+$/.test(user) ? null : user);
