/** Every command that a definition may have run for a service. */
import type { Command, Probe, Spec } from './spec.ts';

/** Those of the service itself, of its stop, its hooks and its probes, in that order; may be empty. */
export function commandsOf(
  spec: Pick<Spec, 'execution' | 'stop' | 'hooks' | 'readiness' | 'liveness'>,
): readonly Command[] {
  const { execution, stop, hooks, readiness, liveness } = spec;
  const own =
    execution.type === 'process'
      ? [execution.command]
      : execution.type === 'command'
        ? [execution.start, execution.stop, execution.status]
        : [];
  const around = Object.values(hooks).map((hook) => hook?.command ?? null);
  const asked = [readiness.type === 'probe' ? askedBy(readiness.probe) : null, askedBy(liveness?.probe ?? null)];
  return [...own, stop.command, ...around, ...asked].filter((command) => command !== null);
}

/** Whether any of them is handed to a shell. */
export const usesShell = (spec: Parameters<typeof commandsOf>[0]): 'yes' | 'no' =>
  commandsOf(spec).some(({ via }) => via === 'shell') ? 'yes' : 'no';

const askedBy = (probe: Probe | null): Command | null => (probe?.target.type === 'exec' ? probe.target.command : null);
