/** Conflicts with itself, or with nobody. That one is kept with what is needed is looked at with the graph. */
import { nearest } from '../model/nearest.ts';
import { declaredName } from '../model/replica.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Report } from './fault.ts';
import type { MergedService } from './stand-in.ts';
import { childOf, textsOf } from './tree.ts';

/** Reports conflicts that name nobody: RSE1202 itself, RSE1203 unknown. */
export function checkConflicts(services: readonly MergedService[], report: Report): void {
  const known = new Set(services.flatMap(({ name }) => [name, declaredName(name)]));
  services.forEach((service) => {
    textsOf(childOf(service.table, 'conflicts')).forEach((element, place) => {
      const written = String(element.value);
      const words = faultOf(written, { service: service.name, known });
      if (words === null) return;
      report({
        ...words,
        span: element.span,
        path: ['services', declaredName(service.name), 'conflicts', place],
        services: [service.name, written],
      });
    });
  });
}

interface Conflicting {
  readonly service: ServiceName;
  readonly known: ReadonlySet<ServiceName>;
}

function faultOf(written: ServiceName, { service, known }: Conflicting): Words | null {
  if (written === declaredName(service) || written === service)
    return { code: 'RSE1202', message: `"${service}" conflicts with itself`, hint: 'remove the conflict' };
  if (!known.has(written)) {
    const near = nearest(written, known);
    return {
      code: 'RSE1203',
      message: `"${service}" conflicts with "${written}", which does not exist`,
      suggestion: near === null ? null : `"${near}"`,
      hint: near === null ? `declare "${written}", or remove the conflict` : `did you mean "${near}"?`,
    };
  }
  return null;
}

type Words = Pick<Parameters<Report>[0], 'code' | 'message' | 'hint' | 'suggestion'>;
