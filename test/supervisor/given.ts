// A supervisor over a world that is told by hand, and the words in which people ask.
import type { LaunchOrder, Launching } from '../../src/model/launching.ts';
import type { Service } from '../../src/model/service.ts';
import type { Definition } from '../../src/model/spec.ts';
import type { ChangeRequest } from '../../src/model/request.ts';
import { PLAIN_POLICY } from '../../src/model/policy.ts';
import type { LogStore } from '../../src/ports/log-store.ts';
import { EngineSupervisor } from '../../src/supervisor/supervisor.ts';
import type { Given } from '../core/given.ts';
import { BY, type Stage, specsOf, stage } from '../engine/given.ts';

const LOGS: LogStore = {
  open: () => ({ fd: -1, path: '' }),
  end: () => {},
  // oxlint-disable-next-line require-yield -- there is nothing to read
  async *read() {},
  bytes: () => Promise.resolve(new Uint8Array()),
  last: (service, run) => [`${service} ${run} says goodbye`],
};

const SETTINGS: Definition['settings'] = {
  orchestration: 'enabled',
  orchestrationOrigin: null,
  dependencyStart: 'automatic',
  dependencyStartOrigin: null,
  nuPath: null,
  provisioningPath: null,
};

/** A stage with the supervisor on it. */
export interface Play {
  readonly on: Stage;
  readonly supervisor: EngineSupervisor;
}

/** A supervisor of stopped services. */
export function supervise(...services: readonly Given[]): Play {
  return superviseOn(stage(...services), definition(...services));
}

/** A supervisor on a stage that is there already. */
export function superviseOn(on: Stage, of: Definition): Play {
  const launching = ({ spec }: Service, { command, more }: LaunchOrder): Launching => ({
    file: command?.[0] ?? '/own',
    args: [...(command?.slice(1) ?? []), ...more],
    env: spec.env,
    cwd: spec.cwd,
  });
  const close = (): Promise<void> => Promise.resolve();
  const parts = {
    engine: on.engine,
    definition: of,
    store: on.store,
    logs: LOGS,
    close,
    launching,
    heldBy: () => null,
  };
  return { on, supervisor: new EngineSupervisor(parts) };
}

/** A definition of these services with the settings that a file without any has. */
export function definition(...services: readonly Given[]): Definition {
  return definitionWith({}, ...services);
}

export function definitionWith(settings: Partial<Definition['settings']>, ...services: readonly Given[]): Definition {
  return {
    name: 'shop',
    services: specsOf(...services),
    settings: { ...SETTINGS, ...settings },
    policy: PLAIN_POLICY,
    hash: services.map(({ spec }) => spec.hash).join(' '),
    directory: '/srv',
    files: ['/srv/rouse.toml'],
  };
}

/** An order with the manners of the command line. */
export function order(
  action: ChangeRequest['action'],
  services: readonly string[] = [],
  manners: Partial<ChangeRequest> = {},
): ChangeRequest {
  const completed = action === 'restart' || action === 'run' ? 'again' : 'keep';
  return { action, services, dependencies: 'settings', dependents: 'refuse', completed, by: BY, ...manners };
}
