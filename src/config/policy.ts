/** `restart`, `stop` and `logs` to the rules of a service. */
import { constants } from 'node:os';
import type { ServiceInput } from '../contract/definition-service.ts';
import { parseSize } from '../model/duration.ts';
import { nearest } from '../model/nearest.ts';
import type { Kind, LogRule, RestartPolicy, StopRule } from '../model/spec.ts';
import { type CommandPlace, commandOf } from './command.ts';
import { ms } from './probe.ts';
import { type Path, type Table, childOf, spanAt } from './tree.ts';

/** A service's table with what its commands need. */
export interface RulePlace {
  readonly table: Table;
  readonly command: CommandPlace;
  readonly path: Path;
}

const MIB = 1024 ** 2;

/** The restart policy; a table without `policy` keeps the default of the kind. RSE1102 when the waits contradict. */
export function restartOf(input: ServiceInput['restart'], kind: Kind, place: RulePlace): RestartPolicy {
  const table = typeof input === 'string' ? { policy: input } : (input ?? {});
  const usual = kind === 'service' ? 'on-failure' : 'no';
  const policy = table.policy === 'unless-stopped' ? 'always' : (table.policy ?? usual);
  const delayMs = ms(table.delay, 500);
  const maxDelayMs = ms(table.max_delay, Math.max(30_000, delayMs));
  if (delayMs > maxDelayMs)
    place.command.variables.report({
      code: 'RSE1102',
      message: `"delay" of "${place.command.service}" is longer than "max_delay"`,
      span: spanAt(place.table, ['restart', 'delay']),
      path: [...place.path, 'restart', 'delay'],
      services: [place.command.service],
    });
  return {
    policy,
    delayMs,
    factor: table.factor ?? 2,
    maxDelayMs,
    jitter: table.jitter ?? 0.2,
    resetAfterMs: ms(table.reset_after, 60_000),
    limit: table.max ?? 10,
    withinMs: ms(table.within, 300_000),
    atLimit: table.at_limit ?? 'fail',
  };
}

/** The stop rule. RSE1102 for a signal that does not exist; `TERM` and `SIGTERM` are the same. */
export function stopOf(input: ServiceInput['stop'], place: RulePlace): StopRule {
  const table = typeof input === 'string' ? { signal: input } : (input ?? {});
  const tree = childOf(childOf(place.table, 'stop'), 'command');
  const command =
    tree === undefined ? null : commandOf(tree, { ...place.command, path: [...place.path, 'stop', 'command'] });
  return {
    signal: signalOf(table.signal ?? 'SIGTERM', ['stop', 'signal'], place),
    timeoutMs: ms(table.timeout, 10_000),
    command,
    scope: table.scope ?? 'tree',
    drainMs: ms(table.drain, 0),
  };
}

/** The signal of that name, with or without its SIG. RSE1102 when there is none; SIGTERM then. */
export function signalOf(written: string, at: Path, place: RulePlace): string {
  const name = written.startsWith('SIG') ? written : `SIG${written}`;
  if (Object.hasOwn(constants.signals, name)) return name;
  const near = nearest(name.toUpperCase(), Object.keys(constants.signals));
  place.command.variables.report({
    code: 'RSE1102',
    message: `there is no signal "${written}"`,
    span: spanAt(place.table, at),
    path: [...place.path, ...at],
    suggestion: near === null ? null : `"${near}"`,
    services: [place.command.service],
  });
  return 'SIGTERM';
}

/** The rule for output on disk. */
export function logRuleOf(input: ServiceInput['logs']): LogRule {
  return { keepBytes: parseSize(input?.keep ?? '') ?? 50 * MIB, format: input?.format ?? 'text' };
}
