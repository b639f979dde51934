/** A service of which there are several: one merged service for each, and the names that others mean by it. */
import { replicaName, replicasByName } from '../model/replica.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Report } from './fault.ts';
import type { MergedService } from './stand-in.ts';
import { childOf, withEntries } from './tree.ts';

/** The most of one service. */
const MAX_REPLICAS = 100;

/** How many there are to be of some services, as long as the definition says for itself what it said then. */
export type Scale = Readonly<Record<ServiceName, { readonly count: number; readonly over: number }>>;

/**
 * The services with each that has `replicas` put in as often as that. `scale` wins over a definition that says `over`.
 * Shapes: in the order of declaration, replicas by number. A count that the schema refuses leaves the service as it is,
 * and the schema reports it. Errors: RSE1106 for what cannot be there twice; RSE1115 for a name that is there already.
 */
export function withReplicas(
  services: readonly MergedService[],
  scale: Scale,
  report: Report,
): readonly MergedService[] {
  const names = new Set(services.map(({ name }) => name));
  return services.flatMap((service) => {
    const count = countOf(service, scale);
    if (count === null) return [service];
    const key = ['command', 'start_command', 'external', 'run'].find((way) => service.table.entries.has(way));
    if (count > 1 && key !== 'command' && key !== undefined) {
      refuse(service, key, report);
      return [plain(service)];
    }
    // Where the file has several, the one that is left keeps its number: it runs on.
    if (count === 1 && (countOf(service, {}) ?? 1) === 1) return [plain(service)];
    return Array.from({ length: count }, (_, index) => {
      const name = replicaName(service.name, index + 1);
      if (names.has(name)) twice(service, name, report);
      return { ...plain(service), name };
    });
  });
}

/** What each name stands for among these services. */
export const membersOf = (services: readonly MergedService[]): ReadonlyMap<ServiceName, readonly ServiceName[]> =>
  replicasByName(services.map(({ name }) => name));

function countOf(service: MergedService, scale: Scale): number | null {
  const tree = childOf(service.table, 'replicas');
  const written = tree?.type === 'scalar' ? tree.value : undefined;
  const scaled = Object.hasOwn(scale, service.name) ? scale[service.name] : undefined;
  const count = scaled !== undefined && scaled.over === (written ?? 1) ? scaled.count : written;
  const isCount = typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= MAX_REPLICAS;
  return isCount ? count : null;
}

/** How many of each the documents ask for. Shapes: services that run by a command of Rouse's own; 1 where nothing is said. */
export function declaredCounts(services: readonly MergedService[]): ReadonlyMap<ServiceName, number> {
  const own = services.filter(({ table }) => table.entries.has('command'));
  return new Map(own.map((service) => [service.name, countOf(service, {}) ?? 1]));
}

const plain = (service: MergedService): MergedService => ({
  ...service,
  table: {
    ...withEntries(
      service.table,
      [...service.table.entries].filter(([key]) => key !== 'replicas'),
    ),
  },
});

function refuse(service: MergedService, key: string, report: Report): void {
  report({
    code: 'RSE1106',
    message: `there can be one "${service.name}" only: "replicas" goes with "command", not with "${key}"`,
    span: service.table.entries.get('replicas')?.key ?? service.span,
    path: ['services', service.name, 'replicas'],
    hint: 'take "replicas" out, or let Rouse run it: command = "…"',
    services: [service.name],
  });
}

function twice(service: MergedService, name: ServiceName, report: Report): void {
  report({
    code: 'RSE1115',
    message: `service "${name}" is defined twice: "replicas" of "${service.name}" makes it too`,
    span: service.span,
    path: ['services', name],
    services: [name],
  });
}
