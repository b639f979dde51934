/** The guide's object: services are registered one by one, then started, stopped and asked about by name. */
import { RouseError } from '../model/errors.ts';
import type { Explanation } from '../model/explanation.ts';
import type { Plan } from '../model/plan.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Status } from '../model/view.ts';
import type { Order } from './backend.ts';
import { BY_LIBRARY, Embedded } from './embedded.ts';
import { refuseFailed } from './failure.ts';
import { Registry } from './registry.ts';
import type { ServiceFields } from './service-words.ts';

/** The guide's settings. All may be left out. */
export interface OrchestratorOptions {
  /** Nushell for `.nu` scripts; default `nu` on the PATH. */
  readonly nuPath?: string;
  /** Handed to commands as `PROVISIONING`. */
  readonly provisioningPath?: string;
  /** Default true: whoever is started brings what it needs. False: a start with a missing dependency is refused. */
  readonly autoStartDependencies?: boolean;
  /** Default true. False: everything that would change something is refused with RSE4006. */
  readonly managerEnabled?: boolean;
}

/** A service's health. `healthy` is false also while nothing is known; `lastCheck` is when it was asked. */
export interface ServiceHealth {
  readonly healthy: boolean;
  readonly message: string;
  readonly lastCheck: Date;
}

/** A service and the guide's word for its state. */
export interface ServiceState {
  readonly name: ServiceName;
  readonly status: Status;
}

/** A registered service in the guide's words. */
export interface ListedService {
  readonly name: ServiceName;
  readonly description: string;
  readonly dependencies: readonly ServiceName[];
  /** As written; null where it is a function or external. */
  readonly startCommand: string | null;
  readonly stopCommand: string | null;
  readonly healthCheckEndpoint: string | null;
}

const NEVER = new AbortController().signal;

/**
 * Manages services with startup by dependency, health checking and coordination, inside this program.
 *
 * Methods that name a service reject with NotFoundError RSE4001 when it is not registered, and, where they would bring
 * it up, with DefinitionError when a dependency is missing (RSE1203) or goes in a circle (RSE1201); both name every
 * service involved. Others whose dependencies are sound work all the same.
 */
export class ServiceOrchestrator implements AsyncDisposable {
  readonly #registry: Registry;
  readonly #environment: Readonly<Record<string, string | undefined>> = { ...process.env };
  #embedded: Embedded | null = null;
  #definition: 'current' | 'outdated' = 'outdated';
  #ending: Promise<void> | null = null;

