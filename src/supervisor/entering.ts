/** What a person does to a run beside starting and stopping it: signals, and commands of his own in its surroundings. */
import { find } from '../core/system.ts';
import type { System } from '../core/system.ts';
import type { Engine } from '../engine/engine.ts';
import type { Actor } from '../model/change.ts';
import { ConflictError, type ErrorCode, RouseError } from '../model/errors.ts';
import type { LaunchOrder, Launching } from '../model/launching.ts';
import type { StartFault } from '../model/reason.ts';
import type { Service } from '../model/service.ts';
import type { Command, ServiceName, Settings, Spec } from '../model/spec.ts';
import { confineCommand } from '../runtime/confine-launch.ts';
import type { Confining } from '../runtime/confining.ts';
import { childEnvironment } from '../runtime/environment.ts';
import type { GuardOf } from '../runtime/guard.ts';
import type { Host } from '../runtime/host.ts';
import { launchOf } from '../runtime/launch.ts';
import type { SignalOrder } from './port.ts';

/** How a command is run as the service would be, in the surroundings of its live run, else of its next. */
export type LaunchingOf = (service: Service, order: LaunchOrder) => Launching;

/**
 * The way to run things on this host. Errors: RSE2101 program not found (RSE2108: Nushell), RSE2113 it cannot be executed,
 * RSE2114 it is not trusted, RSE2116 it cannot be confined as its service is, RSE2109 the working folder is not there; RSE4020 the service has no command of its own, and none was given.
 */
export function launchingOn(
  { host, guard, confining }: { readonly host: Host; readonly guard: GuardOf; readonly confining: Confining },
  settings: () => Pick<Settings, 'nuPath'>,
): LaunchingOf {
  return ({ spec: next, runSpec, phase, run }, order) => {
    const spec = phase === 'ready' || phase === 'starting' || phase === 'stopping' ? (runSpec ?? next) : next;
    const environment = childEnvironment(spec, run, host);
    const launch = launchOf(commandOf(spec, order), {
      path: host.path,
      leftOut: host.leftOut,
      guard: guard(spec),
      directory: spec.cwd,
      umask: spec.umask,
      nuPath: settings().nuPath,
      environment,
    });
    if (launch.type === 'fault') throw refused(spec, launch.fault);
    const confined = confineCommand(confining, spec, { launch, environment });
    if (confined.type === 'fault') throw refused(spec, confined.fault);
    const env = Object.entries(confined.environment).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    return { file: confined.launch.file, args: confined.launch.args, env: Object.fromEntries(env), cwd: spec.cwd };
  };
}

/** Sends a signal to live runs, and notes who did. Errors: RSE4019 one of them has no process of its own; nothing is sent then. */
export function sendSignal(
  engine: Pick<Engine, 'system' | 'world' | 'note'>,
  services: readonly ServiceName[],
  { signal, scope }: SignalOrder,
  by: Actor,
): void {
  for (const { spec, run } of signalled(engine.system, services)) {
    engine.note({ type: 'service.signalled', service: spec.name, run, signal, scope }, by);
    engine.world.runtime.signal(spec.name, run, signal, scope);
  }
}

function signalled(system: System, services: readonly ServiceName[]): readonly Service[] {
  return services.map((name) => {
    const service = find(system, name);
    const isThere = service !== undefined && service.pid !== null && service.spawned === 'yes';
    if (isThere) return service;
    throw new ConflictError('RSE4019', `cannot send a signal to "${name}": ${whyNot(service)}`, {
      service: name,
      hint: `how it is: rouse status ${name}`,
    });
  });
}

function whyNot(service: Service | undefined): string {
  const type = service?.spec.execution.type;
  return type === 'process' ? 'it is not running' : 'it has no process of its own';
}

function commandOf(spec: Spec, { command, more }: LaunchOrder): Command {
  if (command !== null) return { argv: [...command, ...more], via: 'exec', source: command.join(' '), origin: null };
  if (spec.execution.type !== 'process')
    throw new ConflictError('RSE4020', `cannot run "${spec.name}": it has no command of its own`, {
      service: spec.name,
      hint: `say what to run: rouse exec ${spec.name} -- sh`,
    });
  const own = spec.execution.command;
  if (own.via !== 'shell' || more.length === 0) return { ...own, argv: [...own.argv, ...more] };
  // A shell takes words after its line as parameters; the line gets them at its end, as npm and make do it.
  return { ...own, via: 'exec', argv: ['/bin/sh', '-c', `${own.argv[0] ?? ''} "$@"`, spec.name, ...more] };
}

function refused(spec: Spec, { code, message, program, hint }: StartFault): RouseError {
  const byCode: Partial<Record<StartFault['code'], ErrorCode>> = {
    'not-found': 'RSE2101',
    'not-executable': 'RSE2113',
    'not-trusted': 'RSE2114',
    secret: 'RSE2115',
    isolation: 'RSE2116',
  };
  const known = byCode[code] ?? 'RSE2109';
  const named = program === 'nu' && code === 'not-found' ? 'RSE2108' : known;
  const fields = { service: spec.name, ...(hint === null ? {} : { hint }) };
  return new RouseError(named, `cannot run a command as "${spec.name}": ${message}`, fields);
}
