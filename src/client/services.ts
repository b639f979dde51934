/** Services: what they are, how they are, and the orders that name one. */
import type { ApiChange, ChangeOptions } from '../contract/api-change.ts';
import type { ApiCheck } from '../contract/api-check.ts';
import type { ApiExplanation } from '../contract/api-explain.ts';
import type { FrozenService, FrozenStatus } from '../contract/api-frozen.ts';
import type { ApiHealthReport } from '../contract/api-health.ts';
import type { ApiLaunch, ApiLaunchOrder } from '../contract/api-launch.ts';
import type { PinOrder } from '../contract/api-pin.ts';
import type { ApiService } from '../contract/api-service.ts';
import type { SignalOrder } from '../contract/api-signal.ts';
import { type Session, pathOf } from './session.ts';

/** The services of the project. Every method that names one throws NotFoundError RSE4001 when it is not there. */
export interface ServicesClient {
  /** All services, in the order of declaration. */
  list(): Promise<readonly ApiService[]>;
  get(name: string): Promise<ApiService>;
  /** `ask` asks the service now; `last` is the last answer. */
  health(name: string, mode: 'last' | 'ask'): Promise<ApiHealthReport>;
  checks(name: string): Promise<readonly ApiCheck[]>;
  explain(name: string): Promise<ApiExplanation>;
  /** Everything that would be affected if it stopped, nearest first. */
  impact(name: string): Promise<readonly string[]>;
  start(name: string, options?: ChangeOptions): Promise<ApiChange>;
  stop(name: string, options?: ChangeOptions): Promise<ApiChange>;
  restart(name: string, options?: ChangeOptions): Promise<ApiChange>;
  /** Sends a signal to its main process, or to every process of its run. Errors: RSE4019 it has none. */
  signal(name: string, order: SignalOrder): Promise<ApiService>;
  /** Pins all of them, or none. Errors: RSE4005, RSE4006, RSE4014, RSE4016, RSE4017: nothing was pinned. */
  pin(order: PinOrder): Promise<readonly ApiService[]>;
  /** How a command is run as the service would be. Errors: RSE2101, RSE2108, RSE2109, RSE2113, RSE4020. */
  launch(name: string, order: ApiLaunchOrder): Promise<ApiLaunch>;
  /** The guide's list and status, member for member. */
  listed(): Promise<readonly FrozenService[]>;
  statuses(): Promise<readonly FrozenStatus[]>;
}

/** The services over a session. */
export function servicesClient(session: Session): ServicesClient {
  const order = (name: string, verb: 'start' | 'stop' | 'restart', options: ChangeOptions): Promise<ApiChange> =>
    session.call('POST', pathOf('services', name, verb), { body: options });
  return {
    list: () => session.call('GET', pathOf('services')),
    get: (name) => session.call('GET', pathOf('services', name)),
    health: (name, mode) =>
      session.call('GET', pathOf('services', name, 'health'), { query: { ask: mode === 'ask' ? 'true' : null } }),
    checks: (name) => session.call('GET', pathOf('services', name, 'checks')),
    explain: (name) => session.call('GET', pathOf('services', name, 'explain')),
    impact: (name) => session.call('GET', pathOf('services', name, 'impact')),
    start: (name, options = {}) => order(name, 'start', options),
    stop: (name, options = {}) => order(name, 'stop', options),
    restart: (name, options = {}) => order(name, 'restart', options),
    signal: (name, body) => session.call('POST', pathOf('services', name, 'signal'), { body }),
    pin: (body) => session.call('POST', pathOf('pins'), { body }),
    launch: (name, body) => session.call('POST', pathOf('services', name, 'launch'), { body }),
    listed: () => session.call('GET', pathOf('services', 'list')),
    statuses: () => session.call('GET', pathOf('services', 'status')),
  };
}
