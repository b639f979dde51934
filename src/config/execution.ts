/** How a service runs: exactly one key decides it. */
import type { ServiceInput } from '../contract/definition-service.ts';
import type { Command, Execution, Kind } from '../model/spec.ts';
import { type CommandPlace, commandOf } from './command.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { Span } from './source.ts';
import { type Path, type Table, childOf } from './tree.ts';

/** A service's table with what is known of it. `runs`: whether a program gave a function to run. */
export interface ExecutionPlace {
  readonly table: Table;
  readonly path: Path;
  readonly command: CommandPlace;
  readonly service: { readonly name: string; readonly span: Span | null };
  readonly kind: Kind;
  readonly runs: 'function' | 'no';
}

/** The execution, or null after its faults were reported: RSE1103 none given, RSE1106 several. */
export function executionOf(input: ServiceInput, place: ExecutionPlace): Execution | null {
  const ways = [
    ...(input.command === undefined ? [] : ['command']),
    ...(input.start_command === undefined ? [] : ['start_command']),
    ...(input.external === true ? ['external'] : []),
    ...(place.runs === 'no' ? [] : ['run']),
  ];
  const [way, second] = ways;
  if (way === undefined) return missing(place);
  if (second !== undefined)
    return refuse(place, second, {
      code: 'RSE1106',
      message: `"${way}" and "${second}" of "${place.service.name}" exclude each other`,
      hint: 'exactly one of command, start_command and external decides how a service runs',
    });
  const stray = (['stop_command', 'status_command'] as const).find(
    (key) => way !== 'start_command' && input[key] !== undefined,
  );
  if (stray !== undefined)
    return refuse(place, stray, {
      code: 'RSE1106',
      message: `"${stray}" of "${place.service.name}" belongs to "start_command"`,
      hint:
        stray === 'stop_command' ? 'for a command: stop = { command = "…" }' : 'for a command: health = { exec = "…" }',
    });
  if (way === 'external') return external(input, place);
  if (way === 'run') return { type: 'function' };
  return way === 'command' ? processOf(place) : managed(place);
}

function processOf(place: ExecutionPlace): Execution | null {
  const command = commandAt('command', place);
  return command === null ? null : { type: 'process', command };
}

function managed(place: ExecutionPlace): Execution | null {
  const start = commandAt('start_command', place);
  const stop = commandAt('stop_command', place);
  const status = commandAt('status_command', place);
  return start === null ? null : { type: 'command', start, stop, status };
}

// An empty stop command is how the guide's structure says that there is none.
function commandAt(
  key: 'command' | 'start_command' | 'stop_command' | 'status_command',
  place: ExecutionPlace,
): Command | null {
  const tree = childOf(place.table, key);
  if (tree === undefined || (key === 'stop_command' && tree.type === 'scalar' && tree.value === '')) return null;
  return commandOf(tree, { ...place.command, path: [...place.path, key] });
}

function external(input: ServiceInput, place: ExecutionPlace): Execution | null {
  if (input.type === 'task')
    return refuse(place, 'type', {
      code: 'RSE1106',
      message: `"${place.service.name}" is external and cannot be a task`,
      hint: 'Rouse does not start what is external',
    });
  if (input.health !== undefined || input.health_check_endpoint !== undefined || input.ready !== undefined)
    return { type: 'external' };
  place.command.variables.report({
    code: 'RSE1103',
    message: `"${place.service.name}" is external and needs "health"`,
    span: place.table.entries.get('external')?.key ?? place.service.span,
    path: [...place.path, 'health'],
    hint: 'say how to see that it is there: health = "http://…", or health = { tcp = "host:port" }',
    services: [place.service.name],
  });
  return null;
}

function missing(place: ExecutionPlace): null {
  place.command.variables.report({
    code: 'RSE1103',
    message: `"${place.service.name}" does not say how it runs`,
    span: place.service.span,
    path: [...place.path, 'command'],
    hint: 'give it "command", "start_command", or "external" with "health"',
    services: [place.service.name],
  });
  return null;
}

function refuse(place: ExecutionPlace, key: string, words: { code: ErrorCode; message: string; hint: string }): null {
  place.command.variables.report({
    ...words,
    span: place.table.entries.get(key)?.key ?? place.service.span,
    path: [...place.path, key],
    services: [place.service.name],
  });
  return null;
}
