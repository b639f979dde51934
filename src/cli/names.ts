/** Services by the names that were typed. */
import { NotFoundError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import { declaredName } from '../model/replica.ts';

/** The services of those names, or the replicas that bear them, in the order typed; all of them where none was. Errors: RSE4001 with the nearest name. */
export function chosen<Named extends { readonly name: string }>(
  services: readonly Named[],
  names: readonly string[],
): readonly Named[] {
  if (names.length === 0) return services;
  return names.flatMap((name) => {
    const found = services.filter((service) => service.name === name);
    if (found.length > 0) return found;
    const replicas = services.filter((service) => declaredName(service.name) === name);
    if (replicas.length > 0) return replicas;
    throw unknownService(
      name,
      services.map((service) => service.name),
    );
  });
}

/** The names that the typed ones mean, replicas one by one, each once; none where none was typed. Errors: as `chosen`. */
export function meantNames(
  services: readonly { readonly name: string }[],
  names: readonly string[],
): readonly string[] {
  return names.length === 0 ? [] : [...new Set(chosen(services, names).map(({ name }) => name))];
}

/** The error for a name that no service has (RSE4001). */
export function unknownService(name: string, known: readonly string[]): NotFoundError {
  const near = nearest(name, known);
  const shown = known.slice(0, 10).join(', ') + (known.length > 10 ? ` and ${known.length - 10} more` : '');
  return new NotFoundError('RSE4001', `cannot find service "${name}": there is none of that name`, {
    service: name,
    hint: near === null ? `services: ${shown}` : `did you mean "${near}"?`,
  });
}
