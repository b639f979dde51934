/** The environment of a child: made from nothing, not cleaned up from the daemon's. */
import type { Settings, Spec } from '../model/spec.ts';
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
    HOME: host.home,
    USER: host.user,
    LOGNAME: host.user,
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

/** What a start, stop or status command sees besides: no pager, no colours, the provisioning path where there is one. */
export function commandEnvironment(settings: Pick<Settings, 'provisioningPath'>): Environment {
  return {
    SYSTEMD_PAGER: '',
    SYSTEMD_COLORS: '0',
    ...(settings.provisioningPath === null ? {} : { PROVISIONING: settings.provisioningPath }),
  };
}
