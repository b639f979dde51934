/** Services as they were registered, one by one and in any order: which of them can be used, and why others cannot. */
import { parseDefinitionDocument } from '../config/load.ts';
import { definitionHash } from '../config/hash.ts';
import { DefinitionError, type Issue, NotFoundError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import type { Definition, ServiceName, Spec } from '../model/spec.ts';
import type { ServiceFunction } from '../supervisor/function.ts';
import { check } from '../supervisor/offline.ts';
import type { ServiceFields } from './service-words.ts';

/** What holds for all services: the guide's settings, the folder and the environment. */
export interface RegistrySettings {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly nuPath: string | null;
  readonly provisioningPath: string | null;
  readonly autoStartDependencies: boolean;
  readonly managerEnabled: boolean;
}

/** The registered services, in the order in which they came. */
export class Registry {
  readonly #settings: RegistrySettings;
  readonly #specs = new Map<ServiceName, Spec>();
  readonly #functions = new Map<ServiceName, ServiceFunction>();
  #base: Definition | null = null;

  constructor(settings: RegistrySettings) {
    this.#settings = settings;
  }

  /** Takes a service, in place of an earlier one of that name. Errors: DefinitionError for its own words alone. */
  add(fields: ServiceFields): void {
    const { run } = fields;
    const { definition } = parseDefinitionDocument(this.#document(fields), {
      directory: this.#settings.directory,
      project: 'orchestrator',
      environment: this.#settings.environment,
      made: 'library',
      // Whom it needs may be registered later.
      check: () => [],
    });
    for (const spec of definition.services) {
      this.#specs.set(spec.name, spec);
      if (run === undefined) this.#functions.delete(spec.name);
      else this.#functions.set(spec.name, run);
    }
    this.#base = definition;
  }

  /** All of them. */
  get specs(): readonly Spec[] {
    return [...this.#specs.values()];
  }

  /** The function behind a service with `run`. */
  functionOf(name: ServiceName): ServiceFunction | undefined {
    return this.#functions.get(name);
  }

  /** The definition of all services whose dependencies are there and free of circles, as far as they reach. */
  definition(): Definition {
    const base = this.#base ?? this.#empty();
    const whole = { ...base, services: this.#sound() };
    return { ...whole, hash: definitionHash(whole) };
  }

  /**
   * Refuses names that cannot be brought up.
   * Errors: RSE4001 with all unknown names in `services`; DefinitionError with the faults of what they need.
   */
  demand(names: readonly ServiceName[]): void {
    const unknown = names.filter((name) => !this.#specs.has(name));
    const [first] = unknown;
    if (first !== undefined) {
      const near = nearest(first, [...this.#specs.keys()]);
      const list = unknown.map((name) => `"${name}"`).join(', ');
      throw new NotFoundError('RSE4001', `cannot find service ${list}: it is not registered`, {
        service: first,
        services: unknown,
        hint: near === null ? 'register it first: registerService' : `did you mean "${near}"?`,
      });
    }
    const issues = this.faultsOf(names);
    if (issues.length > 0) throw new DefinitionError(issues);
  }

  /** The faults of the graph that these services reach; empty when they can be used. */
  faultsOf(names: readonly ServiceName[]): readonly Issue[] {
    const reached = new Set<ServiceName>();
    const open = [...names];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const spec = this.#specs.get(name);
      if (spec === undefined || reached.has(name)) continue;
      reached.add(name);
      open.push(...spec.dependencies.map((edge) => edge.name));
    }
    return check(this.specs.filter(({ name }) => reached.has(name)));
  }

  /** Takes away whoever has a fault, then whoever needs one of these, until nothing is left to find. */
  #sound(): readonly Spec[] {
    let specs = this.specs;
    for (;;) {
      const issues = check(specs);
      if (issues.length === 0) return specs;
      const present = new Set(specs.map(({ name }) => name));
      // The first named is the one that needs; of a circle all of them do.
      const gone = new Set(
        issues.flatMap(({ code, services }) => (code === 'RSE1201' ? services : services.slice(0, 1))),
      );
      specs = specs.filter(
        ({ name, dependencies }) => !gone.has(name) && dependencies.every((edge) => present.has(edge.name)),
      );
    }
  }

  #empty(): Definition {
    return parseDefinitionDocument(
      { services: {}, orchestrator: this.#orchestrator() },
      {
        directory: this.#settings.directory,
        project: 'orchestrator',
        environment: this.#settings.environment,
        made: 'library',
        check,
      },
    ).definition;
  }

  #document(fields: ServiceFields): unknown {
    return { services: [fields], orchestrator: this.#orchestrator() };
  }

  #orchestrator(): unknown {
    const { nuPath, provisioningPath, autoStartDependencies, managerEnabled } = this.#settings;
    return {
      services: {
        manager_enabled: managerEnabled,
        auto_start_dependencies: autoStartDependencies,
        ...(nuPath === null ? {} : { nu_path: nuPath }),
        ...(provisioningPath === null ? {} : { provisioning_path: provisioningPath }),
      },
    };
  }
}
