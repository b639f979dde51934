/** Conflicts that cannot be: with itself, with nobody, with what is needed. */
import { nearest } from '../model/nearest.ts';
import { declaredName } from '../model/replica.ts';
import type { ServiceName, Spec } from '../model/spec.ts';
import type { Report } from './fault.ts';
import type { MergedService } from './stand-in.ts';
import { childOf, textsOf } from './tree.ts';

/** Reports what is wrong with the conflicts of a set: RSE1202 with itself, RSE1203 unknown, RSE1204 with what it needs. */
export function checkConflicts(services: readonly MergedService[], specs: readonly Spec[], report: Report): void {
  const known = new Set(services.flatMap(({ name }) => [name, declaredName(name)]));
  services.forEach((service, index) => {
    const needed = new Set(
      (specs[index]?.dependencies ?? [])
        .filter(({ need }) => need === 'required')
        .flatMap(({ name }) => [name, declaredName(name)]),
    );
    textsOf(childOf(service.table, 'conflicts')).forEach((element, place) => {
      const written = String(element.value);
      const words = faultOf(written, { service: service.name, known, needed });
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
  readonly needed: ReadonlySet<ServiceName>;
}

function faultOf(written: ServiceName, { service, known, needed }: Conflicting): Words | null {
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
  if (!needed.has(written)) return null;
  const message = `"${service}" conflicts with "${written}", which it needs`;
  return { code: 'RSE1204', message, hint: 'remove the conflict, or the dependency' };
}

type Words = Pick<Parameters<Report>[0], 'code' | 'message' | 'hint' | 'suggestion'>;