  constructor(options?: OrchestratorOptions);
  constructor(nuPath: string, provisioningPath: string, autoStart?: OrchestratorOptions['autoStartDependencies']);
  constructor(
    first: OrchestratorOptions | string = {},
    provisioningPath?: string,
    autoStart?: OrchestratorOptions['autoStartDependencies'],
  ) {
    const given: OrchestratorOptions =
      typeof first === 'string'
        ? {
            nuPath: first,
            ...(provisioningPath === undefined ? {} : { provisioningPath }),
            ...(autoStart === undefined ? {} : { autoStartDependencies: autoStart }),
          }
        : first;
    this.#registry = new Registry({
      directory: process.cwd(),
      environment: this.#environment,
      nuPath: given.nuPath ?? null,
      provisioningPath: given.provisioningPath ?? null,
      autoStartDependencies: given.autoStartDependencies ?? true,
      managerEnabled: given.managerEnabled ?? true,
    });
  }

  /** Takes a service, in place of an earlier one of that name, whose run goes on. Errors: DefinitionError for its own words. */
  async registerService(service: ServiceFields): Promise<void> {
    this.#registry.add(service);
    this.#definition = 'outdated';
  }

  /** The names and everything they need, dependencies first, ties by registration. */
  async resolveStartupOrder(names: readonly ServiceName[]): Promise<readonly ServiceName[]> {
    return (await this.plan(names)).order;
  }

  /** What starting these services would do. */
  async plan(names: readonly ServiceName[]): Promise<Plan> {
    this.#registry.demand(names);
    if (names.length === 0) return { targets: [], order: [], waves: [], steps: [], criticalPath: [] };
    return this.#use().supervisor.plan({
      action: 'start',
      services: names,
      dependencies: 'closure',
      dependents: 'leave',
      completed: 'keep',
      by: BY_LIBRARY,
    });
  }

  /**
   * Starts the service after what it needs; resolves when it is ready (a task: completed).
   * Errors: StartError, HealthTimeoutError; RSE4007 without automatic dependencies; RSE4006; RSE2111 a later request
   * took its place.
   */
  async startService(name: ServiceName): Promise<void> {
    this.#registry.demand([name]);
    await this.#perform({ action: 'start', services: [name] });
  }

  /** Starts every service; a failed one does not stop the others. The names that are up, in startup order. Errors: RSE4006. */
  async startAllServices(): Promise<readonly ServiceName[]> {
    const { supervisor } = this.#use();
    const names = supervisor
      .definition()
      .services.filter(({ autostart }) => autostart === 'yes')
      .map(({ name }) => name);
    if (names.length === 0) return [];
    const embedded = this.#use();
    const { id } = await embedded.order({ action: 'up', services: names });
    await embedded.settled(id, NEVER);
    const up = (name: ServiceName): boolean => ['ready', 'completed'].includes(supervisor.service(name).phase);
    return (await this.resolveStartupOrder(names)).filter(up);
  }

  /** Stops the service after everything that depends on it. Errors: RSE4014 for an external one; RSE4006; RSE2111. */
  async stopService(name: ServiceName): Promise<void> {
    if (this.#isUnsound(name)) return;
    await this.#perform({ action: 'stop', services: [name], options: { dependents: 'include' } });
  }

  /** Stops it and starts it again, or starts it. Errors: as `startService` and `stopService`. */
  async restartService(name: ServiceName): Promise<void> {
    this.#registry.demand([name]);
    await this.#perform({ action: 'restart', services: [name] });
  }

  /** Asks the service now how it is. Never rejects for what the check finds. */
  async checkServiceHealth(name: ServiceName): Promise<ServiceHealth> {
    const embedded = this.#use();
    if (this.#isUnsound(name)) {
      const message = this.#registry.faultsOf([name])[0]?.message ?? '';
      return { healthy: false, message, lastCheck: new Date(embedded.clock.now()) };
    }
    using _ = embedded.awake();
    const { healthy, message, lastCheck } = await embedded.supervisor.health(name, 'ask');
    return { healthy: healthy === true, message, lastCheck: new Date(lastCheck ?? embedded.clock.now()) };
  }

  /** The guide's word for where it is. */
  async getServiceStatus(name: ServiceName): Promise<Status> {
    return this.#isUnsound(name) ? 'Stopped' : this.#use().supervisor.service(name).status;
  }

  /** Every registered service with its status, in the order of registration. */
  async getServicesStatus(): Promise<readonly ServiceState[]> {
    return Promise.all(
      this.#registry.specs.map(async ({ name }) => ({ name, status: await this.getServiceStatus(name) })),
    );
  }

  /** Every registered service, in the order of registration. */
  async listServices(): Promise<readonly ListedService[]> {
    return this.#registry.specs.map(({ name, description, dependencies, execution, healthCheckEndpoint }) => ({
      name,
      description,
      dependencies: dependencies.map((edge) => edge.name),
      startCommand:
        execution.type === 'command'
          ? execution.start.source
          : execution.type === 'process'
            ? execution.command.source
            : null,
      stopCommand: execution.type === 'command' ? (execution.stop?.source ?? null) : null,
      healthCheckEndpoint,
    }));
  }

  /** Why it is where it is, down to the root cause. */
  async explain(name: ServiceName): Promise<Explanation> {
    this.#registry.demand([name]);
    return this.#use().supervisor.explain(name);
  }

  /** Stops the processes it holds, in order; what other programs manage stays as it is. Errors: StopTimeoutError. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#ending ??= (async () => this.#embedded?.[Symbol.asyncDispose]())();
    return this.#ending;
  }

  async #perform(order: Order): Promise<void> {
    const embedded = this.#use();
    const { id } = await embedded.order(order);
    await refuseFailed(await embedded.settled(id, NEVER), embedded);
  }

  /** Whether it is registered and cannot be used. Errors: RSE4001. */
  #isUnsound(name: ServiceName): boolean {
    if (!this.#registry.specs.some((spec) => spec.name === name)) this.#registry.demand([name]);
    return !this.#use()
      .supervisor.definition()
      .services.some((spec) => spec.name === name);
  }

  /** The supervisor with the services that are registered by now. Errors: RSE3007 after disposal. */
  #use(): Embedded {
    if (this.#ending !== null)
      throw new RouseError('RSE3007', 'cannot use the orchestrator: it has been disposed of', {
        hint: 'make a new one',
      });
    if (this.#embedded === null) {
      this.#embedded = new Embedded({
        definition: this.#registry.definition(),
        environment: this.#environment,
        functions: (name) => this.#registry.functionOf(name),
      });
    } else if (this.#definition === 'outdated')
      this.#embedded.supervisor.define(this.#registry.definition(), BY_LIBRARY);
    this.#definition = 'current';
    return this.#embedded;
  }
}
