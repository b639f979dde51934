/** A run that the kernel ended because its memory was used up: what it was allowed, and what helps. */
import type { Fix } from '../model/explanation.ts';
import type { Ending, Reason } from '../model/reason.ts';
import type { Service } from '../model/service.ts';
import { placeOf } from './place.ts';

const MIB = 1024 * 1024;

/** How the last run ended, with its cause where the reason bears it. */
export function lastEnding(service: Service): Ending {
  const { exitCode, exitSignal: signal } = service;
  const cause = endingOf(service.reason)?.cause;
  return cause === undefined ? { exitCode, signal } : { exitCode, signal, cause };
}

/** What it was allowed; empty where its memory was not the cause. */
export function memoryFacts(service: Service): readonly string[] {
  if (lastEnding(service).cause !== 'memory') return [];
  const { name } = service.spec;
  const { memoryBytes } = (service.runSpec ?? service.spec).limits;
  return [
    memoryBytes === null
      ? `${name} has no limit of memory of its own: the machine, or the group that it is in, had none left`
      : `${name} may use ${sizeText(memoryBytes)} of memory (limits.memory)`,
  ];
}

/** What helps; empty where its memory was not the cause. */
export function memoryFixes(service: Service): readonly Fix[] {
  if (lastEnding(service).cause !== 'memory') return [];
  const { name } = service.spec;
  const { memoryBytes } = service.spec.limits;
  const origin = placeOf(service);
  const where = origin === null ? `in [services.${name}]` : `in ${origin.file}:${origin.line}`;
  if (memoryBytes === null)
    return [
      { text: `free memory on this machine, or hold ${name} to less with limits.memory, ${where}`, command: null },
    ];
  return [{ text: `allow ${name} more, ${where}`, command: `limits.memory = "${sizeText(2 * memoryBytes)}"` }];
}

function endingOf(reason: Reason): Ending | null {
  if (reason.code === 'restart-limit') return endingOf(reason.last);
  return 'ending' in reason ? reason.ending : null;
}

/** A size as a definition writes it. */
function sizeText(bytes: number): string {
  if (bytes % MIB === 0) return `${bytes / MIB}MiB`;
  return bytes % 1024 === 0 ? `${bytes / 1024}KiB` : `${bytes}B`;
}
