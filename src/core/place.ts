/** Where in a definition to look because of a service's state. */
import type { Service } from '../model/service.ts';
import type { Origin } from '../model/spec.ts';

/** The command's place while its program cannot be run, else the place of the service; null when there is no file. */
export function placeOf({ spec, reason }: Service): Origin | null {
  const cause = reason.code === 'restart-limit' ? reason.last : reason;
  if (cause.code !== 'start-failed') return spec.origin;
  const { execution } = spec;
  const command =
    execution.type === 'process' ? execution.command : execution.type === 'command' ? execution.start : null;
  return command?.origin ?? spec.origin;
}
