/** What a definition asks for and what it leaves open, looked at for `rouse doctor`: pure, beside what the machine can do. */
import type { ApiFinding } from '../contract/api-doctor.ts';
import { commandsOf, usesShell } from '../model/commands.ts';
import type { Definition, Spec } from '../model/spec.ts';
import type { Examination, Trial } from '../supervisor/machine.ts';

type Asks = readonly [who: (spec: Spec) => boolean, trial: Trial['what'], what: string];

const TRIED: readonly Asks[] = [
  [({ confinement: { user, group } }) => user !== null || group !== null, 'user', 'other users (user, group)'],
  [({ confinement }) => confinement.sandbox === 'strict', 'strict', 'sandbox = "strict"'],
  [({ confinement }) => confinement.network === 'none', 'no-network', 'network = "none"'],
  [({ confinement }) => confinement.lowPorts === 'allowed', 'low-ports', 'ports below 1024 (low_ports)'],
  [
    ({ confinement }) => Object.values(confinement.limits).some((limit) => limit !== null),
    'limits',
    'limits of processes',
  ],
];

const SHOWN = 5;
const LONG_CHAIN = 6;

/** What services ask for, and whether this machine has it: a problem where it has not. Nothing for what nobody asks for. */
export function askedFor({ services, settings }: Definition, { trials, limits, programs }: Examination): ApiFinding[] {
  const tried = TRIED.flatMap(([asks, what, words]) => {
    const who = services.filter(asks);
    const trial = trials.find((one) => one.what === what);
    return who.length === 0 || trial === undefined ? [] : [found(words, who, trial.why, trial.mend)];
  });
  const held = (['memory', 'cpu', 'pids'] as const).flatMap((resource) => {
    const who = services.filter((spec) => resourceOf(spec, resource) !== null);
    const why = limits.includes(resource) ? null : 'no control group of this machine limits it';
    return who.length === 0 ? [] : [found(`limits on ${resource}`, who, why, null)];
  });
  const heard = services.filter(
    ({ readiness }) => readiness.type === 'probe' && readiness.probe.target.type === 'notify',
  );
  const perl = programs.find(({ name }) => name === 'perl');
  const notify =
    heard.length === 0
      ? []
      : [found('sd_notify', heard, perl?.path === null ? '`perl` is not there' : null, 'apt-get install perl-base')];
  return [...tried, ...held, ...notify, ...scripts(services, settings.nuPath, programs)];
}

function scripts(
  services: readonly Spec[],
  nuPath: string | null,
  programs: Examination['programs'],
): readonly ApiFinding[] {
  const who = services.filter((spec) => commandsOf(spec).some(({ via }) => via === 'nushell'));
  if (who.length === 0 || nuPath !== null) return [];
  const nu = programs.find(({ name }) => name === 'nu');
  const why = nu?.path === null ? '`nu` is not there' : null;
  return [found('scripts of Nushell', who, why, 'install Nushell, or set nu_path')];
}

function resourceOf({ limits }: Spec, resource: 'memory' | 'cpu' | 'pids'): number | null {
  if (resource === 'memory') return limits.memoryBytes;
  return resource === 'cpu' ? limits.cpus : limits.processes;
}

function found(what: string, who: readonly Spec[], why: string | null, mend: string | null): ApiFinding {
  const about = 'definition';
  return why === null
    ? { about, what: `${what}: ${namesOf(who)}`, state: 'ok', why, mend: null }
    : { about, what: `${what}: ${namesOf(who)}`, state: 'problem', why, mend };
}

/** What a definition leaves open that it need not. `uid` is that of the daemon. Notes only. */
export function openEnds({ services, policy }: Definition, uid: number): ApiFinding[] {
  const root = services.filter(
    (spec) => uid === 0 && spec.execution.type === 'process' && spec.confinement.user === null,
  );
  const shell = services.filter((spec) => usesShell(spec) === 'yes');
  const asVariables = services.filter(({ secrets }) => Object.values(secrets).some((secret) => secret.as === 'env'));
  const isRemote = policy.listen.some(({ plainHttp }) => plainHttp === 'typed-out');
  return [
    ...note('services that run as root', root, 'whoever breaks into one has the machine', 'user = "NAME" in each'),
    ...(uid === 0 && policy.user === 'optional' && root.length > 0
      ? [plain('a user is not asked for', 'a service without `user` runs as root in silence', 'ROUSE_REQUIRE_USER=1')]
      : []),
    ...note('commands that a shell reads', shell, 'what is put into them is read as shell syntax', 'a list of words'),
    ...note(
      'secrets as variables',
      asVariables,
      'every process of the service inherits them',
      'leave out as = "env", and read the file in $CREDENTIALS_DIRECTORY',
    ),
    ...(isRemote
      ? [plain('plain HTTP beyond this machine', 'tokens can be read on the way', 'a certificate and its key')]
      : []),
    ...(policy.auditFailure === 'warn'
      ? [
          plain(
            'the audit trail may have gaps',
            'orders are carried out when they cannot be put on record',
            'leave the rule out',
          ),
        ]
      : []),
  ];
}

