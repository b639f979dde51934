/** What a service asks for of accounts, and of what definitions of the API may have: against the rules and the machine. */
import type { Ground } from '../model/ground.ts';
import type { Policy } from '../model/policy.ts';
import type { Spec } from '../model/spec.ts';
import type { Fault, Report } from './fault.ts';
import type { MergedService } from './stand-in.ts';
import { type Path, keySpanAt } from './tree.ts';

/** The rules and the machine. `present`: the services that a document of the API is to replace; null for everything else. */
export interface Asking {
  readonly policy: Policy;
  readonly ground: Ground;
  readonly present: readonly Spec[] | null;
  readonly report: Report;
}

/**
 * Reports what a service may not have. Faults: RSE1122 for want of a user, RSE1123 for accounts that are not there or
 * cannot be taken, RSE1124 for what the API may not ask for. A service that is as it is at present asks for nothing.
 */
export function checkAsked(service: MergedService, spec: Spec, asking: Asking): void {
  const told: Told = { service, spec, asking };
  checkAccounts(told);
  const { present, policy } = asking;
  if (present === null || policy.apiDefinitions.root === 'allowed') return;
  const before = present.find(({ name }) => name === spec.name);
  if (before?.hash !== spec.hash) checkApi(told, before ?? null);
}

interface Told {
  readonly service: MergedService;
  readonly spec: Spec;
  readonly asking: Asking;
}

function tell({ service, asking }: Told, path: Path, words: Pick<Fault, 'code' | 'message' | 'hint'>): void {
  const span = path.length === 0 ? service.span : (keySpanAt(service.table, path) ?? service.span);
  asking.report({ ...words, span, path: ['services', service.name, ...path], services: [service.name] });
}

function checkAccounts(told: Told): void {
  const { spec, asking } = told;
  const { ground, policy } = asking;
  if (ground.uid < 0 || spec.execution.type !== 'process') return;
  const { user, group } = spec.confinement;
  if (user === null && ground.uid === 0 && policy.user === 'required')
    tell(told, [], {
      code: 'RSE1122',
      message: `"${spec.name}" does not say as whom it runs, and the daemon is root`,
      hint: `add user = "NAME" to "${spec.name}"; root must be typed out: user = "root"`,
    });
  const account = user === null ? null : ground.findUser(user);
  if (user !== null && account === null) missing('user', user, told);
  const gid = group === null ? null : ground.findGroup(group);
  if (group !== null && gid === null) missing('group', group, told);
  if (ground.uid === 0) return;
  if (account !== null && account.uid !== ground.uid) notRoot('user', user ?? '', told);
  if (gid !== null && gid !== ground.gid) notRoot('group', group ?? '', told);
}

function missing(key: 'user' | 'group', name: string, told: Told): void {
  tell(told, [key], {
    code: 'RSE1123',
    message: `there is no ${key} "${name}" on this machine`,
    hint: `make it: ${key}add --system ${name}; or name another one`,
  });
}

function notRoot(key: 'user' | 'group', name: string, told: Told): void {
  const { uid } = told.asking.ground;
  tell(told, [key], {
    code: 'RSE1123',
    message: `"${told.spec.name}" cannot run as ${key} "${name}": the daemon runs as user ${uid} and is not root`,
    hint: `take "${key}" out, or start the daemon as root`,
  });
}

function checkApi(told: Told, before: Spec | null): void {
  const { spec, asking } = told;
  const { ground, policy } = asking;
  const { user, group } = spec.confinement;
  const hint =
    'write it into a file that the daemon loads, or allow it: security.api_definitions = { allow_root = true }';
  const isRoot = (name: string | null, id: number | undefined | null): boolean =>
    name !== null && (id === 0 || name === '0' || name === 'root');
  if (isRoot(user, user === null ? null : ground.findUser(user)?.uid))
    tell(told, ['user'], { code: 'RSE1124', message: `"${spec.name}" of a definition of the API asks for root`, hint });
  if (isRoot(group, group === null ? null : ground.findGroup(group)))
    tell(told, ['group'], {
      code: 'RSE1124',
      message: `"${spec.name}" of a definition of the API asks for the group of root`,
      hint,
    });
  if (spec.execution.type === 'command' && ground.uid === 0 && policy.user === 'required')
    tell(told, ['start_command'], {
      code: 'RSE1124',
      message: `"${spec.name}" of a definition of the API asks for commands that run as the daemon, which is root`,
      hint,
    });
  for (const [name, { file }] of Object.entries(spec.secrets))
    if (before?.secrets[name]?.file !== file)
      tell(told, ['secrets', name], {
        code: 'RSE1124',
        message: `secret "${name}" of "${spec.name}" names a file, which a definition of the API cannot: the daemon reads it`,
        hint,
      });
}
