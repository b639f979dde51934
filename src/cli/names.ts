/** Services by the names that were typed. */
import { NotFoundError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';

/** The services of those names in the order typed; all of them where none was. Errors: RSE4001 with the nearest name. */
export function chosen<Named extends { readonly name: string }>(
  services: readonly Named[],
  names: readonly string[],
): readonly Named[] {
  if (names.length === 0) return services;
  return names.map((name) => {
    const found = services.find((service) => service.name === name);
    if (found !== undefined) return found;
    throw unknownService(
      name,
      services.map((service) => service.name),
    );
  });
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
