/** What runtimes and probes say, without what their services were given in secret. */
import type { Mask } from '../log/mask.ts';
import type { Tell } from '../ports/prober.ts';
import type { Report } from '../ports/runtime.ts';

/** Where runtimes and probes say what they have seen. */
export interface Sayings {
  readonly report: Report;
  readonly tell: Tell;
}

/** The same, with secrets hidden in every message: it may quote what a service printed, and goes into records and answers. */
export function hiding(mask: Mask, { report, tell }: Sayings): Sayings {
  return {
    tell: (said) => tell({ ...said, message: mask.text(said.service, said.message) }),
    report(said) {
      const { service } = said;
      if (said.type === 'hook-ended') return report({ ...said, message: mask.text(service, said.message) });
      if (said.type !== 'start-failed') return report(said);
      report({ ...said, fault: { ...said.fault, message: mask.text(service, said.fault.message) } });
    },
  };
}