/** The best practices of running services, as far as a definition shows them. Notes only. */
export function practices({ services }: Definition): ApiFinding[] {
  const lasting = services.filter(({ kind }) => kind === 'service');
  const unchecked = lasting.filter(({ liveness, readiness }) => liveness === null && readiness.type === 'settle');
  const unstoppable = lasting.filter(({ execution }) => execution.type === 'command' && execution.stop === null);
  const undescribed = services.filter(({ description }) => description === '');
  const unkept = lasting.filter(({ restart, execution }) => restart.policy === 'no' && execution.type === 'process');
  const chain = longestChain(services);
  const double = services.flatMap((spec) => needless(spec, services).map((name) => `${spec.name} on ${name}`));
  const practice = (what: string, who: readonly Spec[], why: string, mend: string): ApiFinding[] =>
    note(what, who, why, mend).map((finding) => ({ ...finding, about: 'practice' }));
  return [
    ...practice(
      'no health check',
      unchecked,
      'such a service is healthy as long as its process lives',
      'health = "http://…"',
    ),
    ...practice('no stop command', unstoppable, 'nothing can end such a service', 'stop_command = "…"'),
    ...practice('not started again when it fails', unkept, 'restart = "no"', 'restart = "on-failure"'),
    ...practice('no description', undescribed, 'people who look at it cannot know what it is', 'description = "…"'),
    ...(chain.length > LONG_CHAIN
      ? [
          practiceOf(
            `a chain of ${chain.length}: ${chain.slice(0, SHOWN).join(' > ')} …`,
            'each waits for the one before it, which makes every start slow',
            'declare only what is really needed',
          ),
        ]
      : []),
    ...(double.length > 0
      ? [
          practiceOf(
            `dependencies that follow from others: ${some(double)}`,
            'what it needs already needs them',
            'leave them out',
          ),
        ]
      : []),
  ];
}

const practiceOf = (what: string, why: string, mend: string): ApiFinding => ({
  about: 'practice',
  what,
  state: 'note',
  why,
  mend,
});

const plain = (what: string, why: string, mend: string): ApiFinding => ({
  about: 'definition',
  what,
  state: 'note',
  why,
  mend,
});

function note(what: string, who: readonly Spec[], why: string, mend: string): ApiFinding[] {
  return who.length === 0 ? [] : [plain(`${what}: ${namesOf(who)}`, why, mend)];
}

const namesOf = (who: readonly Spec[]): string => some(who.map(({ name }) => name));

function some(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return `${names.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Dependencies of the same kind that another dependency brings along. */
function needless(spec: Spec, services: readonly Spec[]): readonly string[] {
  const required = spec.dependencies.filter(({ need, when }) => need === 'required' && when === 'ready');
  return required
    .filter(({ name }) => required.some((other) => other.name !== name && reaches(other.name, name, services)))
    .map(({ name }) => name);
}

function reaches(from: string, to: string, services: readonly Spec[]): boolean {
  const seen = new Set<string>();
  const queue = [from];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const next = services.find((one) => one.name === name)?.dependencies ?? [];
    for (const { name: needed, need, when } of next) {
      if (need !== 'required' || when !== 'ready' || seen.has(needed)) continue;
      if (needed === to) return true;
      seen.add(needed);
      queue.push(needed);
    }
  }
  return false;
}

/** The longest path of required dependencies, the first to start first. The graph has no circles: it was loaded. */
function longestChain(services: readonly Spec[]): readonly string[] {
  const byName = new Map(services.map((spec) => [spec.name, spec]));
  const known = new Map<string, readonly string[]>();
  const chainTo = (name: string): readonly string[] => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const needs = (byName.get(name)?.dependencies ?? []).filter(({ need }) => need === 'required');
    const longest = needs
      .map((dependency) => chainTo(dependency.name))
      .reduce<readonly string[]>((best, chain) => (chain.length > best.length ? chain : best), []);
    const chain = [...longest, name];
    known.set(name, chain);
    return chain;
  };
  return services
    .map(({ name }) => chainTo(name))
    .reduce<readonly string[]>((best, chain) => (chain.length > best.length ? chain : best), []);
}
