/** The environment of a child: made from nothing, not cleaned up from the daemon's. */
import type { Settings, Spec } from '../model/spec.ts';
import { findAccount } from './account.ts';
import type { Host } from './host.ts';

/** Variables by name. Undefined = not set, and not to be set by anybody below. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a run of the service sees: what Rouse gives to every child, then what `inherit_env` takes over, then `more`, then
 * the definition's own, each winning over those before. Nothing else of the daemon's environment.
 */
export function childEnvironment(spec: Spec, run: number, host: Host, more: Environment = {}): Environment {
  const inherited = spec.inheritEnv
    .map((name) => [name, host.environment[name]] as const)
    .filter(([, value]) => value !== undefined);
  return {
    PATH: host.path,
    ...userVariables(spec, host),
    SHELL: '/bin/sh',
    LANG: host.lang,
    ROUSE_SERVICE: spec.name,
    ROUSE_RUN: String(run),
    // Node adds its own coverage variable to every child unless this says that it is not to be set.
    NODE_V8_COVERAGE: undefined,
    ...Object.fromEntries(inherited),
    ...more,
    ...spec.env,
  };
}

/** The home and the name of the user as whom it runs; of one that the password file does not have, / and the number. */
function userVariables({ confinement: { user } }: Spec, host: Host): Environment {
  const account = user === null ? null : findAccount(user);
  const name = user === null ? host.user : (account?.name ?? user);
  return { HOME: user === null ? host.home : (account?.home ?? '/'), USER: name, LOGNAME: name };
}

/** What a start, stop or status command sees besides: no pager, no colours, the provisioning path where there is one. */
export function commandEnvironment(settings: Pick<Settings, 'provisioningPath'>): Environment {
  return {
    SYSTEMD_PAGER: '',
    SYSTEMD_COLORS: '0',
    ...(settings.provisioningPath === null ? {} : { PROVISIONING: settings.provisioningPath }),
  };
}
