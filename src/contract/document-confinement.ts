/** As whom a service runs in the words of the definition file; what is as it is when nothing is said is left out. */
import type { Spec } from '../model/spec.ts';
import { durationOf } from './document-probe.ts';

type Table = Readonly<Record<string, unknown>>;

/** What a document says of a service's confinement and of its secrets, which are told by where they are kept alone. */
export function confinementOf({ confinement, secrets }: Spec): Table {
  const { user, group, sandbox, network, writable, lowPorts } = confinement;
  const kept = Object.entries(secrets).map(([name, { file, as }]) => [name, { file, as }] as const);
  return {
    ...(user === null ? {} : { user }),
    ...(group === null ? {} : { group }),
    ...(sandbox === 'default' ? {} : { sandbox }),
    ...(network === 'host' ? {} : { network }),
    ...(writable.length === 0 ? {} : { writable }),
    ...(lowPorts === 'refused' ? {} : { low_ports: true }),
    ...(kept.length === 0 ? {} : { secrets: Object.fromEntries(kept) }),
  };
}

/** The limits of each process, for the table `limits`. */
export function processLimitsOf({ confinement }: Spec): Table {
  const { files, coreBytes, fileSizeBytes, cpuTimeMs, stackBytes, lockedMemoryBytes, nice } = confinement.limits;
  return {
    ...(files === null ? {} : { files }),
    ...inBytes('core', coreBytes),
    ...inBytes('file_size', fileSizeBytes),
    ...(cpuTimeMs === null ? {} : { cpu_time: durationOf(cpuTimeMs) }),
    ...inBytes('stack', stackBytes),
    ...inBytes('locked_memory', lockedMemoryBytes),
    ...(nice === null ? {} : { nice }),
  };
}

const inBytes = (key: string, bytes: number | null): Table => (bytes === null ? {} : { [key]: `${bytes}B` });
